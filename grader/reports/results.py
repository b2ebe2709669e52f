"""`results.json`: all that was decided, for programs. Keys are only ever added.

`grader.reports.schema` publishes the JSON schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import ConfigDict, Field

from grader.i18n import render
from grader.model.base import Frozen
from grader.model.finding import Finding, FindingKind
from grader.model.mark import Marked
from grader.model.report import Carried, ClassReport, CriterionResult, GradeReport
from grader.model.text import Bilingual, Language, Text, say
from grader.model.verdict import Verdict
from grader.reports.numbers import grade


class Entry(Frozen):
    """A part of the file; its readers pass over keys that a later version added."""

    model_config = ConfigDict(extra="ignore")


class CriterionWords(Entry):
    """What the student reads about one criterion, in one language."""

    title: str
    message: str
    expected: str | None
    got: str | None
    where: str | None
    look_at: str | None


class MarkEntry(Entry):
    """A mark by hand, and what the machine had said."""

    author: str
    reason: str
    given_at: datetime
    machine_verdict: Verdict
    machine_points: Decimal | None


class CarriedEntry(Entry):
    """Follow-through marks, and what was judged before them."""

    names: tuple[str, ...]
    """Names of the notebook in whose place stood right ones when it was judged again."""
    pays: Decimal
    """Share of the points that is paid then."""
    verdict: Verdict
    """With the student's own names."""
    points: Decimal | None
    fr: str
    """What the student reads about that judgement."""
    en: str


class CriterionEntry(Entry):
    """One criterion's judgement."""

    id: str
    task: str
    kind: str
    public: bool
    verdict: Verdict
    score: Decimal | None
    """Share of the points, 0 to 1; null while a person must decide."""
    points: Decimal | None
    """Null while a person must decide."""
    out_of: Decimal
    bonus: bool = False
    """Its points come on top of the report's `out_of`."""
    message: str
    """One sentence in the run's language."""
    fr: CriterionWords
    en: CriterionWords
    cell: int | None
    """Index of the notebook's cell that it is about, from 0."""
    staff_note: str
    """For the staff only."""
    mark: MarkEntry | None = None
    """The person's mark that verdict, score and points follow; null where the machine's hold."""
    carried: CarriedEntry | None = None
    """Null where there are no follow-through marks."""


class AdjustmentEntry(Entry):
    """What comes off the whole exercise."""

    kind: Literal["late", "person"]
    points: Decimal
    """0 or less. The total does not fall below 0 by it."""
    message: str
    """Why, in the run's language."""
    author: str | None
    """The person who took it off."""


class MemberEntry(Entry):
    """One of a group."""

    student: str
    name: str


class RepairEntry(Entry):
    """What was found damaged in a notebook, in the run's language."""

    kind: FindingKind
    grade_id: str | None
    """Of the cell in the handout; null where it is of several, or has none."""
    cell: int | None
    """Position in the file as it was handed in, from 0; null where the cell is not there, or there are several."""
    found: str
    done: str


class ReportEntry(Entry):
    """One student's one exercise; a group is one student."""

    student: str
    name: str
    exercise: str
    notebook: str
    """Path below the submissions folder."""
    notebook_sha256: str
    rubric_version: str
    verdict: Verdict
    points: Decimal | None
    """What was judged so far; null when nothing was."""
    undecided: Decimal
    """Points that wait for a person."""
    out_of: Decimal
    grade: Decimal | None
    """Out of 20, rounded half up to 0.01; null while points wait for a person."""
    late: bool
    handed_in_at: datetime | None = None
    """Null where nobody told."""
    adjustments: tuple[AdjustmentEntry, ...] = ()
    """What `points` has lost besides the criteria."""
    members: tuple[MemberEntry, ...] = ()
    """Of a group: those in it, where they are known."""
    problem: str | None
    """Why the notebook could not be read, in the run's language."""
    notices: tuple[str, ...]
    repairs: tuple[RepairEntry, ...] = ()
    """What was found damaged in it, and what was done before it ran."""
    seed: int
    tier: str
    wall_s: float
    graded_at: datetime
    criteria: tuple[CriterionEntry, ...]


class RunEntry(Entry):
    """What the run was made with."""

    seed: int
    tier: str
    language: Language
    versions: dict[str, str]
    rubrics: dict[str, str]
    """Exercise id to rubric version."""
    intake_notes: tuple[str, ...]


class Results(Entry):
    """The whole file."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    run: RunEntry
    reports: tuple[ReportEntry, ...]


def results_of(class_report: ClassReport, language: Language) -> Results:
    """The class report as plain data; sentences in the run's language, criteria in both."""
    run = class_report.run
    return Results(
        run=RunEntry(
            seed=run.seed,
            tier=run.tier,
            language=language,
            versions=run.versions,
            rubrics=run.rubrics,
            intake_notes=tuple(
                render(say("{path}: {reason}", path=file.path, reason=file.reason), language)
                for file in class_report.intake_notes
            ),
        ),
        reports=tuple(_entry(report, language) for report in class_report.reports),
    )


def render_json(results: Results) -> str:
    """The file's text."""
    return _json(results) + "\n"


def json_pieces(
    class_report: ClassReport, language: Language, reports: Iterable[GradeReport]
) -> Iterator[str]:
    """The file's text in pieces, one a report; `reports` are those of the class, whole, and come one at a time."""
    head, tail = render_json(results_of(class_report.model_copy(update={"reports": ()}), language)).rsplit(
        "[]", 1
    )
    yield head + "["
    between = "\n"
    for report in reports:
        yield between + "    " + _json(_entry(report, language)).replace("\n", "\n    ")
        between = ",\n"
    yield ("]" if between == "\n" else "\n  ]") + tail


def _json(entry: Entry) -> str:
    plain = entry.model_dump(mode="json", by_alias=True)
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False)


def _entry(report: GradeReport, language: Language) -> ReportEntry:
    return ReportEntry(
        student=report.student,
        name=report.name,
        exercise=report.exercise,
        notebook=report.path,
        notebook_sha256=report.notebook_sha256,
        rubric_version=report.rubric_version,
        verdict=report.verdict,
        points=report.points,
        undecided=report.undecided,
        out_of=report.out_of,
        grade=grade(report),
        late=report.late,
        handed_in_at=report.handed_in_at,
        adjustments=tuple(
            AdjustmentEntry(
                kind=adjustment.kind,
                points=adjustment.points,
                message=render(adjustment.words, language),
                author=adjustment.mark and adjustment.mark.author,
            )
            for adjustment in report.adjustments
        ),
        members=tuple(MemberEntry(student=m.student, name=m.name) for m in report.members),
        problem=_words(report.problem, language),
        notices=tuple(render(notice, language) for notice in report.notices),
        repairs=tuple(_repair(finding, language) for finding in report.repairs),
        seed=report.seed,
        tier=report.tier,
        wall_s=round(report.wall_s, 3),
        graded_at=report.graded_at,
        criteria=tuple(_criterion(result, language) for result in report.criteria),
    )


def _repair(finding: Finding, language: Language) -> RepairEntry:
    return RepairEntry(
        kind=finding.kind,
        grade_id=finding.grade_id,
        cell=finding.cell,
        found=render(finding.found, language),
        done=render(finding.done, language),
    )


def _criterion(result: CriterionResult, language: Language) -> CriterionEntry:
    judgement = result.judgement
    return CriterionEntry(
        id=result.id,
        task=result.task,
        kind=result.kind,
        public=result.public,
        verdict=judgement.verdict,
        score=judgement.score,
        points=result.points,
        out_of=result.out_of,
        bonus=result.bonus,
        message=render(judgement.summary, language),
        fr=_criterion_words(result, "fr"),
        en=_criterion_words(result, "en"),
        cell=judgement.cell,
        staff_note=judgement.staff_note,
        mark=result.marked and _mark(result.marked),
        carried=result.carried and _carried(result.carried),
    )


def _mark(marked: Marked) -> MarkEntry:
    return MarkEntry(
        author=marked.mark.author,
        reason=marked.mark.reason,
        given_at=marked.mark.given_at,
        machine_verdict=marked.judgement.verdict,
        machine_points=marked.points,
    )


def _carried(carried: Carried) -> CarriedEntry:
    return CarriedEntry(
        names=carried.names,
        pays=carried.pays,
        verdict=carried.judgement.verdict,
        points=carried.points,
        fr=render(carried.judgement.summary, "fr"),
        en=render(carried.judgement.summary, "en"),
    )


def _criterion_words(result: CriterionResult, language: Language) -> CriterionWords:
    judgement = result.judgement
    return CriterionWords(
        title=render(result.title, language),
        message=render(judgement.summary, language),
        expected=_words(judgement.expected, language),
        got=_words(judgement.got, language),
        where=_words(judgement.where, language),
        look_at=_words(judgement.look_at, language),
    )


def _words(text: Text | Bilingual | None, language: Language) -> str | None:
    return None if text is None else render(text, language)
