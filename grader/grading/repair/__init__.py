"""Damaged notebooks: what was found in one, and the notebook as it is run."""

from grader.grading.repair.after import repair_after
from grader.grading.repair.repair import Repaired, repair, repair_for

__all__ = ["Repaired", "repair", "repair_after", "repair_for"]
