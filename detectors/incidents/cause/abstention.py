"""Is the first candidate decisive, or why is none, and how probable is it that it is right?"""

from collections.abc import Sequence

from detectors.incidents import blast_radius, changed_service
from detectors.incidents.cause import circumstance
from detectors.incidents.cause import score as cause_score
from detectors.incidents.cause.policy import CAUSE, UNDECIDED
from detectors.incidents.state import Situation
from detectors.incidents.wording import number
from models.cause import Candidate, CauseClass, CauseVerdict

_INNOCENT = {"harmless_files", "inert", "kept"}
_TELLING = {
    "shared_words", "hint", "alarm", "missing_name", "calls_more", "explains_shortage", "named_by_failure",
    "new_error", "serves_errors",
}  # fmt: skip
"""Parts that join a change with what fails by more than time and place."""


def reason(ordered: Sequence[Candidate], situation: Situation) -> str | None:
    """Give why no candidate leads; None: the first one does.

    Args:
        ordered: The candidates in rank order.
        situation: What they were drawn from.
    """
    open_ones = _open(ordered)
    if not open_ones:
        ruled_out = f"{len(ordered)} ruled out" if ordered else "none in the lookback"
        return f"none of the changes explains this ({ruled_out}), and no affected service shows how it fails"
    best = open_ones[0]
    if best.verdict is CauseVerdict.CONFIRMED:
        return None
    return _unexplained(best, situation) or _weak(best) or _tied(best, open_ones, situation)


def no_change_to_blame(ordered: Sequence[Candidate]) -> str | None:
    """Say that something else than the changes of the lookback leads, and how far behind the nearest one is.

    None: the first candidate is a change, or no change was weighed.

    Args:
        ordered: The candidates in rank order, of which the first one leads.
    """
    changes = [each for each in ordered if each.change is not None]
    if not changes or not ordered or ordered[0].change is not None:
        return None
    first, nearest = ordered[0], changes[0]
    cause = first.text.removesuffix(circumstance.NO_CHANGE)
    ruled_out = " and is ruled out" if nearest.verdict is CauseVerdict.RULED_OUT else ""
    against = nearest.contradicting[0].text if nearest.contradicting else "less speaks for it"
    return (
        f"no change is to blame; {cause} ({number(first.score)} points): the nearest change, {nearest.text}, "
        f"has {number(nearest.score)}{ruled_out}, for {against}"
    )


def confidence(ranked: Sequence[Candidate], situation: Situation) -> float | None:
    """State how probable it is that the first open candidate is right (0 to 1); None: there is none."""
    open_ones = _open(ranked)
    if not open_ones:
        return None
    best = open_ones[0]
    if best.verdict is CauseVerdict.CONFIRMED:
        return 1.0
    stated = cause_score.confidence(best.score)
    is_open = _unexplained(best, situation) is not None or _tied(best, open_ones, situation) is not None
    return min(stated, UNDECIDED) if is_open else stated


def _open(ranked: Sequence[Candidate]) -> list[Candidate]:
    return [each for each in ranked if each.verdict is not CauseVerdict.RULED_OUT]


def _unexplained(best: Candidate, situation: Situation) -> str | None:
    """Give what is missing for the best candidate to explain anything, by itself; None: nothing is."""
    is_shown = any(each.name == "flow_break" for each in best.parts)
    if best.cause_class is CauseClass.UNKNOWN and not is_shown:
        return (
            f"none of the changes explains this: it points to {best.service}, but nothing shows how it fails"
        )
    if best.change is None:
        return None
    parts = {each.name for each in best.parts}
    if parts & _TELLING:
        return None
    if parts & _INNOCENT:
        return f"none of the changes explains this: {best.text} comes first by time and place alone"
    shown = blast_radius.onsets(situation.incident)
    if best.service != changed_service.UNKNOWN_SERVICE and best.service not in shown:
        return (
            f"expected evidence is missing: had {best.text} caused this, {best.service} would show it, "
            "and neither an alert nor a symptom of it is seen"
        )
    return None


def _weak(best: Candidate) -> str | None:
    if best.score >= CAUSE.floor:
        return None
    scores = f"{number(best.score)} points where {number(CAUSE.floor)} are needed"
    return f"none of the changes explains this: the best candidate, {best.text}, has {scores}"


def _tied(best: Candidate, open_ones: Sequence[Candidate], situation: Situation) -> str | None:
    rival = next((each for each in open_ones[1:] if not _same_story(best, each, situation)), None)
    if rival is None:
        return None
    is_between_changes = best.change is not None and rival.change is not None
    margin = CAUSE.margin_of_changes if is_between_changes else CAUSE.margin
    if best.score - rival.score >= margin:
        return None
    if best.score == rival.score:
        return f"nothing is decisive: {best.text} and {rival.text} tie at {number(best.score)} points"
    told = f"{best.text} ({number(best.score)} points) and {rival.text} ({number(rival.score)})"
    return f"nothing is decisive: {told} are closer than {number(margin)} points"


def _same_story(best: Candidate, other: Candidate, situation: Situation) -> bool:
    # A fault seen where a cause acts is how the cause shows, not another one.
    if other.change is not None or circumstance.is_one(other):
        return False
    if best.change is None:
        return circumstance.is_one(best)
    if best.service == other.service:
        return True
    is_telling = any(each.name in _TELLING for each in best.parts)
    return is_telling and situation.catalog.path(best.service, other.service, situation.as_of) is not None
