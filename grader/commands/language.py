"""The language in which a command complains: known also where its settings are wrong."""

from __future__ import annotations

from typing import Any

import click

from grader.config import language_of
from grader.i18n import render
from grader.model.text import Language, Text

_SAID = "grader.language"


def remember(ctx: click.Context, _parameter: click.Parameter, value: Any) -> Any:
    """Callback of `--lang`: keeps what it gave, for whoever complains later."""
    if value is not None:
        ctx.meta[_SAID] = value
    return value


def spoken(ctx: click.Context) -> Language:
    """The language of `--lang`, the environment, `grader.toml` or the locale."""
    return language_of(ctx.meta.get(_SAID))


def usage_error(text: Text) -> click.UsageError:
    """Wrong usage of the command that runs, in its language."""
    return click.UsageError(render(text, spoken(click.get_current_context())))
