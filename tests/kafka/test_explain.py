"""Does `headwater explain` show from the topics what was ranked, and say clearly what is not there?"""

import asyncio
from datetime import timedelta

import orjson
import pytest

from detectors.intake.redaction import Redactor
from detectors.pipeline import Pipeline
from detectors.topology import Catalog
from models.cause import Causes
from models.topic import CAUSES, EVIDENCE, Outgoing
from streams import cli
from streams.kafka.outbox import Outbox
from streams.settings import Settings
from tests.policy import POLICY

AT = 1_782_207_720.0


def ranked() -> list[Outgoing]:
    """Give the ranking and the evidence of one incident: a deployment, an error, and the page."""
    pipeline = Pipeline(Catalog([]), timedelta(seconds=5), POLICY, Redactor())
    events = [
        ("deploys", {"kind": "change", "change_kind": "deploy", "version": "v42", "timestamp": AT}),
        ("alerts", {"kind": "alert", "name": "Errors", "status": "firing", "timestamp": AT + 180}),
    ]
    sent = [
        each
        for source, event in events
        for each in pipeline.feed(source, orjson.dumps({"service": "payments", **event}))
    ]
    return [each for each in [*sent, *pipeline.end()] if each.topic in (CAUSES, EVIDENCE)]


@pytest.fixture
def asked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings for the topics of this test, as the command line reads them from the environment."""
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    return settings


async def explain(*incident: str) -> object:
    """Run the command as a person does; give its exit code."""
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(cli.main, ["explain", *incident])
    return ended.value.code


async def test_the_ranking_is_shown_with_its_evidence_from_the_topics(
    asked: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ranked()
    async with Outbox(asked) as outbox:
        await outbox.deliver(outputs)
    (incident,) = {each.value.incident_id for each in outputs if isinstance(each.value, Causes)}
    for wanted in ((), (incident,), (incident[:12],)):
        assert await explain(*wanted) in (0, None)
        text = capsys.readouterr().out
        assert incident in text
        assert "the deployment of v42 to payments" in text
        assert "3 minutes before the onset" in text
        assert "not on the topic" not in text


async def test_an_incident_that_is_not_there_is_an_error_that_names_it(
    asked: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await explain() == 1
    assert "there is no ranking of causes of an incident so far" in capsys.readouterr().err
    async with Outbox(asked) as outbox:
        await outbox.deliver(ranked())
    assert await explain("inc-of-last-year") == 1
    said = capsys.readouterr().err
    assert "inc-of-last-year" in said
    assert "known are" in said
