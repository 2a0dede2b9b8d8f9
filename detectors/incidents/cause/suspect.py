"""How are the arguments for and against one possible cause gathered and summed?"""

from dataclasses import dataclass, field
from typing import NamedTuple

from detectors.incidents import evidence
from detectors.incidents.state import Situation
from models.cause import Argument, Candidate, CauseClass, CauseVerdict, ScorePart, SuspectedChange
from models.evidence import Evidence
from models.record import content_id


class Suspect(NamedTuple):
    """A candidate that has no rank yet (0), and the evidence that was made for it."""

    candidate: Candidate
    evidence: list[Evidence]


@dataclass(slots=True)
class Weighing:
    """The scales for one suspect; what lies on them is summed once, at the end."""

    situation: Situation
    parts: list[ScorePart] = field(default_factory=list)
    supporting: list[Argument] = field(default_factory=list)
    contradicting: list[Argument] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    made: list[Evidence] = field(default_factory=list)

    def weigh(self, name: str, points: float, text: str, cited: list[str]) -> None:
        """Put one argument on the scales: positive points support, negative ones contradict."""
        rounded = round(points, 3)
        if not rounded or not cited:
            return
        self.parts.append(ScorePart(name=name, points=rounded, text=text))
        argument = Argument(text=text, evidence=list(dict.fromkeys(cited)))
        (self.supporting if rounded > 0 else self.contradicting).append(argument)

    def depends(self, chain: list[str]) -> list[str]:
        """Give the evidence ids of a chain of calls, none for a service alone."""
        if len(chain) < 2:
            return []
        incident_id, as_of = self.situation.incident.incident_id, self.situation.as_of
        self.made.append(evidence.of_dependency(chain, incident_id, as_of, self.situation.rules_version))
        return [evidence.dependency_id(chain)]

    def suspect(
        self,
        *,
        cause_class: CauseClass,
        service: str,
        text: str,
        event_id: str = "",
        change: SuspectedChange | None = None,
        verdict: CauseVerdict = CauseVerdict.CANDIDATE,
    ) -> Suspect:
        """Sum it up; the candidate's id is that of service, class and change."""
        candidate = Candidate(
            candidate_id=content_id("candidate", service, cause_class, event_id),
            rank=0,
            score=round(sum((part.points for part in self.parts), 0.0), 3),
            parts=self.parts,
            cause_class=cause_class,
            service=service,
            text=text,
            change=change,
            verdict=verdict,
            supporting=self.supporting,
            contradicting=self.contradicting,
            missing=self.missing,
        )
        return Suspect(candidate, self.made)
