"""What is an argument for or against a change worth, in points?"""

from datetime import datetime, timedelta

from detectors.incidents.cause.policy import CAUSE, CONFIDENCE, CONFIDENCE_BELOW


def recency(finished_at: datetime, onset_at: datetime) -> float:
    """Weigh how shortly before an onset a change was live: full at once, half after each half-life.

    >>> from datetime import UTC
    >>> onset = datetime(2026, 6, 23, 9, 0, tzinfo=UTC)
    >>> recency(onset - timedelta(minutes=30), onset)
    1.5
    """
    age = max(onset_at - finished_at, timedelta(0))
    return float(CAUSE.recency * 0.5 ** (age / CAUSE.half_life))


def distance(hops: int) -> float:
    """Weigh how many calls lie between what was changed and what is affected.

    >>> distance(0), distance(1), distance(2)
    (2.0, 1.0, 0.5)
    """
    return CAUSE.distance * 0.5**hops


def shared_words(many: int) -> float:
    """Weigh words that a change and what fails share: the second still counts, the tenth hardly.

    >>> shared_words(0), shared_words(1), shared_words(2)
    (0.0, 1.0, 1.5)
    """
    return float(CAUSE.shared_words * (1 - 0.25 ** (many / CAUSE.shared_words_needed)))


def is_after(began_at: datetime, onset_at: datetime) -> bool:
    """Whether a change began after an onset, as far as buckets tell the order."""
    return began_at > onset_at + CAUSE.onset_tolerance


def confidence(points: float) -> float:
    """State how probable it is that the first candidate is right, from its points: never less for more.

    >>> confidence(0.0), confidence(6.5), confidence(12.0)
    (0.15, 0.9, 0.9)
    """
    return max((stated for least, stated in CONFIDENCE if points >= least), default=CONFIDENCE_BELOW)
