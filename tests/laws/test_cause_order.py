"""Does a ranking depend on the order in which what it is drawn from arrives?"""

import random
from datetime import timedelta

import orjson
import pytest

from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.cause import Causes
from tests.policy import POLICY

_LATENESS = timedelta(minutes=10)
_FROM = 1_782_207_000
_DIFF = "-  max_pool_size: 50\n+  max_pool_size: 5\n"


def records() -> list[tuple[str, bytes]]:
    """Give ten minutes of two deployments, one guilty, what follows, and the page."""
    found: list[tuple[str, dict[str, object]]] = []
    for commit, second, diff in (("bad", 120, _DIFF), ("good", 150, "-// a\n+// b\n")):
        content = {"files_changed": [f"{commit}.yaml"], "diff": diff}
        change = {"kind": "change", "commit": commit, "timestamp": _FROM + second, "event_id": f"d-{commit}"}
        deploy = {"change_kind": "deploy", "service": "payments", "version": commit}
        merged = {"change_kind": "commit", "attributes": content, "event_id": f"c-{commit}"}
        found += [("deploys", change | deploy), ("deploys", change | merged | {"timestamp": _FROM + 60})]
    for second in range(0, 400, 5):
        failed = second > 180
        body = "HikariPool-1 - Connection is not available" if failed else "charged"
        line = {"kind": "log", "service": "payments", "body": body, "severity": "ERROR" if failed else "INFO"}
        found.append(("logs", line | {"timestamp": _FROM + second, "event_id": f"l-{second}"}))
    alert = {"kind": "alert", "service": "payments", "name": "Errors", "status": "firing", "event_id": "a"}
    found.append(("alerts", alert | {"timestamp": _FROM + 300}))
    return [(source, orjson.dumps(each)) for source, each in found]


def last_ranking(fed: list[tuple[str, bytes]]) -> Causes:
    pipeline = Pipeline(Catalog([]), _LATENESS, POLICY, Redactor())
    sent = [each for source, data in fed for each in pipeline.feed(source, data)]
    sent += pipeline.end()
    return [each.value for each in sent if isinstance(each.value, Causes)][-1]


@pytest.mark.parametrize("seed", range(5))
def test_late_and_shuffled_records_give_the_same_ranking(seed: int) -> None:
    shuffled = records()
    random.Random(seed).shuffle(shuffled)
    assert last_ranking(shuffled) == last_ranking(records())


def test_repeated_alerts_and_changes_give_the_same_ranking() -> None:
    once = records()
    again = [each for each in once if each[0] != "logs"]
    assert last_ranking(once + again).candidates == last_ranking(once).candidates


def test_the_guilty_deployment_leads() -> None:
    first = last_ranking(records()).candidates[0]
    assert first.change is not None
    assert first.change.commit == "bad"
