"""The commands of click as Markdown: usage, help, options and examples of each."""

from __future__ import annotations

from collections.abc import Iterator

import click

from grader.cli import main


def commands_page() -> str:
    """One section a command, in the order of `grade --help`."""
    pieces = ["# Commands", "As `--help` says it of each; made from the code."]
    context = click.Context(main, info_name="grade")
    pieces += _section(context, level=2)
    return "\n\n".join(pieces) + "\n"


def _section(context: click.Context, level: int) -> Iterator[str]:
    command = context.command
    yield f"{'#' * level} {context.command_path}"
    yield f"```text\n{' '.join([context.command_path, *command.collect_usage_pieces(context)])}\n```"
    yield _prose(command.help or "")
    options = [
        row for p in command.get_params(context) if isinstance(p, click.Option) for row in _row(p, context)
    ]
    if options:
        yield "\n".join(["| option | says |", "|---|---|", *options])
    if command.epilog:
        yield _prose(command.epilog)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                below = click.Context(inner, parent=context, info_name=name)
                yield from _section(below, min(level + 1, 4))


def _row(option: click.Option, context: click.Context) -> Iterator[str]:
    record = option.get_help_record(context)
    if record is not None and "--help" not in option.opts:
        spelling, says = (part.replace("|", "\\|") for part in record)
        yield f"| `{spelling}` | {_escaped(' '.join(says.split()))} |"


def _prose(text: str) -> str:
    lines = [line.strip() for line in text.replace("\b", "").strip().splitlines()]
    return _escaped("\n".join(lines))


def _escaped(text: str) -> str:
    """Markdown but for what stands between backticks, which is left as it is."""
    pieces = text.split("`")
    pieces[::2] = [piece.replace("<", "\\<").replace("*", "\\*").replace("_", "\\_") for piece in pieces[::2]]
    return "`".join(pieces)
