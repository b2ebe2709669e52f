"""Code that stands among text, or in two versions: found again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from grader.grading.repair.code import is_python, plain
from grader.grading.repair.handout import Handout
from grader.model.notebook_code import parse

_FENCED = re.compile(
    r"^[ \t]*(```+|~~~+)[ \t]*[\w+.-]*[ \t]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL
)
_CONFLICT = re.compile(
    r"^<{7}(?: [^\n]*)?\n(?P<ours>.*?)(?:^\|{7}(?: [^\n]*)?\n.*?)?^={7}\n(?P<theirs>.*?)^>{7}(?: [^\n]*)?$\n?",
    re.MULTILINE | re.DOTALL,
)


class Resolved(NamedTuple):
    """A cell without its conflict."""

    text: str
    side: Literal["ours", "theirs"]


def code_in(text: str, handout: Handout) -> str | None:
    """The code of a text that is code, or holds some; None where none is seen."""
    rest = _without_texts(text, handout)
    fenced = "\n".join(match[2].strip("\n") for match in _FENCED.finditer(rest))
    return next((code for code in (text, rest, fenced) if says_something(code)), None)


def says_something(text: str) -> bool:
    """Whether it is Python that does something, and no prose that happens to read as Python."""
    if not is_python(text):
        return False
    tree = parse(text)
    return tree is not None and any(_does(statement) for statement in tree.body)


def _does(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    if not isinstance(statement, ast.Expr):
        return not isinstance(statement, ast.Pass)
    return any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(statement))


def resolve_conflict(text: str, untouched: str | None) -> Resolved | None:
    """The side of a git conflict that counts: the second, unless only the first is code, or more than was handed out.

    None where there is no conflict, or neither side is Python.
    """
    if _CONFLICT.search(text) is None:
        return None
    sides = (
        Resolved(_CONFLICT.sub(lambda found: found["theirs"], text), "theirs"),
        Resolved(_CONFLICT.sub(lambda found: found["ours"], text), "ours"),
    )
    good = [side for side in sides if is_python(side.text)]
    own = [side for side in good if plain(side.text) not in ("", plain(untouched or ""))]
    return next(iter((*own, *good)), None)


def _without_texts(text: str, handout: Handout) -> str:
    """What is left where texts of the exercise are taken away."""
    lines = text.split("\n")
    for known in handout.texts:
        solid = [plain(line) for line in lines]
        for start, end in _spans(solid, known):
            lines = [*lines[:start], *lines[end:]]
            break
    return "\n".join(lines).strip("\n") if len(lines) < text.count("\n") + 1 else text


def _spans(lines: list[str], known: str) -> Iterator[tuple[int, int]]:
    """Where lines begin and end that together are a known text."""
    for start, line in enumerate(lines):
        if not line or not known.startswith(line):
            continue
        met = ""
        for end in range(start, len(lines)):
            met += lines[end]
            if met == known:
                yield start, end + 1
                break
            if not known.startswith(met):
                break
