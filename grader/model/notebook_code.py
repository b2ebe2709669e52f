"""A cell's text as Python: magics, shell lines, help and prompts taken out as IPython understands them.

Lines stay where they were, so that a number of a line in the tree is one in the cell. Nothing is run.

Source: https://ipython.readthedocs.io/en/stable/interactive/reference.html
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

_PYTHON_CELLS = ("time", "timeit", "capture", "prun")
"""Cell magics below which stands Python that is run in the notebook."""
_CELL_MAGIC = re.compile(r"%%(\w*)")
_MAGIC = re.compile(
    r"(?P<indent>\s*)(?:(?P<target>[^\s%!?=#('\"][^%!?=#(]*=\s*)(?=[%!](?!=))|(?=[%!?,;/])|(?=[^#'\"]*\?{1,2}\s*$))(?P<rest>.*)"
)
_TIMED = re.compile(r"%(?:time|timeit|prun)\s+(?:-{1,2}[a-zA-Z-]+\s*(?:\d+\s+)?)*(?P<statement>.*)")
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)|In \[\d+\]: |\s*\.{3,}: ?")
_TOKEN = re.compile(
    r"""'''|\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|#.*|[(\[{]|[)\]}]|\\$""",
)


def parse(text: str) -> ast.Module | None:
    """The tree of one cell, without magics and shell lines; None when it is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a student's string is not our business
        for candidate in (text, without_magics(text)):
            try:
                return ast.parse(candidate)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


@lru_cache(maxsize=500)
def without_magics(text: str) -> str:
    """The text with IPython's own syntax replaced by Python, or left empty; line for line."""
    lines = _dedented(_without_prompts(text.splitlines()))
    first = next((line for line in lines if line.strip()), "")
    below = _CELL_MAGIC.match(first)
    if below is not None and not first.rstrip().endswith("?"):
        if below[1] not in _PYTHON_CELLS:
            return ""
        lines[lines.index(first)] = ""
    return "\n".join(_python(lines))


def _python(lines: list[str]) -> Iterator[str]:
    """Each line as Python; only those that begin a statement can be magics."""
    inside = _Inside()
    is_continued_magic = False
    for line in lines:
        if is_continued_magic:
            is_continued_magic = line.endswith("\\")
            yield ""
            continue
        found = _MAGIC.match(line) if inside.is_statement else None
        if found is None:
            inside.read(line)
            yield line
        else:
            is_continued_magic = line.endswith("\\")
            yield _stand_in(found)


def _stand_in(magic: re.Match[str]) -> str:
    """A statement in place of a magic: what it times, None for what it gives, or nothing."""
    target = magic["target"] or ""
    timed = _TIMED.match(magic["rest"])
    if timed is not None and _is_python(timed["statement"]):
        return f"{magic['indent']}{target}{timed['statement'].strip()}"
    return f"{magic['indent']}{target}None" if target else f"{magic['indent']}pass"


class _Inside:
    """Whether the next line begins a statement, or goes on in a text, in brackets or after a backslash."""

    def __init__(self) -> None:
        self._quote = ""
        self._depth = 0
        self._is_continued = False

    @property
    def is_statement(self) -> bool:
        return not self._quote and self._depth <= 0 and not self._is_continued

    def read(self, line: str) -> None:
        """Look at one line of Python."""
        self._is_continued = False
        at = 0
        while at < len(line):
            if self._quote:
                end = line.find(self._quote, at)
                if end < 0:
                    return
                at, self._quote = end + len(self._quote), ""
                continue
            token = _TOKEN.search(line, at)
            if token is None:
                return
            at = token.end()
            if token[0] in ("'''", '"""'):
                self._quote = token[0]
            elif token[0] in ("(", "[", "{"):
                self._depth += 1
            elif token[0] in (")", "]", "}"):
                self._depth -= 1
            elif token[0] == "\\":
                self._is_continued = True


def _without_prompts(lines: list[str]) -> list[str]:
    """Lines that were copied with the prompts of a Python or IPython session, without them."""
    first = next((line for line in lines if line.strip()), "")
    if not re.match(r">>> |In \[\d+\]: ", first):
        return lines
    return [_PROMPT.sub("", line, count=1) if _PROMPT.match(line) else line for line in lines]


def _dedented(lines: list[str]) -> list[str]:
    """All lines less what the first is indented by, as IPython runs a cell that was pasted indented."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _is_python(statement: str) -> bool:
    try:
        ast.parse(statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(statement.strip())
