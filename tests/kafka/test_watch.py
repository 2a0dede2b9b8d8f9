import asyncio
from datetime import UTC, datetime

from models.incident import Incident, IncidentStatus
from models.topic import INCIDENTS, Outgoing
from models.triage import Severity, Verdict
from streams.kafka.outbox import Outbox
from streams.settings import Settings
from streams.terminal.watch import Board, News, follow

OPENED = datetime(2026, 6, 23, 9, 42, tzinfo=UTC)


async def send(settings: Settings, incident_id: str) -> None:
    incident = Incident(
        incident_id=incident_id,
        as_of=OPENED,
        rules_version="1",
        scope="shop",
        status=IncidentStatus.OPEN,
        verdict=Verdict.INCIDENT,
        severity=Severity.SEV2,
        headline="SEV2 for cart",
        service="cart",
        owner="team-cart",
        opened_at=OPENED,
        services=["cart"],
        alerts=1,
    )
    async with Outbox(settings) as outbox:
        await outbox.deliver([Outgoing(topic=INCIDENTS, key=incident_id, value=incident)])


async def test_the_board_shows_what_was_there_and_what_comes(settings: Settings) -> None:
    await send(settings, "inc-1")
    board, news = Board(), list[News]()
    following = asyncio.create_task(
        follow(settings, board, until=lambda now: len(now.incidents) == 2, on_news=news.append)
    )
    async with asyncio.timeout(10):
        while not board.incidents:
            await asyncio.sleep(0.01)
        await send(settings, "inc-2")
        await following
    assert [str(each) for each in news] == [
        "09:42:00 inc-1 open: SEV2 for cart",
        "09:42:00 inc-2 open: SEV2 for cart",
    ]


async def test_from_now_on_the_board_leaves_out_what_was_there(settings: Settings) -> None:
    await send(settings, "inc-1")
    board = Board()
    asked = asyncio.Event()

    def ask(now: Board) -> bool:
        asked.set()
        return bool(now.incidents)

    following = asyncio.create_task(follow(settings, board, until=ask, from_start=False))
    async with asyncio.timeout(10):
        await asked.wait()
        await send(settings, "inc-2")
        await following
    assert set(board.incidents) == {"inc-2"}
