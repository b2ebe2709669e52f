"""What is found in damaged notebooks, and how they are run: told from the repaired text, without a kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.authoring.variants import apply, load_variants
from grader.grading.repair import Repaired, repair, repair_for
from grader.grading.repair.code import bound, is_python, needs, plain
from grader.grading.source import read_cells
from grader.i18n import render
from grader.intake.notebook import read_notebook
from grader.model.evidence import SourceCell
from grader.model.exercise import Exercise
from grader.model.run_order import RECOGNISED, REPAIR, RUNS_BEFORE
from tests.conftest import EXERCISES, ROOT
from tests.course import notebook_of
from tests.grading import damages as by
from tests.grading.course import CELLS, REFERENCE, RUBRIC, make_exercise
from tests.grading.damages import Damage, damaged, grade_id_of, place, text_of

WITH_MARKS = [cell for cell in CELLS if grade_id_of(cell)]
ANSWERS = ("square", "total", "result")
GIVEN = ("imports", "data", "square_check", "total_check")
NEEDED = ("imports", "data")


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    return make_exercise(tmp_path_factory.mktemp("squares"))


def blank(exercise: Exercise, grade_id: str) -> dict[str, Any]:
    cells = json.loads(exercise.handout)["cells"]
    return next(cell for cell in cells if grade_id_of(cell) == grade_id)


def runs(repaired: Repaired) -> list[SourceCell]:
    return [cell for cell in read_cells(repaired.text) if cell.kind == "code" and plain(cell.text)]


def faults(repaired: Repaired, reference: str) -> list[str]:
    """What would keep a notebook from doing all that the reference does."""
    found: list[str] = []
    there = {"get_parameters", "set_parameters"}
    cells = runs(repaired)
    for number, cell in enumerate(cells):
        found += [] if is_python(cell.text) else [f"no Python: {cell.text}"]
        later = frozenset().union(*(bound(c.text) for c in cells[number:]))
        found += [f"{cell.index}: no {name}" for name in needs(cell.text) - there - later]
        there |= bound(cell.text)
    program = plain("\n".join(cell.text for cell in cells))
    for cell in json.loads(reference)["cells"]:
        is_code = cell["cell_type"] == "code" and is_answer(cell)
        if is_code and plain(text_of(cell)) not in program:
            found.append(f"does not run: {text_of(cell)}")
        if is_code and not bound(text_of(cell)) <= there:
            found.append(f"not defined: {bound(text_of(cell)) - there}")
    return found


def is_answer(cell: dict[str, Any]) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("solution", False)


def words(repaired: Repaired, language: str = "en") -> str:
    return " ".join(
        f"{render(f.found, language)} {render(f.done, language)}"  # type: ignore[arg-type]
        for f in repaired.findings
    )


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_whole_notebook_is_left_as_it_is(exercises: dict[str, Exercise], exercise_id: str) -> None:
    exercise = exercises[exercise_id]
    right = load_variants(ROOT / "reference" / exercise_id / "right")
    notebooks = [exercise.handout, exercise.reference, *(apply(exercise.reference, v) for v in right)]
    assert len(notebooks) > 9
    assert [repair_for(exercise, text) for text in notebooks] == [Repaired(text) for text in notebooks]


HARMLESS: tuple[Damage, ...] = (by.as_markdown, by.as_raw, by.fenced_in_markdown, by.fenced_in_code)
LOSSES: tuple[Damage, ...] = (by.without_marks, by.all_without_marks, by.copied_below, by.conflicting)
MERGES: tuple[Damage, ...] = (by.merged_with_text_above, by.merged_with_cell_below)


@pytest.mark.parametrize("damage", [*HARMLESS, *LOSSES, *MERGES], ids=lambda d: d.__name__)
@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_every_answer_runs_whatever_happened_to_one(
    exercises: dict[str, Exercise], exercise_id: str, damage: Damage
) -> None:
    exercise = exercises[exercise_id]
    cells = json.loads(exercise.reference)["cells"]
    neighbour = {by.merged_with_text_above: (-1, "markdown"), by.merged_with_cell_below: (1, "code")}
    step, kind = neighbour.get(damage, (0, "code"))
    tried = 0
    for at, cell in enumerate(cells):
        if cell["cell_type"] == "code" and is_answer(cell) and cells[at + step]["cell_type"] == kind:
            repaired = repair_for(exercise, damaged(exercise.reference, (damage, at)))
            assert faults(repaired, exercise.reference) == [], grade_id_of(cell)
            tried += 1
    assert tried >= 1


@pytest.mark.parametrize("exercise_id", EXERCISES)
@pytest.mark.parametrize("damage", [by.deleted, by.emptied, by.as_markdown, by.moved_to_the_end])
def test_what_is_given_is_there_when_it_is_needed(
    exercises: dict[str, Exercise], exercise_id: str, damage: Damage
) -> None:
    exercise = exercises[exercise_id]
    for at, cell in enumerate(json.loads(exercise.reference)["cells"]):
        if cell["cell_type"] == "code" and cell["metadata"]["nbgrader"]["locked"]:
            repaired = repair_for(exercise, damaged(exercise.reference, (damage, at)))
            assert faults(repaired, exercise.reference) == [], grade_id_of(cell)


@pytest.mark.parametrize("keeps", ["first", "second", "both"])
@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_a_cell_split_at_any_line_is_run_whole(
    exercises: dict[str, Exercise], exercise_id: str, keeps: str
) -> None:
    exercise = exercises[exercise_id]
    for at, cell in enumerate(json.loads(exercise.reference)["cells"]):
        lines = text_of(cell).count("\n") + 1
        if cell["cell_type"] != "code" or not grade_id_of(cell):
            continue
        for line in range(1, lines):
            broken = damaged(exercise.reference, (by.split_at(line, keeps=keeps), at))
            assert faults(repair_for(exercise, broken), exercise.reference) == [], (grade_id_of(cell), line)


DAMAGES = st.sampled_from([*HARMLESS, *LOSSES, by.split_at(1), by.split_at(2, keeps="both")])
HITS = st.lists(
    st.tuples(DAMAGES, st.sampled_from(ANSWERS)), min_size=1, max_size=3, unique_by=lambda h: h[1]
)
LOST = st.lists(
    st.tuples(st.sampled_from([by.deleted, by.emptied, by.as_raw]), st.sampled_from(GIVEN)), max_size=2
)


def damaged_by(hits: list[tuple[Damage, str]]) -> str:
    text = REFERENCE
    for damage, grade_id in hits:
        if any(grade_id_of(cell) == grade_id for cell in json.loads(text)["cells"]):
            text = damaged(text, (damage, place(text, grade_id)))
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hits=HITS, lost=LOST)
def test_damages_at_random_cost_nothing_and_are_repaired_once(
    squares: Exercise, hits: list[tuple[Damage, str]], lost: list[tuple[Damage, str]]
) -> None:
    text = damaged_by([*lost, *hits])
    repaired = repair_for(squares, text)
    assert faults(repaired, REFERENCE) == [], words(repaired)
    assert repair_for(squares, repaired.text).text == repaired.text


@settings(max_examples=60, deadline=None)
@given(
    scratch=st.lists(
        st.sampled_from(["x = 1", "# essai", "    print(1)", "square(2)", "!ls", ""]), max_size=4
    )
)
def test_cells_of_ones_own_change_nothing(scratch: list[str]) -> None:
    own = [{**CELLS[1], "id": f"own-{n}", "metadata": {}, "source": text} for n, text in enumerate(scratch)]
    notes = [
        {"cell_type": "markdown", "id": f"note-{n}", "metadata": {}, "source": t}
        for n, t in enumerate(scratch)
    ]
    for at in (1, 6, len(CELLS)):
        text = notebook_of(*CELLS[:at], *own, *notes, *CELLS[at:])
        assert repair(text, notebook_of(*CELLS)) == Repaired(text)


def test_a_text_cell_that_was_an_answer_is_run_and_told(squares: Exercise) -> None:
    repaired = repair_for(squares, damaged(REFERENCE, (by.as_markdown, 5)))
    [finding] = repaired.findings
    assert (finding.kind, finding.grade_id, finding.cell) == ("text_for_code", "square", 5)
    assert words(repaired) == "Cell 6, the code cell `square`, is a text cell. It was run as code."
    assert "a été exécutée comme du code" in words(repaired, "fr")


def test_an_attempt_that_was_kept_as_text_stays_text(squares: Exercise) -> None:
    cells = json.loads(damaged(REFERENCE, (by.copied_below, 5)))["cells"]
    cells[5] = by.as_markdown([cells[5]], 0)[0]
    assert repair_for(squares, notebook_of(*cells)) == Repaired(notebook_of(*cells))
    elsewhere = [
        *CELLS[:5],
        {**CELLS[5], "cell_type": "raw"},
        {**CELLS[5], "metadata": {}, "id": "x"},
        *CELLS[6:],
    ]
    assert repair_for(squares, notebook_of(*elsewhere)).text == notebook_of(*elsewhere)


def test_a_text_answer_that_became_code_is_text(squares: Exercise) -> None:
    for text in ("Parce que c'est ainsi, et non autrement.", "Oui", "42"):
        cells = [{**c, "cell_type": "code", "source": text} if grade_id_of(c) == "why" else c for c in CELLS]
        repaired = repair_for(squares, notebook_of(*cells))
        assert [f.kind for f in repaired.findings] == ["code_for_text"]
        assert read_cells(repaired.text)[13].kind == "markdown"
    cells = [
        {**c, "cell_type": "code", "source": "print(2)"} if grade_id_of(c) == "why" else c for c in CELLS
    ]
    assert repair_for(squares, notebook_of(*cells)) == Repaired(notebook_of(*cells))


def test_a_text_of_the_exercise_that_became_code_is_text(squares: Exercise) -> None:
    repaired = repair_for(squares, damaged(REFERENCE, (by.as_code, 4)))
    assert [(f.kind, f.cell) for f in repaired.findings] == [("code_for_text", 4)]
    assert faults(repaired, REFERENCE) == []


def test_a_blank_copy_does_not_undo_an_answer(squares: Exercise) -> None:
    copy = {**blank(squares, "square"), "id": "copy"}
    repaired = repair_for(squares, notebook_of(*CELLS[:6], copy, *CELLS[6:]))
    assert faults(repaired, REFERENCE) == []
    assert "NotImplementedError" not in "".join(cell.text for cell in runs(repaired))
    assert "Cell 7 is as it was handed out: it was not run." in words(repaired)


def test_an_answer_above_its_blank_cell_is_not_undone(squares: Exercise) -> None:
    own = {**CELLS[5], "metadata": {}, "id": "own"}
    repaired = repair_for(squares, notebook_of(*CELLS[:5], own, blank(squares, "square"), *CELLS[6:]))
    assert faults(repaired, REFERENCE) == []
    assert "its code stands in other cells: 6" in words(repaired)


def test_of_two_copies_the_last_counts_and_it_is_said(squares: Exercise) -> None:
    first = {**CELLS[5], "id": "first", "source": "def square(x):\n    return x ** 3"}
    text = notebook_of(*CELLS[:5], first, *CELLS[5:])
    repaired = repair_for(squares, text)
    assert repaired.text == text
    assert "`square` is there more than once: cells 6, 7." in words(repaired)
    assert "the last one counts: cell 7" in words(repaired)


def test_a_copy_that_is_no_python_is_not_run(squares: Exercise) -> None:
    broken = {**CELLS[5], "id": "broken", "source": "def square(x):\n    return x *"}
    repaired = repair_for(squares, notebook_of(*CELLS[:6], broken, *CELLS[6:]))
    assert faults(repaired, REFERENCE) == []
    assert "Cell 7 is no Python: it was not run." in words(repaired)


def test_a_copy_of_another_answers_cell_is_no_copy(squares: Exercise) -> None:
    """Students copy a cell, marks and all, to write the next answer in it."""
    cells = [*CELLS]
    cells[8] = {**CELLS[8], "metadata": CELLS[5]["metadata"]}
    repaired = repair_for(squares, notebook_of(*cells))
    assert faults(repaired, REFERENCE) == []
    assert all(f.kind != "copied" for f in repaired.findings)


@pytest.mark.parametrize("grade_id", GIVEN)
def test_a_missing_given_cell_is_put_back_where_something_rests_on_it(
    squares: Exercise, grade_id: str
) -> None:
    at = place(REFERENCE, grade_id)
    repaired = repair_for(squares, damaged(REFERENCE, (by.deleted, at)))
    [finding] = repaired.findings
    assert (finding.kind, finding.grade_id, finding.cell) == ("given_missing", grade_id, None)
    assert words(repaired).endswith("It was put back." if grade_id in NEEDED else "it was left out.")
    there = [cell.grade_id for cell in runs(repaired)]
    wanted = [grade_id_of(c) for c in CELLS if c["cell_type"] == "code"]
    assert there == (wanted if grade_id in NEEDED else [name for name in wanted if name != grade_id])


def test_cells_keep_their_numbers_when_one_is_put_back(squares: Exercise) -> None:
    text = damaged(REFERENCE, (by.deleted, 3))
    before = [(cell.index, cell.text) for cell in read_cells(text)]
    after = [(cell.index, cell.text) for cell in read_cells(repair_for(squares, text).text)]
    assert [pair for pair in after if pair[0] < len(before)] == before
    assert [cell for cell in after if cell[0] >= len(before)] == [(len(before), CELLS[3]["source"])]


@pytest.mark.parametrize("grade_id", ["imports", "data", "square", "result"])
def test_a_moved_cell_is_run_in_its_place_where_something_needs_it(squares: Exercise, grade_id: str) -> None:
    at = place(REFERENCE, grade_id)
    others = [*CELLS[:at], *CELLS[at + 1 :]]
    moved = notebook_of(*((CELLS[at], *others) if grade_id == "result" else (*others, CELLS[at])))
    repaired = repair_for(squares, moved)
    assert [(f.kind, f.grade_id) for f in repaired.findings] == [("moved", grade_id)]
    order = [cell.grade_id for cell in runs(repaired)]
    assert order == [grade_id_of(c) for c in CELLS if c["cell_type"] == "code"]


def test_a_moved_answer_and_a_missing_given_cell_are_both_where_they_belong(squares: Exercise) -> None:
    for lost in ("imports", "data"):
        at = place(REFERENCE, lost)
        cells = [*CELLS[:at], *CELLS[at + 1 :]]
        for grade_id in ANSWERS:
            moved = next(cell for cell in cells if grade_id_of(cell) == grade_id)
            others = [cell for cell in cells if cell is not moved]
            repaired = repair_for(squares, notebook_of(moved, *others))
            assert faults(repaired, REFERENCE) == []
            assert repair_for(squares, repaired.text).text == repaired.text
            order = [cell.grade_id for cell in runs(repaired)]
            assert order.index("imports") < order.index("data") < order.index("result")


def test_a_moved_cell_that_nothing_misses_stays_where_it_is(squares: Exercise) -> None:
    text = notebook_of(*CELLS[:5], *CELLS[7:9], *CELLS[5:7], *CELLS[9:])
    assert repair_for(squares, text) == Repaired(text)


def test_an_answer_that_was_written_too_late_is_no_damage(squares: Exercise) -> None:
    own = {**CELLS[8], "metadata": {}, "id": "own"}
    text = notebook_of(*CELLS[:8], *CELLS[9:], own)
    assert [cell.index for cell in runs(repair_for(squares, text))][-1] == len(CELLS) - 1


def test_merged_cells_are_told_and_a_given_cell_with_an_answer_in_it_counts_as_that(
    squares: Exercise,
) -> None:
    merged = {**CELLS[6], "source": CELLS[6]["source"] + "\n\n" + CELLS[8]["source"]}
    text = notebook_of(*CELLS[:6], merged, CELLS[7], *CELLS[9:])
    repaired = repair_for(squares, text)
    assert words(repaired) == (
        "Cell 7 holds the code of several: `square_check`, `total`. It was run where it stands now."
    )
    assert faults(repaired, REFERENCE) == []
    assert [cell.grade_id for cell in runs(repaired)] == [
        "imports",
        "data",
        "square",
        "total",
        "total_check",
        "result",
    ]


def test_given_names_that_the_student_gives_need_no_cell(squares: Exercise) -> None:
    own = {**CELLS[3], "metadata": {}, "id": "own", "source": "numbers = [k / 2 for k in range(9)]"}
    text = notebook_of(*CELLS[:3], own, *CELLS[4:])
    assert repair_for(squares, text).text == text


def test_a_given_cell_changed_without_harm_is_run_as_it_is(squares: Exercise) -> None:
    changed = {**CELLS[3], "source": CELLS[3]["source"].replace("count(5)", "count(6)  # plus")}
    text = notebook_of(*CELLS[:3], changed, *CELLS[4:])
    repaired = repair_for(squares, text)
    assert repaired.text == text
    assert words(repaired) == "The given cell `data` was changed. It was run as you changed it."
    commented = {**CELLS[3], "source": "# mes notes\n" + CELLS[3]["source"]}
    text = notebook_of(*CELLS[:3], commented, *CELLS[4:])
    assert repair_for(squares, text) == Repaired(text)


@pytest.mark.parametrize("change", [("numbers = ", "nombres = "), ("for k in", "for k on")])
def test_a_given_cell_that_lost_its_names_is_run_as_it_was_handed_out(
    squares: Exercise, change: tuple[str, str]
) -> None:
    changed = {**CELLS[3], "source": CELLS[3]["source"].replace(*change).replace("print(numbers)", "")}
    repaired = repair_for(squares, notebook_of(*CELLS[:3], changed, *CELLS[4:]))
    assert faults(repaired, REFERENCE) == []
    assert [(f.kind, f.grade_id, f.cell) for f in repaired.findings] == [("given_changed", "data", 3)]
    assert "the one handed out was run" in words(repaired)


def test_only_the_side_of_a_conflict_that_is_ones_own_is_run(squares: Exercise) -> None:
    mine, handed_out = CELLS[5]["source"], text_of(blank(squares, "square"))
    for first, second, told in ((mine, handed_out, "first"), (handed_out, mine, "second")):
        text = f"<<<<<<< HEAD\n{first}\n=======\n{second}\n>>>>>>> main"
        cells = [*CELLS[:5], {**CELLS[5], "source": text}, *CELLS[6:]]
        repaired = repair_for(squares, notebook_of(*cells))
        assert faults(repaired, REFERENCE) == []
        assert f"The {told} version was run." in words(repaired)


def test_an_exercise_can_switch_repairs_off_and_findings_are_told(tmp_path: Path) -> None:
    exercise = make_exercise(tmp_path, RUBRIC.replace("schema = 1\n", "schema = 1\nrepair = false\n"))
    text = damaged(REFERENCE, (by.as_markdown, 5), (by.deleted, 3))
    repaired = repair_for(exercise, text)
    assert repaired.text == text
    assert [f.kind for f in repaired.findings] == ["text_for_code", "given_missing"]
    assert words(repaired).count("Nothing was changed") == 2


def test_no_file_brings_the_marks_of_a_repair_along() -> None:
    cells = [
        {
            **cell,
            "metadata": {
                **cell["metadata"],
                "grade": {RUNS_BEFORE: [0, 0], RECOGNISED: True, REPAIR: "set_aside", "task": "a"},
            },
        }
        for cell in CELLS
    ]
    read = read_notebook(notebook_of(*cells).encode()).notebook
    assert read is not None
    assert {json.dumps(cell["metadata"]["grade"]) for cell in read["cells"]} == {'{"task": "a"}'}


def test_a_notebook_whose_code_all_became_text_can_be_read(squares: Exercise) -> None:
    hits = [(by.as_markdown, n) for n, cell in enumerate(CELLS) if cell["cell_type"] == "code"]
    handed_in = damaged(squares.reference, *hits)
    marked = json.loads(handed_in)
    for cell in marked["cells"]:
        if grade_id_of(cell) and grade_id_of(cell) != "why":
            cell["metadata"]["nbgrader"]["cell_type"] = "code"
    read = read_notebook(json.dumps(marked).encode())
    assert read.text is not None
    assert faults(repair_for(squares, read.text), REFERENCE) == []
