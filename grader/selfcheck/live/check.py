"""One check of a live kernel: asks, restores what asking disturbed, judges in the same process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from grader.criteria.figure import Figure
from grader.criteria.manual import Manual
from grader.criteria.runs import Runs
from grader.criteria.source import Source
from grader.grading.interview import Interview
from grader.grading.repair import repair_for
from grader.grading.source import read_cells
from grader.inkernel import figures
from grader.model.check_report import CheckReport
from grader.model.evidence import SourceCell
from grader.model.execution import Execution
from grader.model.rubric import Criterion
from grader.model.text import Language, Text, say
from grader.selfcheck.live.respondent import TOO_LONG_S, LiveRespondent
from grader.selfcheck.live.undisturbed import undisturbed
from grader.selfcheck.public import PublicExercise
from grader.selfcheck.reporting import report_of
from grader.versions import versions

TIER = "live"


def check_live(
    public: PublicExercise, shell: Any, language: Language, notebook: dict[str, Any] | None = None
) -> CheckReport:
    """Judge what can be judged without a fresh run.

    `shell`: IPython's; `notebook`: the file as it was saved, where it is known: what is damaged in it is told.
    Raises KeyboardInterrupt.
    """
    criteria = public.exercise.rubric.criteria
    unseen = [c for c in criteria if is_unseen(c)]
    here = public.with_criteria(c.id for c in criteria if not _needs_a_run(c) and c not in unseen)
    respondent = LiveRespondent(shell)
    interview = Interview(
        job=here.job("", name="", sha256="", tier=TIER),
        kernel=respondent,
        execution=Execution(ended="completed", notebook="", tier=TIER),
        deadline=time.monotonic() + 2 * TOO_LONG_S,
        source=tuple(_history(shell)),
        handout={c.grade_id: c.text for c in read_cells(here.exercise.handout) if c.grade_id},
        questions=here.questions,
        inputs_are_public=True,
    )
    with undisturbed(shell.user_ns):
        interview.hold()
    slow = {probe.rpartition("/")[0] for probe in respondent.unanswered}
    for criterion in here.exercise.rubric.criteria:  # what rests on one that was given up says nothing either
        slow |= {criterion.id} if slow & set(criterion.depends) else set()
    results = [result for result in interview.results.values() if result.id not in slow]
    left = [c for c in criteria if c.id in slow or _needs_a_run(c)]
    return report_of(
        public,
        results,
        mode="live",
        language=language,
        remarks=[*_damages(public, notebook), *_remarks(left), *_remarks_on_figures(unseen)],
        tier=TIER,
        versions=versions(),
    )


def _needs_a_run(criterion: Criterion) -> bool:
    """Whether it looks at the notebook as a file, or at a run of it from the top."""
    by_cell = isinstance(criterion, Source) and bool(criterion.cells)
    return isinstance(criterion, Runs | Manual) or criterion.looks_at_gpus or by_cell


def is_unseen(criterion: Criterion) -> bool:
    """Whether it looks at figures, and none was drawn since `%load_ext grader`."""
    return isinstance(criterion, Figure) and not figures.remembered()


def _damages(public: PublicExercise, notebook: dict[str, Any] | None) -> Iterator[Text]:
    """What is damaged in the saved file; in this kernel it has no effect."""
    if notebook is not None:
        for finding in repair_for(public.exercise, json.dumps(notebook, ensure_ascii=False)).findings:
            yield say(
                "In the saved file: {found} `grade check` says what is done about it when it is graded.",
                found=finding.found,
            )


def _remarks_on_figures(unseen: list[Criterion]) -> Iterator[Text]:
    for criterion in unseen:
        yield say(
            "Not seen yet: “{title}”; run the cell that draws it once more, now that `%load_ext grader` has been run.",
            title=criterion.title,
        )


def _remarks(left: list[Criterion]) -> Iterator[Text]:
    for criterion in left:
        if isinstance(criterion, Manual):
            yield say("Not checked: “{title}”; a person marks it.", title=criterion.title)
        else:
            yield say(
                "Not checked here: “{title}”; `grade check` does, with a run from the top.",
                title=criterion.title,
            )


def _history(shell: Any) -> Iterator[SourceCell]:
    """What was run, oldest first; of a name that was defined twice, the last definition counts.

    A cell's place is its execution count, less one: what messages call cell 7 has `[7]` beside it.
    """
    for count, text in enumerate(shell.history_manager.input_hist_raw):
        if count and text.strip():
            yield SourceCell(index=count - 1, grade_id=None, text=text)
