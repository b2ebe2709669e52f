"""One question of an Otter assignment: its tests, its points, and the criteria that they make.

Source: otter-grader 7, `otter/assign/question_config.py`, `otter/assign/tests_manager.py`,
`otter/test_files/abstract_test.py` (how points are dealt out).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from grader.authoring.importing.asserts import read_test
from grader.authoring.importing.drafts import Drafts
from grader.authoring.importing.material import Asked, LeftOut, points_of, shares
from grader.authoring.importing.notebook import markdown, marks
from grader.authoring.importing.otter_solutions import without_ignored
from grader.errors import CatalogError
from grader.model.text import Text, exact, say

_TEST_CONFIG = re.compile(
    r'\A(?:\w\s*=\s*)?"""?"?\s*#\s*BEGIN\s*TEST\s*CONFIG[^\n]*\n(.*?)""?"?\s*#\s*END\s*TEST\s*CONFIG[^\n]*\n?',
    re.DOTALL | re.IGNORECASE,
)
_HIDDEN = re.compile(r"\A#[^\n]*\bhidden\b[^\n]*\n?", re.IGNORECASE)


@dataclass
class QuestionTest:
    """One test cell."""

    code: str
    hidden: bool
    points: Decimal | None
    hint: str = ""
    """What Otter says when it fails."""
    praise: str = ""
    """What it says when it passes."""


@dataclass
class Question:
    """What its configuration and its blocks say."""

    name: str
    manual: bool
    points: Any
    all_or_nothing: bool
    place: Text
    tests: list[QuestionTest] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Grade ids of its answer cells."""


def finish(question: Question, drafts: Drafts) -> None:
    """Make the question's criteria."""
    if not question.answers and (question.manual or question.tests):
        named = f"{question.name}_answer"
        text = "(The source has no answer to this question.)"
        task = drafts.tasks[-1].id
        points = float(by_hand_points(question)) if question.manual else 0.0
        drafts.cells.append(markdown(text, f"{named}-cell", **marks(named, task, points=points)))
        drafts.leave(question.place, "a question without an answer", "A text cell for the answer was added.")
        question.answers.append(named)
    if question.answers:
        drafts.answered_in(question.answers[0])
    if question.manual:
        drafts.by_hand("answer", by_hand_points(question), question.answers[0])
        if question.tests:
            drafts.leave(
                question.place, "tests of a question that a person marks", "The person gives all its points."
            )
        return
    _judge_by_tests(question, drafts)


def _judge_by_tests(question: Question, drafts: Drafts) -> None:
    reads = [read_test(t.code, drafts.answers, drafts.given, last_is_value=True) for t in question.tests]
    if not reads:
        return
    dealt = _points_of_tests(question)
    why = "Students see public criteria by a self-check; the cells are not handed out."
    drafts.once(LeftOut("tests", "their cells", why))
    if question.all_or_nothing and len(reads) > 1:
        joint = None if any(read.rest for read in reads) else _joined([read.asked for read in reads])
        if joint is not None:
            public = not any(test.hidden for test in question.tests)
            whole = sum(dealt, Decimal(0))
            drafts.test("tests", whole, reads[0]._replace(asked=joint), place=question.place, public=public)
            _leave_words(question, [test.hint for test in question.tests], drafts)
            return
        why = "Each test pays for itself, since not all became questions that can be put as one."
        drafts.leave(question.place, "all_or_nothing", why)
    for number, (test, share, read) in enumerate(zip(question.tests, dealt, reads, strict=True), 1):
        place = f"{question.place}, test {number}"
        drafts.test(f"test_{number}", share, read, place=place, public=not test.hidden, hint=test.hint)
    by_hand = [test.hint for test, read in zip(question.tests, reads, strict=True) if read.asked is None]
    _leave_words(question, by_hand, drafts)


def _leave_words(question: Question, hints: Sequence[str], drafts: Drafts) -> None:
    """Note what Otter would say of these tests, and no criterion does."""
    told = [f"success_message: {test.praise}" for test in question.tests if test.praise]
    told += [f"failure_message: {hint}" for hint in hints if hint]
    if told:
        why = "A criterion has no words of its own for what is right, and one hint for what is wrong."
        drafts.leave(question.place, "what is said when tests pass or fail", why, "\n".join(told))


def _joined(asked: Sequence[Asked | None]) -> Asked | None:
    """One question of several that are plain expressions."""
    parts = [part for part in asked if part is not None and "return " not in part.call]
    if len(parts) != len(asked) or not parts:
        return None
    names = sorted({name for part in parts for name in part.names})
    call = "[" + ", ".join(part.call for part in parts) + "]"
    state = all(part.reads_state for part in parts)
    return Asked(call, tuple(names), all(part.exact for part in parts), state)


def by_hand_points(question: Question) -> Decimal:
    """What a question is worth that a person marks: one point, where it does not say."""
    return points_of(1 if question.points is None else question.points, question.place)


def _points_of_tests(question: Question) -> list[Decimal]:
    """Otter's own rules: a list gives each its own, a total is shared by the tests that say nothing, else it is one."""
    given = [test.points for test in question.tests]
    total = question.points
    if isinstance(total, dict):
        given = [points_of(total.get("each", 1), question.place)] * len(given)
        total = None
    if isinstance(total, list):
        if len(total) != len(given):
            raise CatalogError(
                say(
                    "{place}: {points} points for {tests} tests.",
                    place=question.place,
                    points=len(total),
                    tests=len(given),
                )
            )
        given, total = [None if p is None else points_of(p, question.place) for p in total], None
    told = sum((p for p in given if p is not None), Decimal(0))
    silent = sum(p is None for p in given)
    if total is None:
        left = Decimal(1) if told == 0 and silent else Decimal(0)
    else:
        left = points_of(total, question.place) - told
        if left < 0:
            raise CatalogError(
                say(
                    "{place}: its tests are worth {told} points, and it is worth {total}.",
                    place=question.place,
                    told=exact(told),
                    total=str(total),
                )
            )
    rest = iter(shares(left, silent) if silent else ())
    return [next(rest) if p is None else p for p in given]


def read_test_cell(source: str, place: Text) -> QuestionTest:
    """A test with its own settings, which stand in a string at its top, or in a comment that says `hidden`."""
    match = _TEST_CONFIG.match(source)
    if match is not None:
        config = read_yaml(match[1].replace("\\\n", "\n"), place)
        points = config.get("points")
        told = None if points is None else points_of(points, place)
        hint, praise = (
            str(config.get(f"{outcome}_message") or "").strip().rstrip("\\")
            for outcome in ("failure", "success")
        )
        code = without_ignored(source[match.end() :])
        return QuestionTest(code, bool(config.get("hidden")), told, hint, praise)
    return QuestionTest(without_ignored(_HIDDEN.sub("", source)), _HIDDEN.match(source) is not None, None)


def read_yaml(text: str, place: Text) -> dict[str, Any]:
    """A configuration; its first line, a comment, says what it is of.

    Raises: CatalogError when it is no YAML, or no table.
    """
    try:
        config = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise CatalogError(
            say(
                "{place}: the configuration is no YAML: {reason}",
                place=place,
                reason=" ".join(str(error).split())[:200],
            )
        ) from error
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise CatalogError(say("{place}: the configuration is no table of `key: value`.", place=place))
    return config
