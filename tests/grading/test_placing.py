from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.grading.placing import placed, top_level_names
from grader.i18n import render
from grader.model.evidence import SourceCell
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.text import say
from grader.model.verdict import Verdict

WRONG = Judgement(verdict=Verdict.WRONG_ANSWER, score=0, summary=say("The sign is wrong."))
HANDOUT = {
    "train": "def train(net):\n    raise NotImplementedError",
    "figure": "# draw `losses`",
    "discuss": "Your answer",
}


def cells(*texts: tuple[str | None, str]) -> tuple[SourceCell, ...]:
    return tuple(
        SourceCell(index=i, grade_id=grade_id, text=text) for i, (grade_id, text) in enumerate(texts)
    )


def asks(*names: str) -> tuple[Probe, ...]:
    return (Probe(id="t.w/0", code="", requires=names),)


def place(task: str, source: tuple[SourceCell, ...], probes: tuple[Probe, ...] = ()) -> int | None:
    return placed(WRONG, task, probes, source, HANDOUT).cell


def test_the_last_cell_that_gives_the_name_is_meant_even_where_grade_ids_are_gone() -> None:
    source = cells((None, "def train(net): return 1"), (None, "x = 1"), (None, "def train(net): return 2"))
    assert place("train", source, asks("train")) == 2
    again = cells(("train", HANDOUT["train"]), (None, "def train(net): return 2"), (None, "train(1)"))
    assert place("train", again, asks("train")) == 1


def test_a_task_whose_cell_uses_the_name_and_does_not_give_it_is_looked_for_by_grade_id() -> None:
    source = cells((None, "losses = []"), ("figure", "plt.plot(losses)"))
    assert place("figure", source, asks("losses")) == 1


def test_a_task_without_a_cell_of_its_own_is_where_the_last_of_its_names_is() -> None:
    source = cells(("network", "class XORNet: pass"), ("train", "def train(net): ..."))
    assert place("learns", source, asks("XORNet", "train")) == 1


def test_what_is_nowhere_stays_without_a_cell() -> None:
    assert place("train", cells((None, "1 +"), (None, "def other(): train = 1")), asks("train")) is None


def test_a_cell_that_the_criterion_named_stays() -> None:
    known = WRONG.model_copy(update={"cell": 7})
    assert placed(known, "train", asks("train"), cells((None, "train = 1")), HANDOUT) is known


def test_a_place_is_told_in_words_only_where_something_is_to_be_mended() -> None:
    source = cells((None, "train = 1"))
    told = placed(WRONG, "train", asks("train"), source, HANDOUT).where
    assert told is not None
    assert render(told, "en") == "`train`, in cell 1 of the notebook"
    right = Judgement(verdict=Verdict.ACCEPTED, score=1, summary=say("right"))
    found = placed(right, "train", asks("train"), source, HANDOUT)
    assert (found.cell, found.where) == (0, None)


@given(st.text())
def test_any_text_has_names_or_none(text: str) -> None:
    assert all(name.isidentifier() for name in top_level_names(text))


def test_names_inside_functions_are_not_the_notebooks() -> None:
    text = "%matplotlib inline\ndef f():\n    a = 1\nfor i in x:\n    b, (c, *d) = i\n"
    text += "v.w = 3\ne: int = 2\nclass G:\n    h = 1"
    assert top_level_names(text) == {"f", "i", "b", "c", "d", "e", "G"}
