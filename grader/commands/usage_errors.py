"""Wrong usage in French: our own messages, and click's.

Click has put its English words together before anybody can translate them, and no two of its releases say quite the
same. So a message is recognised by its form, and what stands in its places is translated in turn.
"""

from __future__ import annotations

import re
from functools import cache

import rich_click as click

from grader.commands.localization import CATALOGUE
from grader.i18n import french, render
from grader.model.text import Text

MESSAGES = (
    "Invalid value for {parameter}: {reason}",
    "Invalid value: {reason}",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Missing command.",
    "No such option {name}. {hint}",
    "No such option {name}.",
    "No such option: {name} {hint}",
    "No such option: {name}",
    "No such command {name}. {hint}",
    "No such command {name}.",
    "Did you mean {name}?",
    "(Did you mean one of: {names}?)",
    "(Possible options: {names})",
    "Option {name} requires an argument.",
    "Option {name} does not take a value.",
    "Got unexpected extra argument ({value})",
    "Got unexpected extra arguments ({values})",
    "{value} is not one of {choices}.",
    "{value} is not a valid integer.",
    "{value} is not a valid integer range.",
    "{value} is not in the range {range}.",
    "{value} is no number above 0.",
    "File {path} is a directory.",
    "Directory {path} is a file.",
    "File {path} is not readable.",
    "Directory {path} is not readable.",
    "Path {path} is not readable.",
)
"""All that the commands can be answered, as click 8.1 and its successors say it; the first that fits is taken."""


class WrongUsageError(click.UsageError):
    """What a command says of its own arguments."""

    def __init__(self, text: Text) -> None:
        """Take the message; it is English until `in_french` makes it French."""
        super().__init__(str(text))
        self.text = text


def in_french(error: click.UsageError) -> click.UsageError:
    """The same error in French; the error itself where nobody translated its words."""
    said = error.format_message()
    words = render(error.text, "fr") if isinstance(error, WrongUsageError) else _translated(said)
    return error if words == said else click.UsageError(words, error.ctx)


def _translated(said: str) -> str:
    for form, message in _forms():
        found = form.fullmatch(said)
        if found is not None:
            fields = {name: _translated(value) for name, value in found.groupdict().items()}
            return french(CATALOGUE).get(message, message).format(**fields)
    return said


@cache
def _forms() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(message))), message)
        for message in MESSAGES
    ]
