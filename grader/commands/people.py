"""Finds one student by anything that tells him from the others: identifier, name, a part of it, without accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from rapidfuzz import process

from grader.errors import ConfigError


def find_student(word: str, students: Mapping[str, str]) -> str:
    """The identifier of the student that `word` means; `students` are names by identifier.

    The identifier comes first, then the whole name, then whole words of it, their beginnings, and any part; the first
    of these that fits anybody decides. Case and accents count only where they alone tell two students apart.
    Raises: ConfigError when nobody fits, with the nearest name, or when several do, with all of them.
    """
    ways: tuple[Callable[[str, str], bool], ...] = (
        lambda id_, name: word in (id_, name),
        lambda id_, name: _plain(word) in (_plain(id_), _plain(name)),
        lambda id_, name: _words(word) <= _words(name),
        lambda id_, name: all(any(own.startswith(w) for own in _words(name)) for w in _words(word)),
        lambda id_, name: _plain(word) in _plain(name) or _plain(word) in _plain(id_),
    )
    for fits in ways:
        found = [id_ for id_, name in students.items() if _words(word) and fits(id_, name)]
        if len(found) == 1:
            return found[0]
        if found:
            people = "; ".join(sorted(f"{students[id_]} ({id_})" for id_ in found))
            raise ConfigError(
                f"{word!r} may be any of these students: {people}. Say more, or the identifier."
            )
    raise ConfigError(f"No student {word!r} in the grade book{_hint(word, students)}")


def _hint(word: str, students: Mapping[str, str]) -> str:
    known = {_plain(name): name for names in students.items() for name in names}
    nearest = process.extractOne(_plain(word), list(known), score_cutoff=60)
    return f"; did you mean {known[nearest[0]]!r}?" if nearest else "."


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", _plain(text)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()
