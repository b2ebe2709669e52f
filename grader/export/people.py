"""Whether two spellings of a name can be one person's: a guard beside the number by which people are joined."""

from __future__ import annotations

import re
import unicodedata

_STRIPPED = re.compile(r"[&<>\"'’`:\\/|]")
"""What Moodle leaves out of names of files. Source: lib/moodlelib.php, clean_param with PARAM_FILE."""
_WORD = re.compile(r"[^\W_]+")
_ANONYMOUS = re.compile(r"^(participant|anon)\s*\S*$", re.IGNORECASE)


def can_be_one(name: str, other: str) -> bool:
    """Whether one name's words are all in the other's; unknown and anonymous names can be anybody's.

    Order, case, accents, punctuation, and what Moodle leaves out do not count.
    """
    if _is_nobodys(name) or _is_nobodys(other):
        return True
    own, others = _words(name), _words(other)
    return own <= others or others <= own


def can_be_one_in_any_spelling(name: str, other: str) -> bool:
    """As `can_be_one`, also where one of them is written as one word of all its letters, as in Canvas's downloads."""
    is_one_word = any(len(one.split()) == 1 for one in (name, other))
    return can_be_one(name, other) or (is_one_word and sorted(_letters(name)) == sorted(_letters(other)))


def moodle_name(name: str) -> str:
    """The name as Moodle writes it into names of folders: no `_`, and nothing that paths could take amiss."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(c for c in composed if not unicodedata.category(c).startswith("C"))
    return " ".join(_STRIPPED.sub("", visible.replace("_", " ")).split()).strip(". ")[:80] or "Participant"


def _is_nobodys(name: str) -> bool:
    return not _words(name) or _ANONYMOUS.match(name.strip()) is not None


def _letters(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if c.isalnum())


def _words(name: str) -> set[str]:
    stripped = unicodedata.normalize("NFKD", _STRIPPED.sub("", name).casefold())
    return set(_WORD.findall("".join(c for c in stripped if not unicodedata.combining(c))))
