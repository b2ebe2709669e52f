"""A notebook run in an IPython shell of this process, and asked by the agent itself; no walls, no kernel to start."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from IPython.core.interactiveshell import InteractiveShell

from grader.model.judgement import Judgement
from grader.model.probe import Observation
from grader.model.rubric import Criterion
from grader.selfcheck.live.respondent import LiveRespondent
from tests.criteria.builders import cells, evidence


@contextmanager
def shell_with(texts: Sequence[str]) -> Iterator[InteractiveShell]:
    """A shell in which these cells have run."""
    hook, main = sys.displayhook, sys.modules["__main__"]
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(history_load_length=0)
    shell.history_manager.enabled = False
    try:
        for text in texts:
            shell.run_cell(text, store_history=True)
        yield shell
    finally:
        InteractiveShell.clear_instance()
        sys.displayhook, sys.modules["__main__"] = hook, main


def observed(criterion: Criterion, texts: Sequence[str]) -> list[Observation]:
    """The answers of a notebook to all that a criterion asks of a student."""
    probes = [p for p in criterion.probes(np.random.default_rng(0)) if p.ask != "reference"]
    with shell_with(texts) as shell:
        respondent = LiveRespondent(shell)
        return [respondent.ask(probe) for probe in probes]


def judged(criterion: Criterion, *texts: str) -> Judgement:
    """The judgement about a notebook of these cells."""
    return criterion.judge(evidence(observed(criterion, texts), source=cells(*texts)))
