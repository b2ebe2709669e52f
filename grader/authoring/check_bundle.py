"""From an exercise to what its students check themselves by: public criteria, examples, and no solution.

Called by `grade exercise kit`, and by `grade check` where the references are at hand.
"""

from __future__ import annotations

from decimal import Decimal

from grader.errors import CatalogError
from grader.grading import ask_reference
from grader.grading.questions import questions_of
from grader.model.check_bundle import CheckBundle
from grader.model.exercise import Exercise
from grader.model.probe import Nothing, Observation, Probe
from grader.model.rubric import Rubric, Task
from grader.model.text import Language, say

EXAMPLES_SEED = -1
"""Of the examples that students get; a run's seed is never below 0, so that grading asks with other inputs."""


def public_rubric(rubric: Rubric) -> Rubric:
    """The rubric of the public criteria alone; tasks are worth what these are worth, and empty ones are left out.

    Raises: CatalogError when no criterion is public.
    """
    public = [criterion for criterion in rubric.criteria if criterion.public]
    if not public:
        raise CatalogError(
            say("{exercise}: no criterion is public: there is nothing to check.", exercise=rubric.exercise)
        )
    known = {criterion.id for criterion in public}
    criteria = [
        c.model_copy(update={"depends": tuple(name for name in c.depends if name in known)}) for c in public
    ]
    worth = {
        t.id: sum((c.points for c in public if c.task == t.id and not c.bonus), Decimal(0))
        for t in rubric.tasks
    }
    tasks = [
        Task(id=task.id, title=task.title, points=worth[task.id])
        for task in rubric.tasks
        if any(c.task == task.id for c in public)
    ]
    return rubric.model_copy(update={"tasks": tuple(tasks), "criteria": tuple(criteria)})


def make_bundle(exercise: Exercise, *, tier: str, lang: Language) -> CheckBundle:
    """Run the reference, and have it answer the examples.

    Raises: CatalogError when the reference does not run, or does not answer; SandboxError.
    """
    public = public_rubric(exercise.rubric)
    shown = exercise.model_copy(update={"rubric": public})
    questions = questions_of(shown, EXAMPLES_SEED)
    answers = ask_reference(shown, seed=EXAMPLES_SEED, tier=tier).answers
    told = public.model_copy(update={"criteria": tuple(c.for_students() for c in public.criteria)})
    hidden = [criterion for criterion in exercise.rubric.criteria if not criterion.public]
    return CheckBundle(
        schema=1,
        exercise=exercise.id,
        lang=lang,
        rubric_version=exercise.rubric_version,
        rubric=told.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"carry_forward"}),
        handout=exercise.handout,
        questions={
            id_: tuple(probe for probe in probes if probe.ask != "reference")
            for id_, probes in questions.items()
        },
        answers={
            probe.id: _needed(probe, answers[probe.id], compared=criterion.compares_with_reference)
            for criterion in public.criteria
            for probe in questions[criterion.id]
            if probe.id in answers
        },
        hidden_criteria=len(hidden),
        hidden_points=sum((criterion.points for criterion in hidden), Decimal(0)),
    )


def _needed(probe: Probe, answer: Observation, *, compared: bool) -> Observation:
    """An answer without what no judgement needs: tracebacks quote the solution, trained weights are one."""
    value = answer.value
    if value is not None and probe.ask == "both" and not compared:
        value = Nothing()
    return Observation(probe=probe.id, outcome=answer.outcome, value=value)
