"""The verdicts in words."""

from __future__ import annotations

from grader.model.run_order import Mark
from grader.model.text import Language, Text, say
from grader.model.verdict import Verdict

VERDICT_WORDS: dict[Verdict, Text] = {
    Verdict.ACCEPTED: say("right"),
    Verdict.PARTIALLY_ACCEPTED: say("partly right"),
    Verdict.WRONG_ANSWER: say("wrong answer"),
    Verdict.RUN_TIME_ERROR: say("error while running"),
    Verdict.TIME_LIMIT_EXCEEDED: say("time limit exceeded"),
    Verdict.MEMORY_LIMIT_EXCEEDED: say("memory limit exceeded"),
    Verdict.PROCESS_LIMIT_EXCEEDED: say("too many processes"),
    Verdict.DISK_LIMIT_EXCEEDED: say("too much written to the disk"),
    Verdict.OUTPUT_LIMIT_EXCEEDED: say("too much output"),
    Verdict.NOT_ATTEMPTED: say("not attempted"),
    Verdict.SKIPPED: say("skipped"),
    Verdict.NEEDS_REVIEW: say("to be marked by a person"),
    Verdict.JUDGE_ERROR: say("the grader could not tell"),
}

VERDICT_MARKS: dict[Verdict, str] = {
    Verdict.ACCEPTED: "✓",
    Verdict.PARTIALLY_ACCEPTED: "◐",
    Verdict.WRONG_ANSWER: "✗",
    Verdict.RUN_TIME_ERROR: "✗",
    Verdict.TIME_LIMIT_EXCEEDED: "✗",
    Verdict.MEMORY_LIMIT_EXCEEDED: "✗",
    Verdict.PROCESS_LIMIT_EXCEEDED: "✗",
    Verdict.DISK_LIMIT_EXCEEDED: "✗",
    Verdict.OUTPUT_LIMIT_EXCEEDED: "✗",
    Verdict.NOT_ATTEMPTED: "○",
    Verdict.SKIPPED: "○",
    Verdict.NEEDS_REVIEW: "…",
    Verdict.JUDGE_ERROR: "?",
}
"""One sign each, so that colour is never the only one to tell."""

OUTCOME_WORDS: dict[str, Text] = {
    "right": say("right"),
    "partly": say("partly right"),
    "wrong": say("wrong"),
    "blank": say("not attempted or skipped"),
    "waiting": say("to be marked by a person"),
}
"""The parts of a criterion's bar."""

OUTCOME_SIGNS: dict[str, str] = {"right": "✓", "partly": "◐", "wrong": "✗", "blank": "○", "waiting": "…"}
"""One sign each, for the map of students and criteria."""


MARK_WORDS: dict[Mark, Text] = {
    "put_back": say("given, not in your file: put back"),
    "set_aside": say("not run"),
    "changed": say("as it was run"),
    "superseded": say("the one handed out was run after it"),
}
"""What was done to a damaged cell."""


STANDINGS: dict[str, tuple[str, Text]] = {
    "all": ("✓", say("all points")),
    "most": ("◕", say("80 % or more")),
    "half": ("◑", say("40 % or more")),
    "little": ("◔", say("less than 40 %")),
    "nothing": ("✗", say("no points")),
    "blank": ("○", say("not attempted")),
    "waiting": ("…", say("to be marked by a person")),
    "broken": ("?", say("the grader could not tell")),
}
"""The key of the matrix: a sign and words for each standing, so that colour is never the only one to tell."""


def colon(language: Language) -> str:
    """A colon as the language sets it: in French after a narrow no-break space."""
    return "\N{NARROW NO-BREAK SPACE}:" if language == "fr" else ":"
