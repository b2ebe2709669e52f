"""The run in two halves: `plan` reads and checks everything, `carry_out` grades, keeps and reports.

What can be refused is refused by `plan`, or in the first lines of `carry_out`, before any student's code runs.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.catalog import canonical_json, read_catalog
from grader.config import Settings
from grader.criteria import KINDS
from grader.intake import read_submissions
from grader.model.exercise import Exercise
from grader.model.people import RemovedPerson
from grader.model.report import ClassReport, GradeReport, walls_of
from grader.model.submission import Intake, Submission
from grader.model.text import Text
from grader.pipeline.class_report import check_writable, class_report_of
from grader.pipeline.jobs import Jobs
from grader.pipeline.moves import Move, moves, replacements
from grader.pipeline.places import open_executor, settle_gpu, settle_tier
from grader.pipeline.selection import select, without_people
from grader.reports import write_reports
from grader.store import GradeBook, JobKey


@dataclass(frozen=True)
class Plan:
    """What a run is going to do."""

    settings: Settings
    exercises: tuple[Exercise, ...]
    intake: Intake
    """All that was found: the report is on all of it."""
    chosen: Intake
    """What of it `only` names."""
    tier: str
    gpu: str | None
    """Name of the real GPU that second runs are made on; None: the virtual one."""
    todo: dict[JobKey, Submission]
    """To be graded now."""
    known: dict[JobKey, Submission]
    """Graded already, for the same content."""
    passed_over: tuple[RemovedPerson, ...] = ()
    """Who was taken out of the class, and handed in: nothing of theirs is graded or reported."""


def plan(
    settings: Settings,
    submissions: Sequence[Path],
    *,
    only: Sequence[str] = (),
    again: bool = False,
    pattern: str | None = None,
) -> Plan:
    """Read everything, and say what is to be done; writes nothing.

    `only` names students or exercises; `again` grades anew what is graded already; `pattern` describes
    how the submissions are laid out.
    Raises: ConfigError, SandboxUnavailableError, StoreError, ClusterError.
    """
    exercises = read_catalog(settings.exercises, settings.reference, KINDS)
    intake = read_submissions(submissions, exercises, pattern)
    removed = _removed(settings)
    there = without_people(intake, {person.student for person in removed})
    handed_in = {submission.student for submission in intake.submissions}
    chosen = select(there, exercises, only)
    tier = settle_tier(settings)
    by_id = {exercise.id: exercise for exercise in exercises}
    gpu = settle_gpu(settings, tier)
    walls = walls_of(tier, real_gpu=settings.real_gpu)
    jobs = {JobKey.of(s, by_id[s.exercise], seed=settings.seed, tier=walls): s for s in chosen.submissions}
    known = set() if again else _known(settings, jobs)
    return Plan(
        settings=settings,
        exercises=exercises,
        intake=there,
        chosen=chosen,
        tier=tier,
        gpu=gpu,
        todo={key: submission for key, submission in jobs.items() if key not in known},
        known={key: submission for key, submission in jobs.items() if key in known},
        passed_over=tuple(person for person in removed if person.student in handed_in),
    )


def carry_out(
    plan: Plan,
    tell: Callable[[GradeReport], None],
    notify: Callable[[Text], None] = lambda _: None,
    agree: Callable[[Sequence[Move]], bool] = lambda _: True,
) -> ClassReport:
    """Grade what is to be graded, keep each grade as it comes, and write the reports.

    `tell` hears of each new grade, `notify` of what concerns the places where they are given. A job that fails in
    the grader is a `judge_error`, and the others go on. The report is on all students of the submissions folder,
    graded now or before.

    A grade of the same notebook that was given otherwise (another rubric, reference, seed, tier or version of `grade`)
    is replaced last: where any would move, `agree` is shown which, and without its consent all of them stay.
    Raises: CatalogError when a reference does not run; StoreError; ReportError; ClusterError; KeyboardInterrupt,
    when all that was graded is kept and no process is left.
    """
    settings = plan.settings
    check_writable(settings.out)
    with GradeBook.open(settings.db) as book:
        _save_rubrics(plan, book)
        replaced = replacements(plan.todo | plan.known, book)
        book.pass_over({key: found for key, found in plan.known.items() if key not in replaced})
        if plan.todo:
            _grade(plan, book, tell, notify, replaced)
        moved = moves(replaced, book)
        if not moved or agree(moved):
            jobs = plan.todo | plan.known
            book.pass_over({key: jobs[key] for key in replaced})
        class_report = _report_class(plan, book)
        write_reports(class_report, settings.out, settings.lang, book.whole)
    return class_report


def _grade(
    plan: Plan,
    book: GradeBook,
    tell: Callable[[GradeReport], None],
    notify: Callable[[Text], None],
    held: Container[JobKey],
) -> None:
    settings = plan.settings
    wanted = {submission.exercise for submission in plan.todo.values() if submission.notebook is not None}
    rubrics = [exercise.rubric for exercise in plan.exercises if exercise.id in wanted]
    with open_executor(settings, plan.tier, rubrics, notify) as executor:
        jobs = Jobs(
            plan.exercises,
            seed=settings.seed,
            tier=plan.tier,
            executor=executor,
            real_gpu=settings.real_gpu,
        )
        jobs.ask_references(plan.todo.values(), book)
        for key, report in jobs.grade(plan.todo):
            book.save(key, report, stands=key not in held)
            tell(report)


def _known(settings: Settings, jobs: Iterable[JobKey]) -> set[JobKey]:
    if not GradeBook.exists(settings.db):
        return set()
    with GradeBook.open(settings.db) as book:
        return book.known(jobs)


def _removed(settings: Settings) -> tuple[RemovedPerson, ...]:
    if not GradeBook.exists(settings.db):
        return ()
    with GradeBook.open(settings.db) as book:
        return book.removed_people()


def _save_rubrics(plan: Plan, book: GradeBook) -> None:
    for exercise in plan.exercises:
        book.save_rubric(
            version=exercise.rubric_version,
            exercise=exercise.id,
            canonical=canonical_json(exercise.rubric),
            text=(plan.settings.reference / exercise.id / "rubric.toml").read_text(encoding="utf-8"),
        )


def _report_class(plan: Plan, book: GradeBook) -> ClassReport:
    pairs = {(submission.student, submission.exercise) for submission in plan.intake.submissions}
    notes = plan.intake.set_aside
    return class_report_of(
        book.reports(pairs),
        plan.exercises,
        seed=plan.settings.seed,
        tier=walls_of(plan.tier, real_gpu=plan.settings.real_gpu),
        notes=notes,
        unsteady=book.unsteady() & pairs,
    )
