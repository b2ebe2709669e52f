from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.model.submission import Intake, SetAside, Submission
from grader.model.text import Language, say
from grader.model.verdict import Verdict
from grader.reports import Progress, print_intake, print_summary
from grader.reports.class_table import shortened
from grader.reports.terminal import duration
from tests.reports.builders import class_of, criterion, report


def screen(*, terminal: bool = False, width: int = 80) -> Console:
    return Console(
        file=io.StringIO(), width=width, force_terminal=terminal, color_system=None, legacy_windows=False
    )


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (3780, "1 h 03 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_progress_off_a_terminal_is_calm() -> None:
    console = screen()
    with Progress(20, "en", console) as progress:
        for _ in range(20):
            progress.done(report())
    assert shown(console).splitlines() == ["Graded: 20 of 20, 0 s so far"]


@pytest.mark.parametrize(
    ("done", "elapsed", "tells"),
    [(0, 60, False), (1, 60, False), (2, 29, False), (2, 30, True), (18, 31, True), (19, 60, False)],
)
def test_time_left_is_said_when_enough_is_known(
    monkeypatch: pytest.MonkeyPatch, done: int, elapsed: float, tells: bool
) -> None:
    now = 1000.0
    monkeypatch.setattr("grader.reports.terminal.time.monotonic", lambda: now)
    console = screen()
    with Progress(20, "en", console) as progress:
        for _ in range(done):
            progress.done(report())
        now += elapsed
        progress.done(report())
    assert ("left" in shown(console)) == tells


def test_a_large_class_waits_for_a_twentieth(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("grader.reports.terminal.time.monotonic", lambda: now)
    console = screen()
    with Progress(200, "en", console) as progress:
        for _ in range(10):
            now += 20
            progress.done(report())
    assert [" left" in line for line in shown(console).splitlines()] == [False] * 9 + [True]


def test_progress_on_a_terminal_counts_verdicts_and_cleans_up() -> None:
    console = screen(terminal=True)
    with Progress(2, "en", console) as progress:
        progress.done(report(name="Zoé\x1b[2J"))
        progress.done(report(criterion(Verdict.WRONG_ANSWER)))
    text = shown(console)
    assert "1 right" in text
    assert "1 wrong answer" in text
    assert "\x1b[2J" not in text


def test_progress_over_nothing_says_nothing() -> None:
    console = screen()
    with Progress(0, "en", console):
        pass
    assert shown(console) == ""


def test_intake_names_what_is_unreadable_and_set_aside() -> None:
    fields = {"student": "1", "name": "Zoé", "exercise": "a", "path": "Zoé/a.ipynb", "sha256": "0"}
    unreadable = Submission(**fields, notebook=None, problem=say("The file is empty."))
    aside = SetAside(path="[bold]/x\x1b[2J.py", reason=say("It is not a notebook (.ipynb)."))
    console = screen()
    print_intake(Intake(layout="moodle", submissions=(unreadable,), set_aside=(aside,)), "en", console)
    assert shown(console).splitlines() == [
        "Found: students 1, notebooks 1, set aside 1 (layout: moodle)",
        "  Exercises: a 1",
        "  Zoé/a.ipynb: The file is empty.",
        "  [bold]/x.py: It is not a notebook (.ipynb).",
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_summary_shows_points_what_is_open_and_what_broke(language: Language) -> None:
    half = report(
        criterion(Verdict.PARTIALLY_ACCEPTED, points="5"), criterion(Verdict.NEEDS_REVIEW, id_="b.b")
    )
    broken = report(
        criterion(Verdict.JUDGE_ERROR, summary=say("A crash of ours.")),
        student="2",
        name="[red]Ali",
        verdict=Verdict.JUDGE_ERROR,
    )
    console = screen(width=100)
    print_summary(class_of(half, broken), language, console)
    text = shown(console)
    assert ("2.5 +2?" if language == "en" else "2,5 +2?") in text
    assert "– +2?" in text
    assert "[red]Ali · 03_XOR_pytorch" in text


def test_summary_names_those_of_whom_nothing_was_graded() -> None:
    reason = say("The folder is empty.")
    notes = (
        SetAside(path="a", reason=reason, student="7", name="Karim"),
        SetAside(path="b", reason=reason, student="12", name="Zoé Lefèvre"),
        SetAside(path="c", reason=reason, student="8", name="Old", is_superseded=True),
    )
    console = screen()
    print_summary(class_of(report(), notes=notes), "en", console)
    assert "Set aside and not graded: 2; the report says which." in shown(console)
    assert "  Karim: nothing was graded. The folder is empty." in shown(console)
    assert "Old" not in shown(console)
    assert "Zoé Lefèvre:" not in shown(console)


def test_summary_fits_eighty_columns_with_four_exercises() -> None:
    ids = ("01_regression_lineaire", "02_autograd", "03_XOR_lightning", "03_XOR_pytorch")
    open_ = (criterion(points="12.5"), criterion(Verdict.NEEDS_REVIEW, id_="b.b", points="2"))
    console = screen()
    print_summary(class_of(*(report(*open_, exercise_id=i) for i in ids)), "en", console)
    lines = shown(console).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    titles = next(line for line in lines if "Student" in line)
    assert titles.split() == [
        "Student",
        "01_regressi…",
        "02_autograd",
        "03_XOR_ligh…",
        "03_XOR_pyto…",
        "Total",
    ]
    assert shown(console).count("12.5 +2?") == 4
    assert "50/58 +8?" in shown(console)


def test_wide_screen_shows_exercises_in_full() -> None:
    console = screen(width=120)
    print_summary(class_of(report(exercise_id="01_regression_lineaire"), report()), "en", console)
    assert "01_regression_lineaire" in shown(console)


@pytest.mark.parametrize(
    ("names", "longest", "short"),
    [
        (["a_b", "c"], 8, ["a_b", "c"]),
        (["exercise_one", "practical_two"], 9, ["exercise…", "practica…"]),
        (["exercise_1a", "exercise_1b"], 9, ["exer…e_1a", "exer…e_1b"]),
    ],
)
def test_shortened_names_stay_different(names: list[str], longest: int, short: list[str]) -> None:
    assert list(shortened(names, longest)) == short


def test_two_students_of_one_name_are_told_apart() -> None:
    console = screen()
    print_summary(
        class_of(report(student="5"), report(student="31"), report(student="6", name="Ali")), "en", console
    )
    assert "Zoé Lefèvre (5)" in shown(console)
    assert "Zoé Lefèvre (31)" in shown(console)
    assert "(6)" not in shown(console)


def test_summary_of_a_whole_class_says_so() -> None:
    console = screen()
    print_summary(class_of(report()), "en", console)
    assert "All points are decided." in shown(console)
