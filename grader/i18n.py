"""Puts a `Text` into French or English; reads the gettext catalogue in `grader/locale`.

English is the language of the message ids; French comes from `fr/LC_MESSAGES/grade.po`, and for the help of commands
from `help.po` beside it, read by Babel as they are, so that no compiled file can be out of step. A message without a
translation stays English.
"""

from __future__ import annotations

import locale
import os
import re
from functools import cache
from importlib import resources

from babel.messages.pofile import read_po

from grader.model.text import Bilingual, Language, Text

_CODE = re.compile(r"(`[^`\n]*`)")
_LOOSE = re.compile(r" (?=[:;!?»%](?:[\s.,)]|$))|(?<=«) ")


@cache
def french(catalogue: str = "grade") -> dict[str, str]:
    """All translated messages of a catalogue, by their English id."""
    path = resources.files("grader") / "locale" / "fr" / "LC_MESSAGES" / f"{catalogue}.po"
    with path.open("rb") as stream:
        messages = read_po(stream, locale="fr")
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def render(text: Text | Bilingual, language: Language) -> str:
    """The words in one language, with its decimal sign."""
    if isinstance(text, Bilingual):
        return typeset(text.fr) if language == "fr" else text.en
    template = french().get(text.msgid, text.msgid) if language == "fr" else text.msgid
    return template.format(**{name: _argument(value, language) for name, value in text.args.items()})


def typeset(typed: str) -> str:
    """French as a rubric's author typed it, with narrow no-break spaces where it wants them; code stays as it is."""
    pieces = _CODE.split(typed)
    return "".join(p if p.startswith("`") else _LOOSE.sub("\N{NARROW NO-BREAK SPACE}", p) for p in pieces)


def number(value: float, language: Language) -> str:
    """A number with four significant digits at most: `0,25` in French, `0.25` in English."""
    shown = str(value) if isinstance(value, int) else f"{value:.4g}"
    return shown.replace(".", ",") if language == "fr" else shown


def default_language() -> Language:
    """The language of the user's locale, which need not be installed here; English where it is neither."""
    wished = (os.environ.get(variable) for variable in ("LC_ALL", "LC_MESSAGES", "LANG"))
    name = next(filter(None, wished), locale.getlocale()[0] or "")
    return "fr" if name.lower().startswith("fr") else "en"


def _argument(value: int | float | str | Text | Bilingual, language: Language) -> str:
    if isinstance(value, Text | Bilingual):
        return render(value, language)
    return value if isinstance(value, str) else number(value, language)
