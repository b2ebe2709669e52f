"""From text to plain JSON values, with words for what breaks: where it is cut off, where it is no JSON."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from grader.model.text import Text, say


class NotJSONError(ValueError):
    """The text is not JSON; `problem` says why, for people."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.msgid)
        self.problem = problem


def parse(text: str) -> Any:
    """JSON values; NaN, infinities and numbers out of range become None.

    Raises:
        NotJSONError: with words for the student.
    """
    try:
        return json.loads(text, parse_constant=lambda _: None, parse_float=_finite, parse_int=_small)
    except json.JSONDecodeError as error:
        _refuse(text, error)
    except RecursionError:
        raise NotJSONError(
            say(
                "The file's content is nested too deeply to be a notebook. Download it again, or hand in again."
            )
        ) from None


def clean_text(text: str) -> str:
    """Text that can be encoded: halves of surrogate pairs are joined, lone ones replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _small(number: str) -> int | None:
    return int(number) if len(number) < 100 else None


def _refuse(text: str, error: json.JSONDecodeError) -> NoReturn:
    if "\n<<<<<<< " in text and "\n>>>>>>> " in text:
        problem = say(
            "The file holds the marks of a merge that git could not finish. Mend it, and hand in again."
        )
    elif error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        problem = say(
            "The file is cut off at line {line}, column {column}. Download it again, or hand in again.",
            line=error.lineno,
            column=error.colno,
        )
    else:
        problem = say(
            "The file is not JSON (line {line}, column {column}), so it is no notebook."
            " Download it again, or hand in again.",
            line=error.lineno,
            column=error.colno,
        )
    raise NotJSONError(problem) from None
