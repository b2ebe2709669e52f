"""What to say when a probe brought no answer back: shared by all kinds of criteria.

`first_fault` looks at all of one criterion's answers; `unanswered` turns one observation that failed into a
judgement; both give None where there is an answer to judge.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.criteria.default_dtype import of_default_dtype
from grader.criteria.explain import Explanation, explain
from grader.criteria.failure_words import (
    VERDICT_OF_ENDING,
    ending_words,
    is_unfilled,
    raised_words,
    staff_words,
    where_raised,
)
from grader.criteria.names import did_you_mean, stored_names
from grader.criteria.outcomes import failed, judge_error, needs_review, not_filled_in, wrong_answer
from grader.model.evidence import Evidence
from grader.model.execution import CellRun
from grader.model.judgement import Judgement
from grader.model.probe import Observation, RaisedError
from grader.model.rubric import Criterion
from grader.model.shared_reason import NEVER_ASKED
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict

RUNS_TO_ITS_END = say("a cell that runs to its end")


_LIMITS: dict[str, tuple[Verdict, Text, Text]] = {
    "timed_out": (
        Verdict.TIME_LIMIT_EXCEEDED,
        say("Your code was called and did not come to an end in time."),
        say("Look for a loop that never ends, or that does far more than it was asked."),
    ),
    "out_of_memory": (
        Verdict.MEMORY_LIMIT_EXCEEDED,
        say("Your code was called and used more memory than it may."),
        say("Look for a list or tensor that grows in a loop, or for a graph that is kept."),
    ),
    "out_of_processes": (
        Verdict.PROCESS_LIMIT_EXCEEDED,
        say("Your code was called and started more processes or threads than it may."),
        say("Look for processes or threads that are started in a loop."),
    ),
    "out_of_disk": (
        Verdict.DISK_LIMIT_EXCEEDED,
        say("Your code was called and wrote more to the disk than it may."),
        say("Look for files that are written in a loop, or that grow without end."),
    ),
}
"""What to say of a call that met a limit, and where to look."""


def first_fault(criterion: Criterion, evidence: Evidence) -> Judgement | None:
    """The judgement when the reference, or else the student, left a probe without an answer."""
    return reference_fault(criterion, evidence) or student_fault(criterion, evidence)


def reference_fault(criterion: Criterion, evidence: Evidence) -> Judgement | None:
    """`judge_error` when the reference did not answer all that it was asked."""
    for observation in evidence.reference_of(criterion.id):
        if observation.outcome != "answered":
            return judge_error(
                f"The reference did not answer {observation.probe}.\n{staff_words(observation)}"
            )
    return None


def student_fault(criterion: Criterion, evidence: Evidence) -> Judgement | None:
    """The judgement about the first probe that the student's kernel did not answer."""
    observations = evidence.of(criterion.id)
    if not observations:
        return judge_error(f"Nothing was asked for {criterion.id}.")
    for observation in observations:
        judgement = unanswered(observation, evidence, criterion.hint)
        if judgement is not None:
            return judgement
    return None


def unanswered(observation: Observation, evidence: Evidence, hint: Bilingual | None) -> Judgement | None:
    """The judgement about one observation of the student's kernel; None when it was answered."""
    match observation.outcome:
        case "answered":
            return None
        case "missing":
            return _missing(observation, evidence, hint)
        case "raised":
            return _raised(observation, evidence, hint)
        case "timed_out" | "out_of_memory" | "out_of_processes" | "out_of_disk":
            verdict, summary, advice = _LIMITS[observation.outcome]
            return failed(
                verdict,
                summary,
                expected=say("a call that stays within its limits"),
                got=say("a call that met the limit, and was stopped"),
                hint=hint or advice,
                staff_note=staff_words(observation),
            )
        case "kernel_died":
            return _kernel_died(observation, evidence, hint)
        case "refused":
            return wrong_answer(
                say("What your code returned could not be read."),
                expected=say("tensors, numbers, texts, or lists and dictionaries of them"),
                got=say("something far too large, or of no kind that can be compared"),
                hint=hint,
                staff_note=staff_words(observation),
            )


def _missing(observation: Observation, evidence: Evidence, hint: Bilingual | None) -> Judgement:
    name = observation.missing or "?"
    meant = did_you_mean(name, observation.defined)
    if meant is not None:
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("`{name}` is not defined; did you mean `{meant}`?", name=name, meant=meant),
            expected=say("the name `{name}`, exactly as the notebook gives it", name=name),
            got=say("a definition of `{name}`", name=meant),
            hint=say(
                "Rename `{meant}` to `{name}`, then run the notebook from the top.", meant=meant, name=name
            ),
            staff_note=staff_words(observation),
        )
    run = _cell_that_should_define(name, evidence)
    if run is None:
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("`{name}` is not defined once the notebook has run.", name=name),
            expected=say("the name `{name}`, exactly as the notebook gives it", name=name),
            got=say("no such name"),
            hint=hint,
            staff_note=staff_words(observation),
        )
    unfilled = run.error is not None and is_unfilled(run.error.name, run.error.message)
    if unfilled:
        return not_filled_in(run.index, staff_words(observation))
    return failed(
        VERDICT_OF_ENDING.get(run.ended, Verdict.RUN_TIME_ERROR),
        say("`{name}` is not defined: the cell that should define it did not run to its end.", name=name),
        expected=RUNS_TO_ITS_END,
        got=ending_words(run),
        where=say("Cell {cell} of the notebook", cell=run.index + 1),
        hint=say("Put that cell right first, then run the notebook from the top."),
        staff_note=staff_words(observation),
        cell=run.index,
    )


def copy_words(warnings: Sequence[str]) -> Explanation | None:
    """What to say of a None where PyTorch warned that `.grad` was read from a tensor that is no leaf."""
    if not any("not a leaf Tensor" in warning for warning in warnings):
        return None
    return Explanation(
        say("`.grad` was read from a tensor that is no leaf of the graph: there it is always None."),
        say(
            "What is computed from a tensor that requires a gradient, a copy too, belongs to that tensor's graph: "
            "detach it first, then let it require a gradient, as in `x.detach().clone().requires_grad_()`."
        ),
    )


def read_of_a_copy(observation: Observation | None) -> Judgement | None:
    """The judgement about a None that came back, where PyTorch itself warned of its reason."""
    known = copy_words(observation.warnings) if observation is not None else None
    if observation is None or known is None:
        return None
    return wrong_answer(
        known.summary,
        expected=say("a tensor"),
        got=say("None"),
        hint=known.look_at,
        staff_note="\n".join([observation.probe, *observation.warnings]),
    )


def _raised(observation: Observation, evidence: Evidence, hint: Bilingual | None) -> Judgement:
    error = observation.error or RaisedError(name="Exception", message="")
    if is_unfilled(error.name, error.message):
        return not_filled_in(error.cell, staff_words(observation))
    known = explain(error.name, error.message, place="call" if error.cell is not None else "question")
    if "NoneType" in error.message:
        known = copy_words(observation.warnings) or known
    known = of_default_dtype(observation, evidence.source) or known
    return failed(
        Verdict.WRONG_ANSWER if known and known.is_wrong_answer else Verdict.RUN_TIME_ERROR,
        known.summary if known else say("Your code was called and stopped with {error}.", error=error.name),
        expected=say("a call that returns"),
        got=raised_words(error),
        where=where_raised(error),
        hint=(known.look_at if known else None) or hint,
        staff_note=staff_words(observation),
        cell=error.cell,
    )


def _kernel_died(observation: Observation, evidence: Evidence, hint: Bilingual | None) -> Judgement:
    execution = evidence.execution
    stopped = next((run for run in execution.cells if run.ended not in ("completed", "raised")), None)
    if stopped is not None:
        told = execution.detail if stopped is execution.first_failure else None
        return failed(
            VERDICT_OF_ENDING[stopped.ended],
            say("This could not be asked: the notebook did not run to its end."),
            expected=RUNS_TO_ITS_END,
            got=told or ending_words(stopped),
            where=say("Cell {cell} of the notebook", cell=stopped.index + 1),
            hint=say("Put that cell right first, then run the notebook from the top."),
            staff_note=staff_words(observation),
            cell=stopped.index,
        )
    culprit = _who_killed(evidence)
    if culprit is None or culprit.rpartition("/")[0] == observation.probe.rpartition("/")[0]:
        return failed(
            Verdict.RUN_TIME_ERROR,
            say("Your code was called and the kernel died."),
            expected=say("a call that returns"),
            got=say("a kernel that ended during the call"),
            hint=hint or say("Look for `exit()`, `quit()`, endless recursion, or memory that is used up."),
            staff_note=staff_words(observation),
        )
    return needs_review(
        NEVER_ASKED,
        staff_note=f"The kernel died at {culprit}; this criterion was never asked.\n{staff_words(observation)}",
    )


def _who_killed(evidence: Evidence) -> str | None:
    """The probe at which the kernel died: the first `kernel_died`, or the limit broken just before it."""
    previous: Observation | None = None
    for observation in evidence.answers.values():
        if observation.outcome == "kernel_died":
            if previous is not None and previous.outcome in ("timed_out", "out_of_memory", "refused"):
                return previous.probe
            return observation.probe
        previous = observation
    return None


def _cell_that_should_define(name: str, evidence: Evidence) -> CellRun | None:
    """The cell that failed, and whose text would have given `name` a value."""
    texts = {cell.index: cell.text for cell in evidence.source}
    for run in evidence.execution.cells:
        if run.ended != "completed" and name in stored_names(texts.get(run.index, "")):
            return run
    return None
