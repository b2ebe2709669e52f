"""The layouts that are known, in the order in which they are tried; a new one is a file and a line here."""

from __future__ import annotations

from grader.intake.layout import Layout
from grader.intake.moodle import FLAT, FOLDERS
from grader.intake.plain import PLAIN

LAYOUTS: tuple[Layout, ...] = (FOLDERS, FLAT, PLAIN)
