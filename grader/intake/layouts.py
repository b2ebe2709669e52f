"""The layouts that are known, in the order in which they are tried; a new one is a file and a line here."""

from __future__ import annotations

from grader.intake.blackboard import BLACKBOARD
from grader.intake.canvas import CANVAS
from grader.intake.git import GIT
from grader.intake.gradescope import GRADESCOPE
from grader.intake.layout import Layout
from grader.intake.moodle import MOODLE
from grader.intake.nbgrader import NBGRADER
from grader.intake.plain import PLAIN

LAYOUTS: tuple[Layout, ...] = (MOODLE, GRADESCOPE, BLACKBOARD, CANVAS, NBGRADER, GIT, PLAIN)
