"""`grade exercise …`: for those who write exercises."""

from __future__ import annotations

import rich_click as click

from grader.commands.exercise.kit import kit_command
from grader.commands.exercise.releasing import release_command


@click.group()
def exercise() -> None:
    """Write exercises: make the handouts of the references, and the kits that students check themselves with."""


for command in (release_command, kit_command):
    exercise.add_command(command)
