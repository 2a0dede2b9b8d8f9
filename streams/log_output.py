"""Log lines: one JSON object each on standard error, ours and the libraries' alike."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

from streams import machine

# Each writes a line per rebalance, fetch or flush below WARNING, which nobody can act on.
TALKATIVE_LIBRARIES = ("faust", "mode", "aiokafka", "asyncio", "aiohttp.access", "kafka", "rocksdb")

# Libraries repeat a warning in every turn of a loop; once in this time is enough to be seen.
SAY_AGAIN_AFTER_S = 10.0
SAME_PREFIX = 40


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Send all log lines at or above a level (`debug`, `info`, `warning`, `error`) to a stream.

    None: standard error.

    Libraries are heard from WARNING on, with `debug` too: only Python's own settings turn theirs on.
    Calling it again replaces what was set up before.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _add_machine_time,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *processors,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *processors],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_to_json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    handler.addFilter(_SeldomTheSame())
    for name in TALKATIVE_LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(threshold, logging.WARNING))


class _SeldomTheSame(logging.Filter):
    """Lets a library say the same thing only so often: without a broker, aiokafka says it thousandfold."""

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(TALKATIVE_LIBRARIES):
            return True
        # The text before its values: what is said, not of whom.
        said, now = (record.name, str(record.msg)[:SAME_PREFIX]), machine.monotonic()
        if now - self._said_at.get(said, float("-inf")) < SAY_AGAIN_AFTER_S:
            return False
        self._said_at[said] = now
        return True


def _add_machine_time(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    event["logged_at"] = machine.now().isoformat(timespec="milliseconds")
    return event


def _to_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS).decode()
