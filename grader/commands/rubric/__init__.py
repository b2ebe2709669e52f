"""`grade rubric …`: what is asked, and what it is worth."""

from __future__ import annotations

import rich_click as click

from grader.commands.rubric.changing import diff_command, export_command, import_command, set_command
from grader.commands.rubric.looking import list_command, schema_command, show_command

EXAMPLES = """
Examples: `grade rubric list`; `grade rubric set 02_autograd analytic.values.points=3`; `grade rubric diff 02_autograd`;
`grade rubric export 02_autograd --out mine.toml`; `grade rubric import 02_autograd mine.toml`.
"""


@click.group(epilog=EXAMPLES)
def rubric() -> None:
    """Look at rubrics, and change them: what is asked, and what it is worth."""


for command in (
    list_command,
    show_command,
    set_command,
    diff_command,
    export_command,
    import_command,
    schema_command,
):
    rubric.add_command(command)
