"""Blackboard's download of an assignment: `<assignment>_<user>_attempt_<date>[_<file>]`, side by side.

Beside each attempt lies its slip, `<assignment>_<user>_attempt_<date>.txt`, whose first line tells the name and the
user, `Name: Zoé Dupont (zdupont)`. Both the assignment and the user may hold `_`; the slip tells where one ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from grader.intake.files import Found, nfc
from grader.intake.layout import Layout, Opened, Owner
from grader.model.moments import moment
from grader.model.text import say

_ENTRY = re.compile(
    r"^(?P<head>.+)_(?P<word>attempt|tentative|poging|intento|tentativo|Versuch)_"
    r"(?P<date>\d{4}(?:-\d{2}){5})(?:_(?P<file>.+)|(?P<slip>\.txt))?$"
)
_PERSON = re.compile(r"^\s*[^:\n]{1,40}:\s*(?P<name>[^\n]+?)\s*\((?P<user>[^()\n]+)\)\s*$", re.MULTILINE)
_LINE = 4096
"""Bytes: the person stands in the slip's first lines."""


class _Attempt(NamedTuple):
    head: str
    date: str


class _Whose(NamedTuple):
    user: str
    name: str


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
    attempts: dict[_Attempt, _Whose | None] = {}
    with_files: set[_Attempt] = set()
    for file in found:
        for part in file.parts[1:]:
            match = _ENTRY.match(part)
            if match is None:
                continue
            attempt = _Attempt(match["head"], match["date"])
            if match["slip"]:
                attempts[attempt] = _on_slip(file, attempt.head)
            else:
                attempts.setdefault(attempt, None)
                with_files.add(attempt)
            break
    if not attempts:
        return None

    def owner(file: Found) -> Owner | None:
        for depth, part in enumerate(file.parts[1:], start=1):
            match = _ENTRY.match(part)
            if match is None:
                continue
            attempt = _Attempt(match["head"], match["date"])
            whose = attempts.get(attempt) or _by_head(attempt.head)
            inside = file.parts[depth + 1 :]
            is_alone = bool(match["slip"]) and attempt not in with_files
            return Owner(
                student=whose.user,
                name=whose.name,
                file_name=inside[-1] if inside else match["file"] or part,
                folders=(match["file"] or attempt.head, *inside[:-1]) if inside else (attempt.head,),
                refused=say("Nothing but text was handed in here, and no file; it is not graded.")
                if is_alone
                else None,
                handed_in_at=moment(match["date"]),
                attempt=int(match["date"].replace("-", "")),
                is_slip=bool(match["slip"]) and not is_alone,
            )
        return None

    return Opened(owner)


def _by_head(head: str) -> _Whose:
    """Without a slip: the user is what follows the last `_`."""
    user = head.rsplit("_", 1)[-1]
    return _Whose(user, user)


def _on_slip(file: Found, head: str) -> _Whose | None:
    try:
        text = file.read(_LINE).decode("utf-8-sig", "replace")
    except OSError:  # the file's name tells enough to go on with
        return None
    for match in _PERSON.finditer(text):
        user = nfc(match["user"].strip())
        if head.endswith(f"_{user}"):
            return _Whose(user, nfc(match["name"]))
    return None


BLACKBOARD = Layout("blackboard", _open)
