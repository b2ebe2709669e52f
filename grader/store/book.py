"""The grade book: what the rest of `grade` sees of the database. Models go in, models come out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self

from sqlalchemy import Engine, delete, select, tuple_
from sqlalchemy.orm import Session, defer

from grader.errors import StoreError
from grader.model.late import LatePolicy
from grader.model.mark import HandMark
from grader.model.marking import with_marks
from grader.model.people import RemovedPerson, Work
from grader.model.report import GradeReport, ReferenceAnswers
from grader.model.submission import Submission
from grader.model.text import say
from grader.store import marks, people
from grader.store.database import database_path, in_words, open_engine
from grader.store.keys import JobKey
from grader.store.rows import find_report, found_submission, key_of, members_of, report_of, report_row
from grader.store.steadiness import standing_works, unsteady_works
from grader.store.tables import (
    GradeReportRow,
    ReferenceAnswersRow,
    RubricRow,
    StandingRow,
    SubmissionRow,
)

MOST_NAMED = 100
"""Grades that are looked for by name in one query."""


class SavedRubric(NamedTuple):
    """A rubric that grades were given by."""

    version: str
    exercise: str
    canonical: str
    """As JSON."""
    text: str
    """As its author wrote it."""
    first_used_at: datetime


class GradeBook:
    """All grades, rubrics and cached reference answers of a course, in one SQLite file.

    Each method is one transaction: after a kill at any moment, what a method returned from is on disk, whole.
    Every method raises StoreError when the file is locked, full, damaged or gone.
    """

    def __init__(self, engine: Engine, path: Path, late: LatePolicy | None = None) -> None:
        self._engine = engine
        self.path = path
        self._late = late

    @classmethod
    def open(cls, url: str, *, create: bool = True, late: LatePolicy | None = None) -> Self:
        """Open the file of a `sqlite:///…` URL, bring its tables up to date, make it where it is missing.

        Grades are added up by the policy `late` whenever they are read; what is kept knows nothing of it.
        Raises: StoreTooNewError; StoreError when it is not a usable grade book, or missing without `create`.
        """
        return cls(open_engine(url, create=create), database_path(url), late)

    @staticmethod
    def exists(url: str) -> bool:
        """Whether there is such a file; raises StoreError when `url` names none."""
        return database_path(url).exists()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def known(self, keys: Iterable[JobKey]) -> set[JobKey]:
        """Those of the jobs that need not be done again.

        A grade in which any criterion is a `judge_error` is not among them: the grader failed there (a full disk,
        a killed process, a bug since mended), the points are missing, and what is missing is tried again.
        """
        with self._read() as session:
            return {key for key in keys if (row := find_report(session, key)) and not row.has_judge_error}

    def save(self, key: JobKey, report: GradeReport, *, stands: bool = True) -> None:
        """Keep a grade; replaces one that has the same key.

        It stands for its student and exercise at once, or, without `stands`, when `pass_over` is told of it.
        """
        with self._write() as session:
            submission = found_submission(session, report, key.notebook_sha256)
            old = find_report(session, key)
            if old is not None:
                session.execute(delete(StandingRow).where(StandingRow.report_id == old.id))
                session.delete(old)
                session.flush()
            row = report_row(key, report, submission)
            session.add(row)
            session.flush()
            if stands:
                _let_stand(session, row)

    def standing_keys(self) -> dict[tuple[str, str], JobKey]:
        """The keys of the grades that stand, by student and exercise."""
        query = select(GradeReportRow).join(StandingRow, StandingRow.report_id == GradeReportRow.id)
        with self._read() as session:
            rows = session.scalars(query.options(defer(GradeReportRow.body)))
            return {(row.submission.student, row.submission.exercise): key_of(row) for row in rows}

    def works(self) -> dict[tuple[str, str], Work]:
        """Students and exercises of which a grade stands, in that order; without those who were taken out."""
        with self._read() as session:
            removed = people.removed_students(session)
            return {
                key: kept for key, work in standing_works(session).items() if (kept := work.without(removed))
            }

    def known_names(self) -> dict[str, frozenset[str]]:
        """All names under which each identifier has ever handed in, those who were taken out included."""
        with self._read() as session:
            return people.known_names(session)

    def removed_people(self) -> tuple[RemovedPerson, ...]:
        """Who was taken out of the class, by name."""
        with self._read() as session:
            return people.removed_people(session)

    def remove_people(self, left: Iterable[RemovedPerson]) -> None:
        """Take people out: their grades stay in the book, and come in no list until they are brought back."""
        with self._write() as session:
            people.remove(session, left)

    def restore_people(self, students: Iterable[str]) -> None:
        """Bring people back; raises StoreError when one of them was not taken out."""
        with self._write() as session:
            people.restore(session, students)

    def handed_in_at(self) -> dict[tuple[str, str, str], datetime]:
        """When work first came, by student, exercise, and SHA-256 of the file or of what its cells say, where known."""
        query = select(SubmissionRow).where(SubmissionRow.handed_in_at.is_not(None))
        with self._read() as session:
            found: dict[tuple[str, str, str], datetime] = {}
            for row in session.scalars(query):
                for said in filter(None, (row.sha256, row.content_sha256)):
                    place = (row.student, row.exercise, said)
                    if row.handed_in_at is not None:
                        found[place] = min(row.handed_in_at, found.get(place, row.handed_in_at))
            return found

    def unsteady(self) -> set[tuple[str, str]]:
        """Students and exercises of which one notebook got unlike points by the same rubric and reference."""
        with self._read() as session:
            return unsteady_works(session)

    def graded(self, key: JobKey) -> GradeReport | None:
        """The grade of this key, people's marks over it, without the executed notebook, whether it stands or not."""
        with self._read() as session:
            row = find_report(session, key)
            return None if row is None else self._marked(session, report_of(row))

    def pass_over(self, found: Mapping[JobKey, Submission]) -> None:
        """Let grades stand that are known already, under the name and path that the submissions have today.

        Writes nothing where nothing changed.
        """
        with self._write() as session:
            for key, submission in found.items():
                row = find_report(session, key)
                if row is not None:
                    found_submission(session, submission, key.notebook_sha256)
                    _let_stand(session, row)

    def reports(self, of: Iterable[tuple[str, str]] | None = None) -> Iterator[GradeReport]:
        """The grades that stand, by student and exercise, people's marks over them, without people who were taken out.

        Without the executed notebooks, which are large. `of` chooses (student, exercise) pairs.
        """
        wanted = None if of is None else set(of)
        query = (
            select(GradeReportRow)
            .join(StandingRow, StandingRow.report_id == GradeReportRow.id)
            .order_by(StandingRow.student, StandingRow.exercise)
        )
        if wanted is not None and len(wanted) <= MOST_NAMED:
            query = query.where(tuple_(StandingRow.student, StandingRow.exercise).in_(wanted))
        with self._read() as session:
            laid_over = _MarksLaidOver(session)
            removed = people.removed_students(session)
            for row in session.scalars(query.execution_options(yield_per=50)):
                work = (row.submission.student, row.submission.exercise)
                if wanted is None or work in wanted:
                    report = people.without_removed(laid_over(report_of(row)), removed)
                    if report is not None:
                        yield self._added_up(report)
                session.expunge(row)

    def whole(self, report: GradeReport) -> GradeReport:
        """The grade that stands where `report` stands, with the executed notebook; StoreError when there is none."""
        with self._read() as session:
            standing = session.get(StandingRow, (report.student, report.exercise))
            row = session.get(GradeReportRow, standing.report_id) if standing else None
            if row is None:
                raise StoreError(
                    say(
                        "The grade book {path} no longer holds the grade of {student} for {exercise}: another program"
                        " changed it. Run this again.",
                        path=str(self.path),
                        student=report.student,
                        exercise=report.exercise,
                    )
                )
            return self._marked(session, report_of(row, notebook=row.executed.body if row.executed else ""))

    def executed_notebook(self, student: str, exercise: str) -> str | None:
        """The notebook as it ran, for the grade that stands; None when none ran."""
        with self._read() as session:
            standing = session.get(StandingRow, (student, exercise))
            row = standing and session.get(GradeReportRow, standing.report_id)
            return row.executed.body if row and row.executed else None

    def mark(self, given: Iterable[HandMark]) -> None:
        """Keep people's marks, all or none; raises StoreError where one takes back what does not hold."""
        with self._write() as session:
            marks.append(session, given)

    def marks(self, student: str | None = None, exercise: str | None = None) -> tuple[HandMark, ...]:
        """The history of marks by hand, oldest first, what was taken back included."""
        with self._read() as session:
            return marks.history_of(session, None if student is None else [student], exercise)

    def reference(self, key: str) -> ReferenceAnswers | None:
        """What the reference answered under this key, if it was asked before."""
        with self._read() as session:
            row = session.get(ReferenceAnswersRow, key)
            return None if row is None else ReferenceAnswers.model_validate_json(row.body)

    def save_reference(self, answers: ReferenceAnswers) -> None:
        """Keep what the reference answered."""
        with self._write() as session:
            body = answers.model_dump_json()
            session.merge(ReferenceAnswersRow(key=answers.key, body=body, saved_at=datetime.now(UTC)))

    def save_rubric(self, *, version: str, exercise: str, canonical: str, text: str) -> None:
        """Keep a version of a rubric; one that is there stays as it is."""
        with self._write() as session:
            if session.get(RubricRow, version) is None:
                row = RubricRow(version=version, exercise=exercise, canonical=canonical, text=text)
                row.first_used_at = datetime.now(UTC)
                session.add(row)

    def rubrics(self) -> tuple[SavedRubric, ...]:
        """All versions of all rubrics, oldest first."""
        query = select(RubricRow).order_by(RubricRow.exercise, RubricRow.first_used_at)
        with self._read() as session:
            return tuple(
                SavedRubric(row.version, row.exercise, row.canonical, row.text, row.first_used_at)
                for row in session.scalars(query)
            )

    def _marked(self, session: Session, report: GradeReport) -> GradeReport:
        own = (report.student, *(member.student for member in report.members))
        marked = _MarksLaidOver(session, own, report.exercise)(report)
        return self._added_up(people.without_removed(marked, people.removed_students(session)) or marked)

    def _added_up(self, report: GradeReport) -> GradeReport:
        return report if self._late is None else self._late.applied(report)

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with in_words(self.path), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        engine = self._engine.execution_options(writes=True)
        with in_words(self.path), Session(engine) as session, session.begin():
            yield session


class _MarksLaidOver:
    """Puts people's marks over grades; reads all of them once, of some students and an exercise where that is said."""

    def __init__(
        self, session: Session, students: Collection[str] | None = None, exercise: str | None = None
    ) -> None:
        self._standing = marks.standing_by_work(session, students, exercise)
        self._contents = marks.contents_of_marked(session, students, exercise)

    def __call__(self, report: GradeReport) -> GradeReport:
        works = [(s, report.exercise) for s in (report.student, *(m.student for m in report.members))]
        contents = {sha256: said for work in works for sha256, said in self._contents.get(work, {}).items()}
        standing = [mark for work in works for mark in self._standing.get(work, ())]
        standing.sort(key=lambda mark: mark.given_at)
        return with_marks(report, standing, marks.same_content(report, contents))


def _let_stand(session: Session, row: GradeReportRow) -> None:
    """A grade of a group stands for its members: none of their own stands beside it."""
    student, exercise = row.submission.student, row.submission.exercise
    alone = [member.student for member in members_of(row.submission) if member.student != student]
    if alone:
        own = (StandingRow.exercise == exercise) & StandingRow.student.in_(alone)
        session.execute(delete(StandingRow).where(own))
    session.merge(StandingRow(student=student, exercise=exercise, report_id=row.id))
