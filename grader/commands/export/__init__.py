"""`grade export`: grades to what an LMS, or a faculty's records, take in."""

from __future__ import annotations

import rich_click as click

from grader.commands.export.apogee import apogee
from grader.commands.export.canvas import canvas
from grader.commands.export.files import junit, points, table
from grader.commands.export.gradescope import gradescope
from grader.commands.export.moodle import moodle

EXAMPLES = """
Examples: `grade export moodle notes.csv --dry-run`; `grade export moodle notes.csv --feedback feedback.zip`;
`grade export canvas gradebook.csv`; `grade export apogee V1CJ.txt --absent ABI`; `grade export csv --excel`;
`grade export points --by task`.
"""


@click.group(epilog=EXAMPLES)
def export() -> None:
    """Write the grades that stand for an LMS, or fill them into its own file.

    Who handed in nothing gets nothing: absent is not zero. Who has a point that waits for a person gets no grade yet.
    """


for command in (moodle, canvas, gradescope, apogee, table, points, junit):
    export.add_command(command)
