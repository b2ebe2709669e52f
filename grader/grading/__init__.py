"""From a job to a grade report: execute, ask, judge, score."""

from grader.grading.explanation import Explanation, Question, explain
from grader.grading.reference import ask_reference, reference_key
from grader.grading.submission import grade_one, hold_interview, report_without_kernel

__all__ = [
    "Explanation",
    "Question",
    "ask_reference",
    "explain",
    "grade_one",
    "hold_interview",
    "reference_key",
    "report_without_kernel",
]
