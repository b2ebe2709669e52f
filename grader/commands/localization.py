"""The help of all commands in French: copies of the commands, with the words of the catalogue `help.po`.

The English stays where a command is declared; each paragraph, and each word of a metavar, is a message id.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, TypeVar

import rich_click as click
from rich_click.rich_help_formatter import RichHelpFormatter

from grader import config
from grader.i18n import french
from grader.model.text import Language

if TYPE_CHECKING:
    from rich.markdown import Markdown
    from rich.style import StyleType
    from rich.text import Text

Translate = Callable[[str], str]
AnyCommand = TypeVar("AnyCommand", bound=click.Command)
AnyGroup = TypeVar("AnyGroup", bound=click.Group)

CATALOGUE = "help"
USAGE = "Usage:"
HELP = "Show this message and exit."
FRAME = {
    "options_panel_title": "Options",
    "commands_panel_title": "Commands",
    "errors_panel_title": "Error",
    "errors_suggestion": "Try -h for help.",
    "default_string": "(default: {})",
    "aborted_text": "Aborted.",
}
"""What rich-click puts around the texts of commands, by the names of its configuration."""

_WORD = re.compile(r"[A-Z]{2,}")
# Rich breaks lines at no-break spaces: while it lays out a page, characters of private use stand for them.
_HELD = str.maketrans("\u00a0\u202f", "\ue000\ue001")
_RELEASED = str.maketrans("\ue000\ue001", "\u00a0\u202f")


class FrenchFormatter(RichHelpFormatter):
    """Writes the one word of its own that rich-click lets nobody configure, and keeps no-break spaces whole."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Begin the line of usage in French."""
        super().write_usage(prog, args, prefix or french(CATALOGUE).get(USAGE, USAGE))

    def rich_text(self, text: str | Text | Markdown, style: StyleType = "") -> Text | Markdown:
        """Make text of a paragraph, in which no line begins with a colon."""
        return super().rich_text(text.translate(_HELD) if isinstance(text, str) else text, style)

    def getvalue(self) -> str:
        """All that was written."""
        return super().getvalue().translate(_RELEASED)


class FrenchContext(click.RichContext):
    """The context of a French command."""

    formatter_class = FrenchFormatter


def language_of(args: Sequence[str]) -> Language:
    """What `--lang`, the environment, `grader.toml` or the locale say, also where other settings are wrong."""
    said = None
    for flag, following in zip(args, (*args[1:], None), strict=True):
        if flag == "--lang":
            said = following
        elif flag.startswith("--lang="):
            said = flag.removeprefix("--lang=")
    return config.language_of(said)


def in_french(group: AnyGroup) -> AnyGroup:
    """A copy of the group that speaks French; what has no translation stays English."""
    words = french(CATALOGUE)
    return localized(group, lambda text: words.get(text, text))


def localized(group: AnyGroup, translate: Translate) -> AnyGroup:
    """A copy of the group, and of all commands below it, all of whose words went through `translate`."""
    copied = _command(group, translate, group.context_settings.get("help_option_names", ["--help"]))
    frame = {name: translate(words) for name, words in FRAME.items()}
    copied.context_settings = {**group.context_settings, "rich_help_config": frame}
    return copied


def _command(command: AnyCommand, translate: Translate, help_names: Sequence[str]) -> AnyCommand:
    copied = copy(command)
    copied.context_class = FrenchContext
    copied.help = _paragraphs(command.help, translate)
    copied.epilog = _paragraphs(command.epilog, translate)
    copied.options_metavar = _words(command.options_metavar, translate)
    copied.params = [_parameter(parameter, translate) for parameter in command.params]
    # The help option that click would add takes its text from nobody.
    copied.add_help_option = False
    click.help_option(*help_names, help=translate(HELP))(copied)
    if isinstance(command, click.Group) and isinstance(copied, click.Group):
        copied.subcommand_metavar = _words(command.subcommand_metavar, translate) or ""
        copied.commands = {
            name: _command(below, translate, help_names) for name, below in command.commands.items()
        }
    return copied


def _parameter(parameter: click.Parameter, translate: Translate) -> click.Parameter:
    copied = copy(parameter)
    copied.metavar = _words(parameter.metavar, translate)
    if isinstance(parameter, click.Option) and isinstance(copied, click.Option):
        copied.help = _paragraphs(parameter.help, translate)
    elif parameter.metavar is None and parameter.name is not None and parameter.required:
        copied.metavar = translate(parameter.name.upper())
    return copied


def _paragraphs(text: str | None, translate: Translate) -> str | None:
    if text is None:
        return None
    paragraphs = (" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n"))
    return "\n\n".join(translate(paragraph) for paragraph in paragraphs)


def _words(metavar: str | None, translate: Translate) -> str | None:
    return None if metavar is None else _WORD.sub(lambda word: translate(word[0]), metavar)
