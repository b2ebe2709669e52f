"""The verdicts: names of outcomes, the same in the store, the reports and the exports."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one criterion, or of one submission as a whole."""

    ACCEPTED = "accepted"
    PARTIALLY_ACCEPTED = "partially_accepted"
    WRONG_ANSWER = "wrong_answer"
    RUN_TIME_ERROR = "run_time_error"
    TIME_LIMIT_EXCEEDED = "time_limit_exceeded"
    MEMORY_LIMIT_EXCEEDED = "memory_limit_exceeded"
    PROCESS_LIMIT_EXCEEDED = "process_limit_exceeded"
    DISK_LIMIT_EXCEEDED = "disk_limit_exceeded"
    OUTPUT_LIMIT_EXCEEDED = "output_limit_exceeded"
    NOT_ATTEMPTED = "not_attempted"
    SKIPPED = "skipped"
    NEEDS_REVIEW = "needs_review"
    JUDGE_ERROR = "judge_error"

    @property
    def is_judged(self) -> bool:
        """Whether points follow from it; `needs_review` and `judge_error` wait for a person."""
        return self not in (Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR)
