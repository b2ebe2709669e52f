"""Why several criteria of one notebook wait for a person together: told once, in one line, for all of them."""

from __future__ import annotations

from grader.model.judgement import Judgement
from grader.model.lack import lack_of
from grader.model.text import Text, say
from grader.model.verdict import Verdict

NEVER_ASKED = say(
    "This could not be asked: the kernel had died while another part of your work was being called."
)
"""What is said of criteria whose turn came after a call that the kernel did not outlive."""
ENDED_ITS_KERNEL = say("ended its own kernel")


def shared_reason(judgement: Judgement) -> Text | None:
    """What it waits for, in a few words for the staff; None where it waits for a reason of its own, or not at all."""
    lack = lack_of(judgement)
    if lack is not None:
        return lack.words
    is_gone = judgement.verdict is Verdict.NEEDS_REVIEW and judgement.summary == NEVER_ASKED
    return ENDED_ITS_KERNEL if is_gone else None
