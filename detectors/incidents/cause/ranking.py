"""What of the ranking of causes is new since it was last told?"""

from collections.abc import Iterator
from itertools import chain

import msgspec

from detectors.incidents import evidence
from detectors.incidents.cause.candidate import CauseFinding
from detectors.incidents.conclusion import conclude, keep_cited
from detectors.incidents.difference import leader_of, leading_of, moved, standing
from detectors.incidents.state import Situation
from models import topic
from models.cause import Causes
from models.timeline import EntryKind
from models.topic import Outgoing


def publish(situation: Situation, finding: CauseFinding) -> Iterator[Outgoing]:
    """Send the ranking where it differs from the one that was sent before, its evidence first."""
    incident = situation.incident
    cited = chain.from_iterable(
        argument.evidence
        for each in finding.candidates
        for argument in (*each.supporting, *each.contradicting)
    )
    yield from keep_cited(situation, cited, finding.evidence)
    known = set(incident.evidence)
    candidates = [
        msgspec.structs.replace(
            each,
            supporting=evidence.cited(each.supporting, known),
            contradicting=evidence.cited(each.contradicting, known),
        )
        for each in finding.candidates
    ]
    before = incident.causes
    ranking = standing(finding.abstained, candidates)
    if before is not None and standing(before.abstained, before.candidates) == ranking:
        return
    leading, led = leading_of(candidates, finding.abstained), leader_of(before)
    causes = Causes(
        incident_id=incident.incident_id,
        as_of=situation.as_of,
        rules_version=situation.rules_version,
        version=1 if before is None else before.version + 1,
        candidates=candidates,
        abstained=finding.abstained,
        confidence=finding.confidence,
        no_change_to_blame=finding.no_change_to_blame,
        recommended_checks=finding.recommended_checks,
        previous=[] if before is None else moved(before, candidates, led, leading),
    )
    incident.causes = causes
    if leading and leading != led:
        first = candidates[0].supporting
        if first:
            conclude(
                situation,
                EntryKind.CAUSE,
                f"leading candidate: {leading}",
                "cause_ranking",
                first[0].evidence[0],
            )
    yield Outgoing(topic=topic.CAUSES, key=incident.incident_id, value=causes)
