"""What did responders say of the owner, and which of it holds?"""

import re

from detectors.incidents.routing.place import owner_of
from detectors.incidents.routing.state import RoutingState, Word
from detectors.incidents.state import Situation
from models.event import Feedback, FeedbackAction

_SAID = (FeedbackAction.ASSIGN, FeedbackAction.WRONG_OWNER)
_NAME = re.compile(r"(?:to\s+)?@?(?P<name>[A-Za-z0-9_][A-Za-z0-9_./:-]{0,99})", re.IGNORECASE)


def hear(situation: Situation) -> None:
    """Note what feedback says of the owner that has not been noted yet, in event-time order.

    `assign` gives the incident to the team or handle that its text names in one word ("team-payments",
    "@kim"), else to the owner of its service where that is another than the incident's. `wrong_owner`
    takes it from whoever has it, and gives it to whom it names in the same way. A text of several words
    names nobody: it is a note.
    """
    routing = situation.incident.routing
    known = {*routing.unsaid, *(each.event_id for each in routing.words)}
    said = sorted(situation.incident.feedback, key=lambda each: (each.timestamp, each.event_id))
    for each in said:
        if each.action in _SAID and each.event_id not in known:
            word = _word(situation, each)
            if word is not None:
                routing.words.append(word)


def assignment(routing: RoutingState) -> Word | None:
    """Give the latest assignment that nobody has taken back since; None: there is none."""
    held: Word | None = None
    for word in _in_order(routing):
        if word.assigned:
            held = word
        elif held is not None and word.refused == held.assigned:
            held = None
    return held


def unnamed(situation: Situation) -> Feedback | None:
    """Give an assignment that names nobody, if it is the last that was said of the owner; None: it is not."""
    routing = situation.incident.routing
    known = {*routing.unsaid, *(each.event_id for each in routing.words)}
    said = [each for each in situation.incident.feedback if each.action in _SAID]
    last = max(said, key=lambda each: (each.timestamp, each.event_id), default=None)
    is_lost = last is not None and last.action is FeedbackAction.ASSIGN and last.event_id not in known
    return last if is_lost else None


def refused(routing: RoutingState) -> dict[str, Word]:
    """Give who was said to be the wrong owner and not been given the incident since."""
    found: dict[str, Word] = {}
    for word in _in_order(routing):
        if word.refused and word.refused != word.assigned:
            found[word.refused] = word
        found.pop(word.assigned, None)
    return found


def _in_order(routing: RoutingState) -> list[Word]:
    return sorted(routing.words, key=lambda each: (each.said_at, each.event_id))


def _word(situation: Situation, said: Feedback) -> Word | None:
    routing = situation.incident.routing
    assigned = _named(situation, said)
    wrong = said.action is FeedbackAction.WRONG_OWNER
    if not wrong and not assigned:
        return None
    return Word(
        event_id=said.event_id,
        said_at=said.timestamp,
        assigned=assigned,
        refused=routing.owner if wrong and routing.owner != assigned else "",
    )


def _named(situation: Situation, said: Feedback) -> str:
    found = _NAME.fullmatch((said.text or "").strip())
    if found is not None:
        return found["name"]
    elsewhere = said.service is not None and said.service != situation.incident.service
    return (owner_of(situation, said.service) or "") if elsewhere and said.service else ""
