"""The card provider fails for four minutes; accounts, deployed 44 minutes before, is well."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.service import ERROR_RATIO, P95, Service
from tests.golden.story import Story
from tests.golden.trace import Call, tell_requests
from tests.golden.traffic import Stretch, Trouble, lines_of

START = datetime(2026, 4, 21, 8, 0, tzinfo=UTC)
# What was changed is known from further back than what was measured, as when telemetry is kept briefly.
MEASURED = Stretch(start=36.0, end=51.0)
OUTAGE = Trouble(start=44.0, end=48.0, grows_within=0.3, fades_within=0.4)


SERVICES = (
    Service(
        name="booking-web",
        requests_per_s=40,
        p95_ms=280,
        lines=lines_of(
            "booking-web",
            (14, "INFO", "GET /trips 200 {ms}ms client={ip}"),
            (2, "WARN", "price of trip {hex} is older than {count} minutes, asking again"),
        ),
    ),
    Service(
        name="bookings",
        requests_per_s=9,
        p95_ms=520,
        pool_in_use=7,
        trouble=OUTAGE,
        troubled={ERROR_RATIO: 31.0, P95: 3_900.0},
        lines=(
            *lines_of("bookings", (12, "INFO", "booking {order} confirmed for {user}")),
            *lines_of(
                "bookings",
                (18, "ERROR", "booking {order} not confirmed: payments answered 502"),
                trouble=OUTAGE,
            ),
        ),
    ),
    Service(
        name="payments",
        requests_per_s=9,
        p95_ms=380,
        trouble=OUTAGE,
        troubled={ERROR_RATIO: 34.0, P95: 3_700.0},
        lines=(
            *lines_of(
                "payments",
                (12, "INFO", "card-provider approved authorization {hex} in {ms} ms"),
                (1, "WARN", "card-provider asked to slow down, waiting {ms} ms"),
            ),
            *lines_of(
                "payments",
                (24, "ERROR", "card-provider answered 503 to authorization {hex}: service unavailable"),
                (8, "ERROR", "connection to card-provider timed out after 5000 ms"),
                trouble=OUTAGE,
            ),
        ),
    ),
    Service(
        name="accounts",
        requests_per_s=22,
        p95_ms=70,
        lines=lines_of(
            "accounts",
            (10, "INFO", "profile of {user} read in {ms} ms"),
            (1, "WARN", "sign-in of {user} from a new address {ip}"),
        ),
    ),
)
_PROVIDER = Call(
    service="card-provider",
    operation="authorize",
    own_ms=160,
    external=True,
    trouble=OUTAGE,
    troubled_error_ratio=0.33,
    slower=14.0,
    timeout_ms=5_000.0,
)
_PAYMENT = Call(service="payments", operation="POST /authorizations", own_ms=20, calls=(_PROVIDER,))
BOOKING = Call(
    service="booking-web",
    operation="POST /bookings",
    own_ms=22,
    calls=(Call(service="bookings", operation="POST /bookings", own_ms=60, calls=(_PAYMENT,)),),
)
PROFILE = Call(
    service="booking-web",
    operation="GET /profile",
    own_ms=10,
    calls=(Call(service="accounts", operation="GET /profiles", own_ms=25),),
)


def story() -> Story:
    """Tell the whole story."""
    travel = Story(START, seed=7)
    travel.change(
        0.0,
        "deploy",
        "accounts",
        version="v77",
        previous_version="v76",
        commit="5be0c2d1f7a94836",
        summary="Deploy accounts v77: faster profile pages",
        state="succeeded",
    )
    for service in SERVICES:
        service.tell(travel, MEASURED)
    tell_requests(travel, BOOKING, 16, MEASURED)
    tell_requests(travel, PROFILE, 10, MEASURED)
    travel.alert_episode(
        "payments",
        "CardAuthorizationsFailing",
        fires=45.4,
        resolves=49.5,
        severity="critical",
        summary="Share of card authorizations that fail is above 10 %",
        value=34.0,
        threshold=10.0,
        unit="%",
    )
    travel.alert_episode(
        "bookings",
        "BookingErrorRateHigh",
        fires=45.9,
        resolves=49.6,
        severity="critical",
        summary="Share of failed bookings is above 5 %",
        value=31.0,
        threshold=5.0,
        unit="%",
    )
    travel.change(
        46.4,
        "config",
        "booking-web",
        name="banner",
        summary="Show a banner: card payments are disturbed",
        state="succeeded",
    )
    return travel


SCENARIO = Scenario(name="innocent_deploy", story=story)
