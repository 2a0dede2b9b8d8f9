"""When does an incident begin and end, what belongs to it, and how much is told?"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityPolicy:
    """How long what was seen tells of now; what calls for which severity is in the policy file."""

    fresh_for: timedelta = timedelta(minutes=2)
    """A symptom last seen within this time is told in the present tense: two of the coarsest buckets."""
    counts_for: timedelta = timedelta(minutes=5)
    """A symptom last seen within this time says how bad it is: the shorter window of a fast burn, and five
    of the intervals in which a symptom that goes on is told of again."""
    look_again: timedelta = timedelta(minutes=1)
    """So often an open incident is judged although nothing came: the rates of its windows have changed, and
    what was seen is no longer recent. As often as a symptom that goes on is told of again."""
    look_again_share: float = 0.25
    """But not before a quarter of the time since the last signal is over once more: the longer nothing came,
    the slower anything changes, and six hours of silence are judged some twenty times, not 360."""


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
    failing: timedelta = timedelta(minutes=1)
    """So long each of them: six of the finest buckets; what one bad request leaves shows in one or two."""
    calm: timedelta = timedelta(minutes=2)
    """All alerts resolved for so long: recovered, and not a flap."""
    quiet: timedelta = timedelta(minutes=10)
    """No signal for so long while no alert fires: recovered."""
    part: timedelta = timedelta(minutes=10)
    """So long after all else of an incident is over, a part that only time and words held is another one."""
    confirm: timedelta = timedelta(minutes=2)
    """An alert that holds for so long is no failed scrape and no restart."""
    confirm_alerts: int = 3
    """So many targets of one alert rule, or firings of one alert, are no accident."""
    flapping: int = 3
    """An alert that began to fire so often flaps: what follows is counted, and its calm takes as long as
    quiet does."""
    judged: int = 3
    """Incidents judged by responders from which the precision of an alert rule counts."""
    imprecise: float = 0.3
    """Share of real incidents below which an alert rule confirms nothing by itself: most are noise."""
    learned: timedelta = timedelta(days=90)
    """A scope in which nothing happens for so long forgets what responders said of its alert rules."""
    abandoned: timedelta = timedelta(hours=6)
    """No signal for so long although an alert was never resolved: its sender has gone."""
    reopen: timedelta = timedelta(minutes=15)
    """The same alert so soon after the resolution reopens the incident; afterwards it is closed."""
    maintenance: timedelta = timedelta(hours=4)
    """Announced work whose end nobody told of is taken to be over after so long: half a working day."""
    longest_maintenance: timedelta = timedelta(hours=24)
    """No announced work holds alerts back for longer, whatever end it names: a typing error must not
    silence a service for years."""
    gather: timedelta = timedelta(seconds=10)
    """What changes within so long is published together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationPolicy:
    """What speaks for and against a signal belonging to an incident, in points.

    The way that calls take outweighs time, time outweighs words. Where the catalog knows no way, time
    alone joins what began within minutes; where it knows that there is none, the same words alone do not.
    """

    together: float = 2.0
    """It began at the same moment as the incident; halves with each half-life between them."""
    half_life: timedelta = timedelta(minutes=10)
    """A fault spreads in minutes: retries, pools and queues fill up within some ten."""
    same_service: float = 3.0
    """It is at a service that the incident holds: it always belongs."""
    dependency: float = 2.0
    """The one calls the other, whether what lies between shows anything or not; divided by the calls."""
    late_callee: float = 0.5
    """Factor where the called one began clearly later: it may be a consequence, it is no explanation."""
    together_within: timedelta = timedelta(minutes=2)
    """Within so long two onsets count as one: two of the coarsest buckets."""
    shared_dependency: float = 1.0
    """Both call the same third service, directly; divided by half of the calls on both ways."""
    shared_by: int = 3
    """Callers up to which a shared dependency says something: what everybody calls relates everything."""
    unrelated: float = -2.5
    """The catalog knows both and no way between: time, words and a label fall short together."""
    shared_change: float = 1.0
    """A change within the hour before reached both."""
    shared_text: float = 1.0
    """The same words, numbers and service names apart."""
    alike: float = 90.0
    """Similarity (0 to 100) from which texts are the same: a word of ten may differ."""
    resembling: float = 75.0
    """From here on half of the points: one word of four differs."""
    shared_label: float = 0.5
    """The same region, tenant or version."""
    shared_place: float = 1.0
    """The same machine, rack or zone: with time and words it outweighs that no call leads there."""
    other_label: float = -1.0
    """Another region or tenant than those that the incident is confined to."""
    threshold: float = 1.25
    """Points from which it belongs: a caller always, where no way is known within seven minutes."""
    between: int = 1
    """Calls at most from a service to each of two incidents, for it to show that they are one."""


SEVERITY = SeverityPolicy()
TELLING = TellingPolicy()
LIFECYCLE = LifecyclePolicy()
RELATION = RelationPolicy()
