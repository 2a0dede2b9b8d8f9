"""A release of dispatch prints no labels any more; the printer server has nothing to do and says nothing.

What matters is missing rather than there: a signature vanishes, a service falls silent, and the release is
found by the version that its lines name. Pods and carriers have many names, depots such as no mask knows.
"""

from datetime import UTC, datetime
from random import Random

from tests.golden.scenario import Scenario
from tests.golden.story import Story

START = datetime(2026, 1, 13, 5, 30, tzinfo=UTC)
LENGTH = 34.0
RELEASED = 20.0
"""Minute in which the release is out everywhere but on one pod of six."""
ROLLED_BACK = 27.0
DEPOTS = ("lisbon", "oporto", "braga", "faro", "evora", "leiria", "beja", "guarda")
CARRIERS = [f"carrier-{number}" for number in range(40)]
BIGGEST = "carrier-7"


def story() -> Story:
    """Tell the whole story."""
    night = Story(START, seed=11)
    chance = night.chance("log lines")
    for tenth in range(int(LENGTH * 60 / 10)):
        minute = tenth / 6
        _dispatch(night, chance, minute)
        _printer(night, chance, minute)
    night.change(
        RELEASED, "deploy", "dispatch", version="v12", previous_version="v11", commit="77aa0c19be20",
        started=RELEASED - 1, summary="Deploy dispatch v12: ask for labels in batches", state="succeeded",
    )  # fmt: skip
    night.alert_episode(
        "dispatch", "ParcelsWaiting", fires=24.0, resolves=30.5, severity="critical",
        summary="More than 200 parcels wait for a label", value=340.0, threshold=200.0, unit="parcels",
    )  # fmt: skip
    night.feedback(25.2, "acknowledge", "dispatch")
    night.change(
        ROLLED_BACK, "rollback", "dispatch", version="v11", previous_version="v12",
        summary="Roll dispatch back to v11", state="succeeded",
    )  # fmt: skip
    night.feedback(31.5, "resolve", "dispatch", "Labels are printed again")
    return night


def _dispatch(night: Story, chance: Random, minute: float) -> None:
    """Tell ten seconds of dispatch: parcels come in all the time, labels are asked for by the old version."""
    for number in range(14):
        at = minute + (number + chance.random()) / 14 / 6
        pod = chance.randrange(6)
        is_new = RELEASED <= at < ROLLED_BACK and pod != 0
        carrier = BIGGEST if is_new and chance.random() < 0.9 else chance.choice(CARRIERS)
        place = {
            "service.version": "v12" if is_new else "v11",
            "k8s.pod.name": f"dispatch-{'7d9f' if is_new else '58c4'}-{pod}{chance.randrange(4)}",
            "tenant.id": carrier,
        }
        parcel = chance.randrange(10**7, 10**8)
        night.log(at, "dispatch", "INFO", f"parcel {parcel} weighed {parcel % 900} g", attributes=place)
        if not is_new:
            night.log(at, "dispatch", "INFO", f"label of parcel {parcel} asked for", attributes=place)
        elif at > RELEASED + 1.5:
            body = f"parcel {parcel} has waited {parcel % 400} s for its label"
            night.log(at, "dispatch", "WARN", body, attributes=place)
        if number % 2 == 0 and not RELEASED + 1 <= at < ROLLED_BACK:
            night.log(at, "dispatch", "INFO", f"page {parcel} confirmed by the printer", attributes=place)
        if number % 6 == 0:
            depot = DEPOTS[chance.randrange(int(min(8, 2 + minute / 2)))]
            night.log(at, "dispatch", "INFO", f"shipment to depot {depot} was closed", attributes=place)


def _printer(night: Story, chance: Random, minute: float) -> None:
    """Tell ten seconds of the printer server, which says nothing while nobody asks for labels."""
    if RELEASED + 1 <= minute < ROLLED_BACK:
        return
    for number in range(8):
        at = minute + (number + chance.random()) / 8 / 6
        night.log(at, "label-printer", "INFO", f"printed page {chance.randrange(10**5)} on tray {number % 3}")


SCENARIO = Scenario(name="silent_printer", story=story)
