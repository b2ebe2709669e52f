"""Otter's marks inside a solution cell, rewritten as the regions of ours.

Source: otter-grader 7, `otter/assign/solutions.py`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.errors import CatalogError
from grader.model.text import say

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"

_BEGIN = re.compile(r"^(\s*)# BEGIN SOLUTION( NO PROMPT)?\s*$")
_END = re.compile(r"# END SOLUTION\s*$")
_LINE = re.compile(r"^(\s*)(.*?)\s*# ?SOLUTION(?: NO PROMPT)?\s*$")
_PROMPT = re.compile(r'^\s*"""\s*# BEGIN PROMPT.*?# END PROMPT[ \t]*$\n?', re.MULTILINE | re.DOTALL)
_IGNORED_BLOCK = re.compile(
    r"^[ \t]*#\s*BEGIN\s*IGNORE\b.*?#\s*END\s*IGNORE[ \t]*$\n?", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_IGNORED_LINE = re.compile(r"^.*# IGNORE[ \t]*$\n?", re.MULTILINE)
_OTTERS_OWN = re.compile(
    r"^\s*(?:import otter\b|from otter\b|grader\s*=\s*otter\.Notebook\(|grader\.(?:check|check_all|export)\().*$\n?",
    re.MULTILINE,
)


class Rewritten(NamedTuple):
    """A solution cell with regions of ours."""

    text: str
    prompt: str
    """The text that Otter gives students instead; empty where there is none."""


def without_ignored(source: str) -> str:
    """Without what Otter leaves out of every notebook that it writes."""
    return _IGNORED_LINE.sub("", _IGNORED_BLOCK.sub("", source))


def without_otter(source: str) -> str:
    """Without the lines that import Otter and run its checks."""
    return _OTTERS_OWN.sub("", source)


def rewritten(source: str) -> Rewritten:
    """Regions around whole solutions and around lines that end with `# SOLUTION`.

    Raises: CatalogError when a region is open, nested, or ends without a beginning.
    """
    prompts = "\n".join(match.group(0).strip() for match in _PROMPT.finditer(source))
    lines: list[str] = []
    inside = False
    for line in _PROMPT.sub("", without_ignored(source)).rstrip("\n").split("\n"):
        begins = _BEGIN.match(line)
        single = None if inside else _LINE.match(line)
        if begins:
            if inside:
                raise CatalogError(say("a solution region begins inside another one"))
            inside = True
            lines.append(begins[1] + BEGIN)
        elif _END.search(line):
            if not inside:
                raise CatalogError(say("a solution region ends that never began"))
            inside = False
            lines.append(line[: len(line) - len(line.lstrip())] + END)
        elif single is not None:
            _add_line(lines, single[1], single[2])
        else:
            lines.append(re.sub(r"\s*# SEED\s*$", "", line))
    if inside:
        raise CatalogError(say("a solution region has no `# END SOLUTION`"))
    return Rewritten("\n".join(lines), prompts)


def _add_line(lines: list[str], indent: str, text: str) -> None:
    """One line as a region; next to another at the same depth, they share it."""
    if lines and lines[-1] == indent + END:
        lines[-1:] = [indent + text, indent + END]
    else:
        lines += [indent + BEGIN, indent + text, indent + END]
