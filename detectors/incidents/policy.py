"""Which thresholds and weights do the reasoners use, and why these?"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityPolicy:
    """When something is bad enough for which severity."""

    outage_error_ratio: float = 0.5
    """Share of failing requests (0 to 1) from which users would call it an outage: every second one fails."""
    far_beyond: float = 10.0
    """Value over threshold, or latency over baseline, from which it is no longer a matter of tuning."""
    wide_services: int = 3
    """Failing services from which it is no longer one service and its neighbour."""
    widespread_services: int = 4
    """With a critical alert at an exposed service: more teams at once than one responder can reach."""
    fresh_for: timedelta = timedelta(minutes=2)
    """A symptom last seen within this time is told in the present tense: two of the coarsest buckets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePolicy:
    """What an argument for or against a cause weighs, in points.

    The weights are an order, not a fit: when and where outweigh what the words say, and a
    contradiction by time outweighs everything else together.
    """

    recency: float = 3.0
    """A change that finished just before the onset; halves with each half-life of age."""
    half_life: timedelta = timedelta(minutes=30)
    """Most faulty changes show within an hour of going live, so an hour leaves a quarter."""
    onset_tolerance: timedelta = timedelta(seconds=10)
    """An onset is the start of a bucket of 10 s: within it, before and after cannot be told apart."""
    distance: float = 2.0
    """The change is at an affected service itself; halves with each call in between."""
    unrelated: float = -1.0
    """No affected service depends on it, as far as the catalog says."""
    deviated_first: float = 1.5
    """The service deviated before all others (or together with the first)."""
    later_than_first: float = -1.0
    """Another service had deviated before the change was live: at best it explains a part."""
    shared_words: float = 2.0
    """Most that words shared with what fails can give: words are the weakest argument."""
    shared_words_needed: int = 2
    """Shared words that give three quarters of it; each further one halves what is left."""
    new_version: float = 0.3
    """The deployment brought another version, not a restart of the same."""
    harmless_files: float = -2.0
    """It touched only documents or tests."""
    ended_after_rollback: float = 1.5
    """It was taken back, and what it should explain ended."""
    outlived_rollback: float = -1.5
    """It was taken back, and what it should explain went on."""
    settle: timedelta = timedelta(minutes=5)
    """How long a rollback needs to show: restarts and caches; also the quiet that shows an end."""
    after_onset: float = -10.0
    """It went live after the onset: more than all that could speak for it."""
    mechanism: float = 1.5
    """A metric of the service names how it fails."""
    explains_callers: float = 2.0
    """All other affected services depend on it; less by the share that does not."""
    alerting: float = 0.5
    """An alert of the service itself."""
    callee_affected: float = -1.5
    """A service that it calls is affected, and not later: the fault more likely lies there."""
    named_by_caller: float = 2.0
    """What fails at a caller names this outside party."""
    floor: float = 2.5
    """Below it, not even one strong argument (recency or distance) and a second one came together."""
    margin: float = 0.75
    """Points to the next rival: half of the smallest structural argument; less is chance."""
    most_candidates: int = 10
    """More than ten nobody reads at 3 am."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingPolicy:
    """How much is told."""

    headline_clauses: int = 3
    """One for the harm, one for the spread, one for the trigger."""
    next_actions: int = 5
    """What two people can do in the first minutes."""
    checks_per_candidate: int = 2
    checked_candidates: int = 3
    early_signature: timedelta = timedelta(minutes=1)
    """A symptom that preceded the first alert by this much would have been the better alert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """When incidents open, end and are forgotten (event time)."""

    symptoms_before: timedelta = timedelta(minutes=10)
    """Symptoms so long before the opening belong to the incident: most faults show before they page."""
    changes_before: timedelta = timedelta(hours=24)
    """Changes so old are still looked at: a fault may wait for the daily peak."""
    changes_told: timedelta = timedelta(hours=1)
    """Changes so long before the opening stand in the timeline."""
    symptoms_together: timedelta = timedelta(minutes=2)
    """Failures of two services within so long open an incident before any alert."""
    calm: timedelta = timedelta(minutes=2)
    """All alerts resolved for so long: recovered, and not a flap."""
    quiet: timedelta = timedelta(minutes=10)
    """No signal for so long while no alert fires: recovered."""
    abandoned: timedelta = timedelta(hours=6)
    """No signal for so long although an alert was never resolved: its sender has gone."""
    reopen: timedelta = timedelta(minutes=15)
    """The same alert so soon after the resolution reopens the incident; afterwards it is closed."""
    maintenance: timedelta = timedelta(hours=4)
    """Announced work whose end nobody told of is taken to be over after so long: half a working day."""
    gather: timedelta = timedelta(seconds=10)
    """What changes within so long is published together."""


SEVERITY = SeverityPolicy()
CAUSE = CausePolicy()
TELLING = TellingPolicy()
LIFECYCLE = LifecyclePolicy()
