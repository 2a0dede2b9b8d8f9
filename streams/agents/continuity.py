"""Does a record come right after the one before it, and if not, why not?"""

from typing import Any

import structlog
from faust.types import TP

from detectors.flow.partition import Position
from streams.process import metrics

log = structlog.get_logger()


class BeyondEndError(Exception):
    """A position lies beyond the end of its topic: the topic is not the one that was read."""


class MissingRecordsError(Exception):
    """Records are missing that the broker should still have; reading again from the position gets them."""


class Continuity:
    """Compares the offsets of the records that come with where a partition stands."""

    def __init__(self, app: Any, topic: str, source: str) -> None:
        """Prepare.

        Args:
            app: The Faust app; its consumer tells where a topic begins and ends.
            topic: As the cluster knows it.
            source: The same without prefix, for metrics.
        """
        self._app = app
        self._topic = topic
        self._source = source

    async def earliest(self, number: int) -> int:
        """Give the first offset that the broker still has."""
        place = TP(self._topic, number)
        return int((await self._app.consumer.earliest_offsets(place))[place])

    async def check_end(self, number: int, position: Position) -> None:
        """See that a position that was kept is one of this topic.

        Raises:
            BeyondEndError: It is not: every record to come would pass for a repetition.
        """
        place = TP(self._topic, number)
        end = int((await self._app.consumer.highwaters(place))[place])
        if position.next_offset > end:
            raise BeyondEndError(
                f"{self._topic}, partition {number}, ends at offset {end}, and the state kept of it stands "
                f"at {position.next_offset}: the topic was made anew or cut short. Stop the workers, then "
                "restore it, or delete the changelog topics and consumer groups of this installation too"
            )

    async def is_next(self, number: int, position: Position, offset: int) -> bool:
        """Tell whether a record is to be processed; a position is moved past what the broker deleted.

        Raises:
            MissingRecordsError: There is a hole before it that the broker does not explain.
        """
        if offset < position.next_offset:
            metrics.RECORDS_REPEATED.labels(self._source).inc()
            return False
        if offset > position.next_offset:
            self._move(number, position, min(offset, await self.earliest(number)))
        if offset > position.next_offset:
            raise MissingRecordsError(
                f"{self._topic}, partition {number}: offset {position.next_offset} was due, {offset} came; a "
                "restart reads it again. If this repeats, the state was lost and the consumer group was not: "
                "stop the workers and delete the consumer groups of this installation too"
            )
        return True

    def _move(self, number: int, position: Position, earliest: int) -> None:
        lost = earliest - position.next_offset
        if lost > 0:
            metrics.RECORDS_LOST.labels(self._source).inc(lost)
            detail = "reading was behind for longer than the retention, and the broker deleted them"
            log.error("records.lost", topic=self._topic, partition=number, count=lost,
                      first=position.next_offset, detail=detail)  # fmt: skip
            position.next_offset = earliest
