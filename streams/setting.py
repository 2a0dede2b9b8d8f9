"""What one setting is: its name, default, unit and meaning, and how its text is read."""

import math
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from typing import Any

import click


class InvalidSettingsError(click.ClickException):
    """A setting that cannot be used; the message says which, what it is and what it should be."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is called in the environment, and what its text may be."""

    name: str
    meaning: str
    unit: str
    read: Callable[[str], Any]
    """Turn the text into a value, or raise ValueError with what is expected."""
    secret: bool = False
    """Its value is shown nowhere."""

    def value(self, text: str) -> Any:
        """Read the setting's value from its text.

        Raises:
            InvalidSettingsError: The text is malformed or out of range.
        """
        try:
            return self.read(text)
        except ValueError as error:
            shown = "a value that is not shown" if self.secret else repr(text)
            raise InvalidSettingsError(f"{self.name} is {shown}; expected {error}") from None


def setting_of(declared: "Field[Any]") -> Setting:
    """Get what was declared with `text`, `choice`, `switch`, `whole` or `seconds`."""
    found = declared.metadata["setting"]
    assert isinstance(found, Setting)
    return found


def example(declared: "Field[Any]") -> str:
    """Write a setting as `.env.example` shows it: meaning, unit, and its default as a line to edit."""
    setting = setting_of(declared)
    default = as_text(declared.default)
    unit = f" [{setting.unit}]" if setting.unit else ""
    return f"\n# {setting.meaning}{unit}\n{setting.name}={default}\n"


def as_text(value: Any) -> str:
    """Write a setting's value as its environment variable has it."""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def text(name: str, default: str, meaning: str, *, secret: bool = False, least: int = 0) -> Any:
    """Declare a setting that is any text; a secret one never appears in `repr` or an error.

    Args:
        name: In the environment.
        default: Its value where none is given.
        meaning: For `.env.example`.
        secret: Whether it must not be shown.
        least: Characters that it has at least where it is given.
    """

    def read(given: str) -> str:
        if len(given) < least:
            raise ValueError(f"at least {least} characters")
        return given

    return _declared(default, Setting(name, meaning, "", read, secret))


def words(name: str, allowed: tuple[str, ...], meaning: str) -> Any:
    """Declare a setting that is a list of some of these words, separated by commas; none is the default."""

    def read(given: str) -> tuple[str, ...]:
        chosen = {each.strip().lower() for each in given.split(",")} - {""}
        if chosen - set(allowed):
            unknown = ", ".join(sorted(chosen - set(allowed)))
            raise ValueError(f"some of {', '.join(allowed)}, separated by commas; {unknown} is not known")
        return tuple(sorted(chosen))

    return _declared((), Setting(name, meaning, ", ".join(allowed), read))


def choice(name: str, default: str, allowed: tuple[str, ...], meaning: str) -> Any:
    """Declare a setting that is one of a few words, in any case of letters."""
    words: Mapping[str, str] = {each.lower(): each for each in allowed}

    def read(given: str) -> str:
        if given.strip().lower() not in words:
            raise ValueError(f"one of {', '.join(allowed)}")
        return words[given.strip().lower()]

    return _declared(default, Setting(name, meaning, " | ".join(allowed), read))


def switch(name: str, default: bool, meaning: str) -> Any:
    """Declare a setting that is true or false."""

    def read(given: str) -> bool:
        if given.strip().lower() not in {"true", "false"}:
            raise ValueError("true or false")
        return given.strip().lower() == "true"

    return _declared(default, Setting(name, meaning, "true | false", read))


def whole(name: str, default: int, between: tuple[int, int], unit: str, meaning: str) -> Any:
    """Declare a setting that is a whole number within two limits, both allowed."""
    lowest, highest = between
    expected = f"a whole number of {unit} from {lowest} to {highest}"

    def read(given: str) -> int:
        # isdecimal: int() would also take signs and underscores, which are typing mistakes here.
        if not given.strip().isdecimal() or not lowest <= int(given) <= highest:
            raise ValueError(expected)
        return int(given)

    return _declared(default, Setting(name, meaning, unit, read))


def seconds(name: str, default: float, between: tuple[float, float], meaning: str) -> Any:
    """Declare a setting that is a duration in seconds within two limits, both allowed."""
    lowest, highest = between
    expected = f"a number of seconds from {lowest:g} to {highest:g}"

    def read(given: str) -> float:
        try:
            number = float(given)
        except ValueError:
            raise ValueError(expected) from None
        if not math.isfinite(number) or not lowest <= number <= highest:
            raise ValueError(expected)
        return number

    return _declared(default, Setting(name, meaning, "seconds", read))


def _declared(default: Any, setting: Setting) -> Any:
    return field(default=default, repr=not setting.secret, metadata={"setting": setting})
