"""How fast is the error budget spent, over which windows, and does it grow?

Source: Google SRE Workbook, chapter 5, "Alerting on SLOs": burn rate, and several windows for one rule.
"""

from datetime import timedelta

from detectors.incidents import blast_radius
from detectors.incidents.severity import failure_count
from detectors.incidents.severity.error_rule import measures_errors
from detectors.incidents.severity.measurement import Measurement, Told, clause, ids
from detectors.incidents.state import Episode, Situation, SymptomTrack, evidence_id
from detectors.incidents.wording import as_ratio, number, span
from models import annotation
from models.measure import Measure

_WINDOWS = {
    Measure.BURN_RATE_5M: timedelta(minutes=5),
    Measure.BURN_RATE_30M: timedelta(minutes=30),
    Measure.BURN_RATE_1H: timedelta(hours=1),
    Measure.BURN_RATE_6H: timedelta(hours=6),
}
_SHORTEST = _WINDOWS[Measure.BURN_RATE_5M]
_BUDGET = timedelta(days=30)


def burn(situation: Situation) -> Told | None:
    """The service whose budget is spent fastest, over the last five minutes; all windows are measured.

    Over the shortest window the rate is that of the requests that were told of; over the longer ones,
    minutes of which nothing was told count as without failures.
    """
    measured: list[Measurement] = []
    for service in blast_radius.services(situation.incident):
        measured += _of_service(situation, service)
    recent = [each for each in measured if each.measure is Measure.BURN_RATE_5M and each.is_current]
    if not recent:
        return Told(None, measured)
    fastest = max(recent, key=lambda each: (each.value, each.service))
    if fastest.value <= 0:
        return Told(None, measured)
    slo = slo_of(situation, fastest.service)
    left = span(_BUDGET / fastest.value)
    text = (
        f"{fastest.service} spends its error budget {number(fastest.value)} times as fast as {number(slo)} %"
        f" allows, which would use up 30 days of it in {left}"
    )
    since = min(
        onset.at for name, onset in blast_radius.onsets(situation.incident).items() if name == fastest.service
    )
    told = clause(
        "burn_rate", text, since, fastest.evidence, value=round(fastest.value, 3), unit="times",
        window_s=fastest.window_s, sample_size=fastest.sample_size,
    )  # fmt: skip
    return Told(told, measured)


def slo_of(situation: Situation, service: str) -> float:
    """Give the share of requests that should succeed (%): the catalog's, else the policy's."""
    known = situation.catalog.entry(service, situation.as_of)
    said = None if known is None else annotation.value_of(known.annotations, annotation.SLO_AVAILABILITY)
    return float(situation.policy.severity.slo_target_pct if said is None else said)


def _of_service(situation: Situation, service: str) -> list[Measurement]:
    budget = 1 - slo_of(situation, service) / 100
    tracks = [each for each in blast_radius.tracks(situation.incident, service) if each.failures]
    firing = [
        each
        for each in blast_radius.episodes(situation.incident, service)
        if each.resolved_at is None and measures_errors(each) and _share(each) is not None
    ]
    if not tracks and not firing:
        return []
    found = [_over(situation, service, measure, tracks, firing, budget) for measure in _WINDOWS]
    growth = _growth(situation, service, tracks)
    return found if growth is None else [*found, growth]


def _over(
    situation: Situation,
    service: str,
    measure: Measure,
    tracks: list[SymptomTrack],
    firing: list[Episode],
    budget: float,
) -> Measurement:
    window = _WINDOWS[measure]
    counted = failure_count.within(tracks, window, situation.as_of)
    share = (counted.share or 0.0) if window == _SHORTEST else counted.share_of_window
    evidence, sample = counted.evidence, counted.requests or None
    for episode in firing:
        # An alert tells one value: it is taken to hold since the alert fires.
        lasted = min(situation.as_of - episode.first.timestamp, window)
        covered = 1.0 if window == _SHORTEST else lasted / window
        if (_share(episode) or 0.0) * covered > share:
            share, evidence, sample = (_share(episode) or 0.0) * covered, ids(episode), None
    is_current = bool(evidence)
    evidence = evidence or tuple(evidence_id(each.worst.event_id) for each in tracks)
    rate = share / budget
    return Measurement(measure, rate, service, evidence, is_current, window.total_seconds(), sample)


def _growth(situation: Situation, service: str, tracks: list[SymptomTrack]) -> Measurement | None:
    """Compare the share of the latest minute with that of the first one that is kept, from two minutes on."""
    minutes = sorted({minute for each in tracks for minute in each.failures})
    if len(minutes) < 2:
        return None
    first, latest = (
        [sum(each.failures.get(at, [0, 0, 0])[part] for each in tracks) for part in (0, 1)]
        for at in (minutes[0], minutes[-1])
    )
    if not first[0] or not latest[1]:
        return None
    times = (latest[0] / latest[1]) / (first[0] / first[1])
    evidence = tuple(evidence_id(each.worst.event_id) for each in tracks)
    is_current = situation.as_of.timestamp() - minutes[-1] <= _SHORTEST.total_seconds()
    return Measurement(Measure.GROWTH, times, service, evidence, is_current)


def _share(episode: Episode) -> float | None:
    value = episode.latest.value
    return None if value is None else as_ratio(value, episode.latest.unit)
