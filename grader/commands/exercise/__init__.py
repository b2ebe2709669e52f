"""`grade exercise …`: for those who write exercises."""

from __future__ import annotations

import rich_click as click

from grader.commands.exercise.mutating import mutate_command
from grader.commands.exercise.releasing import release_command
from grader.commands.exercise.verifying import verify_command


@click.group()
def exercise() -> None:
    """Write exercises: make the handouts of the references, and test exercises as code is tested."""


for command in (release_command, verify_command, mutate_command):
    exercise.add_command(command)
