"""The run in two halves: `plan` reads and checks everything, `carry_out` grades, keeps and reports.

What can be refused is refused by `plan`, or in the first lines of `carry_out`, before any student's code runs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.catalog import canonical_json, read_catalog
from grader.config import Settings
from grader.criteria import KINDS
from grader.intake import read_submissions, read_times
from grader.late import late_policy
from grader.model.exercise import Exercise
from grader.model.late import LatePolicy
from grader.model.moments import in_zone
from grader.model.people import RemovedPerson, Work
from grader.model.report import ClassReport, GradeReport, walls_of
from grader.model.submission import Intake, Submission
from grader.model.text import Text
from grader.pipeline.class_report import check_writable, class_report_of
from grader.pipeline.jobs import Jobs
from grader.pipeline.moves import Move, moves, replacements
from grader.pipeline.names import OtherName, other_names, without_students
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
    late: LatePolicy | None
    """By which grades are added up."""
    other_names: tuple[OtherName, ...] = ()
    """Students of whom the grade book knows another name: whoever starts the run agrees, or leaves them out."""
    beside_groups: tuple[tuple[Submission, Work], ...] = ()
    """What came from a student alone, though a group's grade stands for the student: the group's counts."""
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
    late = late_policy(settings)
    found = read_submissions(
        submissions, exercises, pattern, settings.groups, settings.counts, _lateness(settings, late)
    )
    intake = _timed(settings, late, found, exercises)
    removed, names, works = _people(settings)
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
        beside_groups=_beside_groups(chosen.submissions, works),
        other_names=other_names(chosen, names),
        passed_over=tuple(person for person in removed if person.student in handed_in),
        late=late,
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
    with GradeBook.open(settings.db, late=plan.late) as book:
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


def _lateness(settings: Settings, late: LatePolicy | None) -> Callable[[Submission], bool]:
    """Whether a file came late: by the policy, where the layout tells when it came, else as the layout says."""
    zone = settings.late.zone if settings.late else None

    def is_late(submission: Submission) -> bool:
        at = submission.handed_in_at
        if late is None or at is None:
            return submission.late
        told = late.is_late(submission.model_copy(update={"handed_in_at": in_zone(at, zone)}))
        return submission.late if told is None else told

    return is_late


def _timed(
    settings: Settings, late: LatePolicy | None, intake: Intake, exercises: Iterable[Exercise]
) -> Intake:
    """With the moments that `[late]`'s tables tell, which outrank the layout's, and with lateness by the policy.

    A file that is sent again is as early as it was the first time.
    """
    zone, tables = (settings.late.zone, settings.late.times) if settings.late else (None, ())
    known = {exercise.id for exercise in exercises}
    told: dict[tuple[str, str], datetime] = {}
    for table in tables:
        told |= read_times(table, intake.submissions, known, zone)

    first = _first_times(settings) if any(found.handed_in_at for found in intake.submissions) else {}

    def timed(submission: Submission) -> Submission:
        at = told.get((submission.student, submission.exercise))
        if at is None and submission.handed_in_at is not None:
            at = in_zone(submission.handed_in_at, zone)
            for said in filter(None, (submission.sha256, submission.content_sha256)):
                at = min(at, first.get((submission.student, submission.exercise, said), at))
        if at is None:
            return submission
        found = submission.model_copy(update={"handed_in_at": at})
        is_late = None if late is None else late.is_late(found)
        return found if is_late is None else found.model_copy(update={"late": is_late})

    return intake.model_copy(update={"submissions": tuple(map(timed, intake.submissions))})


def _first_times(settings: Settings) -> dict[tuple[str, str, str], datetime]:
    if not GradeBook.exists(settings.db):
        return {}
    with GradeBook.open(settings.db) as book:
        return book.handed_in_at()


def _known(settings: Settings, jobs: Iterable[JobKey]) -> set[JobKey]:
    if not GradeBook.exists(settings.db):
        return set()
    with GradeBook.open(settings.db) as book:
        return book.known(jobs)


def _people(
    settings: Settings,
) -> tuple[tuple[RemovedPerson, ...], Mapping[str, Collection[str]], Mapping[tuple[str, str], Work]]:
    """Who was taken out, under which names people are known, and whose grades stand."""
    if not GradeBook.exists(settings.db):
        return (), {}, {}
    with GradeBook.open(settings.db) as book:
        return book.removed_people(), book.known_names(), book.works()


def _beside_groups(
    submissions: Iterable[Submission], works: Mapping[tuple[str, str], Work]
) -> tuple[tuple[Submission, Work], ...]:
    groups = {
        (member.student, exercise): work for (_, exercise), work in works.items() for member in work.members
    }
    found = ((one, groups.get((one.student, one.exercise))) for one in submissions if not one.members)
    return tuple((one, work) for one, work in found if work is not None)


def without(plan: Plan, students: Collection[str]) -> Plan:
    """The plan for all others: nothing that these handed in is graded or kept, and their grades from before stand."""
    return replace(
        plan,
        chosen=without_students(plan.chosen, students),
        todo={key: one for key, one in plan.todo.items() if key.student not in students},
        known={key: one for key, one in plan.known.items() if key.student not in students},
    )


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
