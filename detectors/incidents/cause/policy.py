"""What does an argument for or against a cause weigh, and when is the answer decisive?"""

from dataclasses import dataclass
from datetime import timedelta


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
    harmless_files: float = -3.0
    """It touched only documents, tests or comments: as much as the best timing gives."""
    inert: float = -2.0
    """It touched only log lines, styles or a patch release: seldom a cause, but it has been."""
    most_for_nothing: float = 0.5
    """Most that a change which does nothing can have: less than a service that fails, for whatever reason."""
    most_for_kept: float = 2.0
    """Most that a change which most likely does the same can have, below the floor: it may be looked at."""
    kept: float = -1.0
    """All names and numbers that it removed are there again: it most likely does the same as before."""
    behaviour: float = 0.75
    """It changed a value or dropped a call: less than that this fits what fails."""
    hint: float = 1.5
    """What it changed is known to fail in this way: as much as a metric that names how a service fails."""
    explains_shortage: float = 1.5
    """What it changed fits, and its service or one that this calls is short of something: as much as the fit
    itself, or as the shortage counts for a fault, for that is what is to be explained."""
    nearest: float = 0.75
    """What a change of behaviour counts of a shortage of its own service, where its content does not fit it:
    less, but most outages begin with a change. Source: Beyer et al. (2016), Site Reliability Engineering."""
    slow_fault: float = 2.0
    """It fits a fault that takes hours to fill something up: its age says less against it."""
    slow_after: timedelta = timedelta(minutes=30)
    """From so old on a change counts as a slow fault's: a half-life, before which recency speaks for it."""
    alarm: float = 2.5
    """It changed the rule of the very alert that fires: it may have brought the page, not the fault."""
    elsewhere: float = -3.0
    """It was made in another environment or region: as much as the best timing gives."""
    uncovered: float = -2.0
    """All affected services fail without depending on it; less by the share that does."""
    circumstance: float = -2.5
    """What fails names a cause that needs no change, and the change did not touch that."""
    content_unknown: float = -0.5
    """Nothing but time and place speaks for it: innocent changes always lie near an incident."""
    calls_more: float = 1.5
    """A service that it calls gets more calls, which do not come from outside: as much as the fit itself."""
    called_more: float = -1.5
    """It changed the service that is called more, and who calls decides how often."""
    amplified: float = 1.5
    """Calls over baseline from which a service is called more: common headroom is a third to a half."""
    short_callee: float = -1.5
    """A service that it calls is short of something, not later, and nothing that it changed explains that."""
    named_by_failure: float = 1.0
    """What fails at a caller names the changed service: it lies as near as if that one failed itself."""
    missing_name: float = 1.5
    """What fails says that a name is missing that it removed or began to use: as much as the fit itself."""
    serves: float = 1.0
    """The failing lines name its version; where that is the only one that runs, they had to."""
    serves_apart: float = 1.5
    """They name its version while another one runs as well, and does not fail."""
    not_serving: float = -3.0
    """The failing lines name other versions only: as much as the best timing gives."""
    healthy_elsewhere: float = -1.5
    """Only one region or host fails of those where it is live: a code's fault shows on all of them."""
    fewest_lines: int = 10
    """Lines that name a version, region or host below which their share may be chance."""
    most_lines: float = 0.9
    """Share of the failing lines from which they count as all."""
    error_is_older: float = -1.0
    """Its error lines were seen before it went live; less by the share that was not. Errors that are usual
    may become more by a change, so that it is no more than a hint."""
    new_error: float = 1.5
    """An error line that fails now was new after it, in equally long times before and after."""
    line_is_gone: float = 0.75
    """A usual line is gone after it: half, for what is no longer said may not be missed."""
    same_log: float = -0.75
    """The logs before and after it are the same, and what fails began within the time that was compared."""
    usual_after_deploy: float = -2.0
    """What deviates has followed most deployments of the service, without an incident; less by the share
    that has not."""
    fewest_deploys: int = 3
    """Deployments without an incident below which nothing is usual."""
    usual_share: float = 0.66
    """Share of them from which it is."""
    taken_back_before: float = 0.4
    """All remembered deployments of the service were taken back; less by the share that was not. A prior:
    less than the margin, so that it decides nothing by itself."""
    recurrence: float = 0.4
    """An earlier incident showed just the same, and this led; less by what differs. A prior, as above."""
    alike: float = 0.5
    """Share of alerts and symptoms in common from which two incidents are alike: every second one."""
    few_observations: float = -0.5
    """Only a handful of lines or requests show that its service is affected."""
    few: int = 5
    """So many lines or requests are a handful: less than one may see by chance in a bucket of a minute."""
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
    carries: float = 3.0
    """It carries most of what fails, weighed by requests, and its callees do not: as much as the strongest
    failure, which a place with a handful of requests shows as easily."""
    alerting: float = 0.5
    """An alert of the service itself."""
    callee_affected: float = -1.5
    """A service that it calls is affected, and not later: the fault more likely lies there."""
    named_by_caller: float = 2.0
    """What fails at a caller names this outside party."""
    floor: float = 4.0
    """Below it, a first candidate was right in a third of the recordings, and above it in most
    (`headwater bench causes`): not even two strong arguments (recency, distance, a failure) came together."""
    margin: float = 0.5
    """Points to the next rival: the least that an argument of its own weighs (an alert); less is chance."""
    margin_of_changes: float = 0.75
    """Points between two changes: more than ten minutes of recency, which decide nothing by themselves."""
    most_candidates: int = 10
    """More than ten nobody reads at 3 am."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPolicy:
    """What speaks for and against a fault at one service, in points."""

    mechanism: float = 6.0
    """It shows how it fails, at its clearest (a resource used up, time lost on the way, flows broken): a
    mechanism explains, so it outweighs the strongest failure and all that depends on the service."""
    fails: float = 3.0
    """The strongest failure of its own, and against it what a callee explains of that."""
    deviated_first: float = 0.5
    """It deviated before all others: onsets of buckets are coarse, and slow services show late."""
    unlike: float = 0.5
    """What slowness of a callee explains of errors of its caller, and the other way round: timeouts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircumstancePolicy:
    """What speaks for a cause that needs no change, in points."""

    named: float = 3.5
    """What fails names it: a certificate says that it expired, a resolver that it does not answer."""
    shown_by: float = 1.5
    """All affected services show it; less by the share that does."""
    at_the_onset: float = 1.5
    """It was seen where the incident began: as much as a service that deviated first."""
    explains_shortage: float = 3.0
    """More traffic: all services that are short of something get more requests, too; less by the share that
    does. As much as the strongest failure, for a shortage under load is no fault of its own."""
    together: timedelta = timedelta(minutes=2)
    """Within so long two onsets count as one: two of the coarsest buckets."""
    surge: float = 1.5
    """Requests over baseline from which load is a cause: common headroom is a third to a half."""


CONFIDENCE = ((3.0, 0.35), (4.5, 0.75), (6.0, 0.9))
"""From so many points on the first candidate is right with this probability.

Fitted by isotonic regression to 65 recordings of four sets (`headwater bench causes`), one right and one
wrong case added to each step, rounded. Kept because steps that were fitted on three sets stated the fourth
better than the fixed ones before, for each of the four (Brier score and calibration error).
"""
CONFIDENCE_BELOW = 0.15
"""Below the first step: one of the handful of changes that lie in any lookback."""
UNDECIDED = 0.5
"""Most that is stated where a rival is as good as the first: it is one of two."""


CAUSE = CausePolicy()
FAULT = FaultPolicy()
CIRCUMSTANCE = CircumstancePolicy()
