"""The whole run, from folders to reports; called by the commands."""

from grader.pipeline.class_report import class_report_of
from grader.pipeline.run import Plan, carry_out, plan

__all__ = ["Plan", "carry_out", "class_report_of", "plan"]
