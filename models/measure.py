"""What can a rule of severity ask about? The measures, with their units."""

from enum import StrEnum


class Measure(StrEnum):
    """One thing that is known of an affected service, or of the incident as a whole."""

    CUSTOMER_FACING = "customer_facing"
    """The catalog says that users meet the service; where it is silent: true, and that is told."""
    TIER = "tier"
    """Of the catalog; 1 is the most critical."""
    REVENUE_PATH = "revenue_path"
    """The catalog says that money is earned through the service."""
    PATIENT_SAFETY = "patient_safety"
    REGULATED_TRADING = "regulated_trading"
    PERSONAL_DATA = "personal_data"

    ERROR_SHARE = "error_share"
    """Failing requests of all (%)."""
    UNCOUNTED_ERRORS = "uncounted_errors"
    """Errors are above their threshold, and nobody tells of how many requests."""
    LATENCY_FACTOR = "latency_factor"
    """Latency over its baseline (times)."""
    OVERSHOOT = "overshoot"
    """Value of an alert over its threshold, or the inverse for one that falls (times)."""
    SENT_SEVERITY = "sent_severity"
    """The sender's word; it and any more urgent one meets a limit; an unknown one counts as high."""
    TRANSACTION_LOSS = "transaction_loss"
    """How far a business counter (orders, payments, …) is below its baseline (%)."""
    FAILING = "failing"
    """The service fails: it does not merely deviate."""
    ERROR_LINES = "error_lines"
    """A log signature of errors is new, or surges."""
    LOG_ERROR_SHARE = "log_error_share"
    """Errors are a larger share of the log lines than usual."""
    SATURATION = "saturation"
    """How full a resource is (%)."""
    EXHAUSTION = "exhaustion"
    """Time until a resource is full, at the rate at which it fills (minutes)."""
    BURN_RATE_5M = "burn_rate_5m"
    """Error share over what the objective allows, over the last 5 minutes (times)."""
    BURN_RATE_30M = "burn_rate_30m"
    BURN_RATE_1H = "burn_rate_1h"
    BURN_RATE_6H = "burn_rate_6h"
    GROWTH = "growth"
    """Error share now over what it was when it was first seen (times)."""
    DATA_EXPOSURE = "data_exposure"
    """Log lines tell of exposed data."""
    FAILED_CREDENTIALS = "failed_credentials"
    """Log lines of refused credentials in one window."""

    FAILING_SERVICES = "failing_services"
    ERRING_SERVICES = "erring_services"
    """Services with failing requests, error lines, or an alert of their own: slowness that nobody alerts on
    reaches all callers of one slow service."""
    AFFECTED_SERVICES = "affected_services"
    """Services with an alert or a symptom, failing or not."""
    REGIONS = "regions"
    """Regions that are hit."""
    TENANTS = "tenants"
    """Tenants that are hit."""
    SINGLE_TENANT = "single_tenant"
    """All that is hit is one tenant, by evidence."""
    KEY_TENANT = "key_tenant"
    """A tenant that is hit is on the list `key_tenants`."""
    DEPENDENCY_ALERTING = "dependency_alerting"
    """An alert of a service that the entry service calls."""
    RECENT_CHANGE = "recent_change"
    """Age of the latest change of an affected service or of what it calls (minutes)."""
    RECURRENCE = "recurrence"
    """An incident of the same scope was closed within the day before, or an earlier one showed alike."""
    PEAK = "peak"
    """The calendar says that it is a busy time."""
    MARKET_HOURS = "market_hours"
    """The calendar says that a market is open."""


WORDS = (Measure.SENT_SEVERITY,)
"""Measures whose limit is a word."""

NUMBERS = {
    Measure.TIER: "tier",
    Measure.ERROR_SHARE: "%",
    Measure.LATENCY_FACTOR: "times",
    Measure.OVERSHOOT: "times",
    Measure.TRANSACTION_LOSS: "%",
    Measure.SATURATION: "%",
    Measure.EXHAUSTION: "minutes",
    Measure.BURN_RATE_5M: "times",
    Measure.BURN_RATE_30M: "times",
    Measure.BURN_RATE_1H: "times",
    Measure.BURN_RATE_6H: "times",
    Measure.GROWTH: "times",
    Measure.FAILED_CREDENTIALS: "lines",
    Measure.FAILING_SERVICES: "services",
    Measure.ERRING_SERVICES: "services",
    Measure.AFFECTED_SERVICES: "services",
    Measure.REGIONS: "regions",
    Measure.TENANTS: "tenants",
    Measure.RECENT_CHANGE: "minutes",
}
"""Measures whose limit is a number, with its unit; all others are true or false."""

COUNTED = ("tier", "lines", "services", "regions", "tenants")
"""Units of which there are whole ones only, from one on."""

SENT_WORDS = ("emergency", "critical", "high", "warning", "informational")
"""Limits of `sent_severity`, the most urgent first."""
