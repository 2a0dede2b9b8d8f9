"""How does a postmortem draft read as Markdown?"""

import re
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from models.postmortem import Postmortem

_SPECIAL = re.compile(r"([\\`*<>\[\]|#~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
"""What Markdown would take for markup; an underscore within a word is none."""

_MARK = re.compile(r"^(\d+[.)]|[-+])(?=\s)")
"""What would begin a list at the start of a line."""


def render(postmortem: Postmortem) -> str:
    """Write a draft as one Markdown document; equal drafts give equal documents.

    Texts that came from outside cannot change the document: their markup is escaped.
    """
    numbers = {each.evidence_id: number for number, each in enumerate(postmortem.evidence, start=1)}
    return _TEMPLATE.render(draft=postmortem, numbers=numbers).strip() + "\n"


def escaped(text: str) -> str:
    r"""Bring a text to one line that shows exactly what it says.

    >>> escaped("a | b <script> *x* cpu_usage")
    'a \\| b \\<script\\> \\*x\\* cpu_usage'
    """
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _MARK.sub(lambda found: found[1][:-1] + "\\" + found[1][-1], line)


def moment(value: datetime | None) -> str:
    """Write a moment with its day and seconds, or that it has not come."""
    return "not yet" if value is None else value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def references(ids: list[str], numbers: dict[str, int]) -> str:
    """Write citations as links to the list of evidence, in ascending order.

    >>> references(["b", "a"], {"a": 1, "b": 2})
    '[[1](#evidence-1)] [[2](#evidence-2)]'
    """
    known = sorted({numbers[each] for each in ids if each in numbers})
    return " ".join(f"[[{number}](#evidence-{number})]" for number in known)


def _environment() -> Environment:
    # No autoescape: it is for HTML; the template puts every text through `escaped`.
    environment = Environment(
        loader=PackageLoader("sinks", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters.update(escaped=escaped, moment=moment, references=references)
    return environment


_TEMPLATE = _environment().get_template("postmortem.md.j2")
