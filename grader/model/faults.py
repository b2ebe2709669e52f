"""What a validator expected, in both languages: our own messages, and the commonest of pydantic's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.model.text import Text, say

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_INPUT = "Input should be "
_OF_PYDANTIC = {
    r"greater than (?P<limit>[-\d.]+)": say("greater than {limit}"),
    r"greater than or equal to (?P<limit>[-\d.]+)": say("greater than or equal to {limit}"),
    r"less than (?P<limit>[-\d.]+)": say("less than {limit}"),
    r"less than or equal to (?P<limit>[-\d.]+)": say("less than or equal to {limit}"),
    r"(?P<some>'.*') or (?P<last>'.*')": say("{some} or {last}"),
    r"a valid integer": say("a valid integer"),
    r"a valid integer, unable to parse string as an integer": say(
        "a valid integer, unable to parse string as an integer"
    ),
    r"a valid number": say("a valid number"),
    r"a finite number": say("a finite number"),
    r"a valid string": say("a valid string"),
    r"a valid boolean": say("a valid boolean"),
    r"a valid boolean, unable to interpret input": say("a valid boolean, unable to interpret input"),
    r"a valid list": say("a valid list"),
    r"a valid tuple": say("a list"),
    r"a valid dictionary": say("a valid dictionary"),
}
"""Its words behind `Input should be`; others are quoted as they are."""


def expectation(fault: ErrorDetails) -> Text:
    """What should have been there, to stand behind `expected`; a message that a validator of ours raised is that."""
    said = _of_ours(fault)
    return _of_pydantic(fault["msg"].removeprefix(_INPUT)) if said is None else said


def complaint(fault: ErrorDetails) -> Text:
    """The whole message."""
    said = _of_ours(fault)
    if said is None and fault["msg"].startswith(_INPUT):
        return say("Input should be {expected}", expected=expectation(fault))
    return expectation(fault)


def _of_ours(fault: ErrorDetails) -> Text | None:
    """The `Text` that a ValueError in a validator was made of."""
    raised = fault.get("ctx", {}).get("error")
    said = raised.args[0] if isinstance(raised, ValueError) and raised.args else None
    return said if isinstance(said, Text) else None


def _of_pydantic(words: str) -> Text:
    words = words.removeprefix("Value error, ")
    for pattern, text in _OF_PYDANTIC.items():
        if match := re.fullmatch(pattern, words):
            return Text(msgid=text.msgid, args=dict(match.groupdict()))
    return say("{quoted}", quoted=words)
