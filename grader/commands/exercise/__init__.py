"""`grade exercise …`: for those who write exercises."""

from __future__ import annotations

import rich_click as click

from grader.commands.exercise.calibrating import calibrate_command
from grader.commands.exercise.founding import new_command
from grader.commands.exercise.importing import import_command
from grader.commands.exercise.kit import kit_command
from grader.commands.exercise.mutating import mutate_command
from grader.commands.exercise.releasing import release_command
from grader.commands.exercise.verifying import verify_command


@click.group()
def exercise() -> None:
    """Write exercises: begin or import one, make what students get, test exercises as code is tested."""


COMMANDS = (
    new_command,
    import_command,
    release_command,
    kit_command,
    verify_command,
    mutate_command,
    calibrate_command,
)

for command in COMMANDS:
    exercise.add_command(command)
