"""Words for people: kept as message and arguments, and put into French or English only when rendered.

`say("Expected shape {expected}, got {got}.", expected="[4, 1]", got="[4]")` makes a `Text`. The message
is an English gettext id; Babel collects every `say(` call, and the French catalogue holds its translation.
Who renders: `grader.i18n`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from grader.model.base import Frozen

Language = Literal["fr", "en"]


class Bilingual(Frozen):
    """A sentence that its author gave in both languages (titles and hints in rubrics)."""

    fr: str
    en: str

    def __str__(self) -> str:
        """In English, as an error's message has it."""
        return self.en


class Text(Frozen):
    """A message id with named arguments; numbers keep their type so that French gets its decimal comma."""

    msgid: str
    """English text with `{name}` fields; the key of the gettext catalogues."""
    args: dict[str, int | float | str | Text | Bilingual] = Field(default_factory=dict)
    """Values of the fields; a nested Text is translated too."""

    def __str__(self) -> str:
        """In English, as an error's message has it."""
        return self.msgid.format(**self.args)


def say(msgid: str, /, **args: int | float | str | Text | Bilingual) -> Text:
    """Make a translatable message; `msgid` must be a literal, so that Babel finds it."""
    return Text(msgid=msgid, args=args)


def exact(number: Decimal) -> Bilingual:
    """A number with all its digits, and no zeros behind them, for a field of a message."""
    digits = f"{number.normalize():f}"
    return Bilingual(en=digits, fr=digits.replace(".", ","))
