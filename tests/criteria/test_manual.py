import pytest

from grader.criteria.manual import Manual
from grader.model.verdict import Verdict
from tests.criteria.builders import cells, evidence, make, words

HANDOUT = "*Votre réponse ici.*"


def judge(*texts, grade_ids=("discuss",)):
    source = cells(*(f"md:{text}" for text in texts), grade_ids=grade_ids)
    return make(Manual, cell="discuss").judge(evidence(source=source, handout={"discuss": HANDOUT}))


@pytest.mark.parametrize("text", ["", "  \n", HANDOUT, "Votre réponse ici", "..."])
def test_an_untouched_or_empty_answer_is_not_attempted(text):
    judgement = judge(text)
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert judgement.score == 0
    assert judgement.cell == 0


def test_a_written_answer_waits_for_a_person_who_finds_it_in_the_note():
    judgement = judge("La perte diverge.")
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.score is None
    assert "diverge" in judgement.staff_note
    assert "diverge" not in words(judgement)


def test_an_answer_below_the_untouched_placeholder_is_not_lost():
    assert judge(HANDOUT, "La perte diverge.").verdict is Verdict.NEEDS_REVIEW


def test_the_next_section_of_the_notebook_is_no_answer():
    assert judge(HANDOUT, "## Avant de rendre").verdict is Verdict.NOT_ATTEMPTED


def test_an_answer_whose_cell_lost_its_grade_id_waits_for_a_person():
    assert judge("La perte diverge.", grade_ids=()).verdict is Verdict.NEEDS_REVIEW


def test_an_untouched_cell_that_lost_its_grade_id_is_still_not_attempted():
    assert judge("# Titre", HANDOUT, grade_ids=()).verdict is Verdict.NOT_ATTEMPTED


def test_a_notebook_without_any_text_is_not_attempted():
    judgement = make(Manual, cell="discuss").judge(evidence(source=cells("x = 1"), handout={}))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
