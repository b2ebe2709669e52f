"""The whole run, from folders to reports; called by the commands."""

from grader.pipeline.class_report import class_report_of
from grader.pipeline.explaining import explain_again
from grader.pipeline.imports import missing_imports
from grader.pipeline.moves import Move
from grader.pipeline.names import OtherName
from grader.pipeline.run import Plan, carry_out, plan, without

__all__ = [
    "Move",
    "OtherName",
    "Plan",
    "carry_out",
    "class_report_of",
    "explain_again",
    "missing_imports",
    "plan",
    "without",
]
