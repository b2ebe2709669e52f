"""`grade exercise …`: for those who write exercises."""

from __future__ import annotations

import rich_click as click

from grader.commands.exercise.calibrating import calibrate_command
from grader.commands.exercise.releasing import release_command


@click.group()
def exercise() -> None:
    """Write exercises: make the handouts of the references, measure how often trainings succeed."""


for command in (release_command, calibrate_command):
    exercise.add_command(command)
