"""What probably caused it, on what evidence, and what was ruled out?"""

from enum import StrEnum

from models.event_time import EventTime
from models.output import Output, Timed
from models.record import Record
from models.triage import Difference


class CauseClass(StrEnum):
    """The mechanism of a fault."""

    DEPLOYMENT = "deployment"
    CONFIG = "config"
    FEATURE_FLAG = "feature_flag"
    DEPENDENCY = "dependency"
    CAPACITY = "capacity"
    NETWORK = "network"
    INFRASTRUCTURE = "infrastructure"
    TRAFFIC = "traffic"
    DATA = "data"
    EXTERNAL_PROVIDER = "external_provider"
    SECURITY = "security"
    UNKNOWN = "unknown"


class CauseVerdict(StrEnum):
    """How far a candidate is from a fact; only a person's feedback confirms."""

    CANDIDATE = "candidate"
    LIKELY = "likely"
    CONFIRMED = "confirmed"
    RULED_OUT = "ruled_out"


class Argument(Record, frozen=True, kw_only=True):
    """One argument for or against a candidate."""

    text: str
    evidence: list[str]
    """Ids of the evidence; an argument without any is dropped."""


class ScorePart(Record, frozen=True, kw_only=True):
    """One summand of a score."""

    name: str
    points: float
    text: str
    """Why so many, for example "finished 4 min before the onset"."""


class SuspectedChange(Timed, frozen=True, kw_only=True):
    """The change behind a candidate."""

    change_id: str
    change_kind: str
    finished_at: EventTime
    service: str | None = None
    version: str | None = None
    previous_version: str | None = None
    commit: str | None = None
    summary: str | None = None


class Candidate(Record, frozen=True, kw_only=True):
    """One possible cause: a change, or a fault class at a service."""

    candidate_id: str
    rank: int
    score: float
    """Sum of the parts."""
    parts: list[ScorePart]
    cause_class: CauseClass
    service: str
    text: str
    """The candidate as a sentence, for example "the deployment of v42 to checkout-api at 09:42"."""
    change: SuspectedChange | None = None
    verdict: CauseVerdict
    supporting: list[Argument] = []
    contradicting: list[Argument] = []
    missing: list[str] = []
    """Evidence that would decide, and is not there."""


class Causes(Output, tag="causes", tag_field="kind", frozen=True, kw_only=True):
    """The candidates in rank order, or why there is no leading one."""

    version: int
    """Counts up with each change of the ranking, from 1."""
    candidates: list[Candidate]
    abstained: str | None = None
    """Why no candidate leads; None: the first one does."""
    confidence: float | None = None
    """How probable it is, as stated by a fixed table, that the first candidate is right (0 to 1)."""
    no_change_to_blame: str | None = None
    """Why none of the changes is to blame, where something else leads; None: a change leads, nothing does,
    or there was none."""
    recommended_checks: list[str] = []
    previous: list[Difference] = []
