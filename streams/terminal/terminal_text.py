"""How do moments, and texts that somebody else wrote, stand in a terminal?"""

from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

# Enough for every table of ours: what is piped is searched and cut, so a row should be one line.
_PIPED_COLUMNS = 240

# Control characters of a log line must not move the cursor or colour the screen.
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "�") | {0x09: " ", 0x0A: " ", 0x0D: " "}


def console() -> Console:
    """Open standard output: as wide as the terminal, or wide where it is piped."""
    found = Console()
    return found if found.is_terminal else Console(width=_PIPED_COLUMNS)


def foreign(text: str, style: str = "") -> Text:
    """Show a text whole and as it is: without markup, control characters made visible, folded."""
    return Text(text.translate(_CONTROL), style=style, overflow="fold")


def clock_text(moment: datetime | None) -> str:
    """Write the time of day of a moment, for example 09:42:10 (UTC); None: a dash."""
    return "-" if moment is None else moment.astimezone(UTC).strftime("%H:%M:%S")


def moment_text(moment: datetime | float) -> str:
    """Write a moment with its day, for example 2026-06-23 09:42:10 (UTC).

    >>> moment_text(1782205200.0)
    '2026-06-23 09:00:00'
    """
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
