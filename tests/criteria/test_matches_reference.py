import numpy as np
import pytest

from grader.criteria.matches_reference import MatchesReference
from grader.model.verdict import Verdict
from tests.criteria.builders import answered, answers, evidence, make, missing, raised, words

COLUMN = np.array([[1.0], [2.0], [3.0]], dtype=np.float32)


def criterion(**parameters):
    return make(MatchesReference, **({"call": "predict(x)", "cases": 2} | parameters))


def judge(c, student, reference):
    return c.judge(evidence(answers(c, *student), answers(c, *reference)))


def test_equal_answers_get_full_marks():
    c = criterion()
    assert judge(c, [COLUMN, 2 * COLUMN], [COLUMN, 2 * COLUMN]).verdict is Verdict.ACCEPTED


def test_flat_answer_is_a_wrong_shape_and_says_so():
    c = criterion()
    judgement = judge(c, [COLUMN.ravel()] * 2, [COLUMN] * 2)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "lacks a dimension of size 1" in words(judgement)
    assert "[3, 1]" in words(judgement)
    assert "[3]" in words(judgement)


def test_the_largest_case_is_told_for_it_shows_the_shape_best():
    c = criterion()
    judgement = judge(c, [np.float32(1.0), COLUMN.ravel()], [COLUMN[:1], COLUMN])
    assert "lacks a dimension of size 1" in words(judgement)


def test_a_scalar_that_would_broadcast_is_wrong():
    c = criterion()
    ones = np.ones((3, 1), dtype=np.float32)
    assert judge(c, [np.float32(1.0)] * 2, [ones] * 2).score == 0


def test_integers_where_floats_are_asked_for_are_a_wrong_dtype():
    c = criterion()
    judgement = judge(c, [COLUMN.astype(np.int64)] * 2, [COLUMN] * 2)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "dtype" in words(judgement)


def test_double_precision_is_the_right_kind_of_dtype():
    c = criterion()
    assert judge(c, [COLUMN.astype(np.float64)] * 2, [COLUMN] * 2).score == 1


def test_nan_fails_and_is_named():
    c = criterion()
    judgement = judge(c, [COLUMN * np.nan] * 2, [COLUMN] * 2)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "NaN" in words(judgement)


def test_values_out_of_tolerance_fail_without_showing_them():
    c = criterion()
    judgement = judge(c, [COLUMN * 1.5] * 2, [COLUMN] * 2)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "50 %" in words(judgement)
    assert "4.5" not in words(judgement)
    assert "4.5" in judgement.staff_note


def test_half_the_cases_right_gets_half_the_points():
    c = criterion()
    judgement = judge(c, [COLUMN, COLUMN], [COLUMN, 2 * COLUMN])
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert judgement.score == 0.5
    assert "1 of 2" in words(judgement)


def test_all_or_nothing_where_the_rubric_says_so():
    c = criterion(share_of_cases=False)
    assert judge(c, [COLUMN, COLUMN], [COLUMN, 2 * COLUMN]).score == 0


def with_suffix(c, suffix, *things):
    return [answered(f"{c.id}/{index}{suffix}", thing) for index, thing in enumerate(things)]


def test_another_right_answer_is_right_only_when_it_is_so_in_all_cases():
    c = criterion(also_right=["forward(x)"])
    reference = [*answers(c, COLUMN, COLUMN), *with_suffix(c, "-right-0", 2 * COLUMN, 2 * COLUMN)]
    both = evidence(answers(c, 2 * COLUMN, 2 * COLUMN), reference)
    mixed = evidence(answers(c, COLUMN, 2 * COLUMN), reference)
    assert c.judge(both).verdict is Verdict.ACCEPTED
    assert c.judge(mixed).verdict is Verdict.PARTIALLY_ACCEPTED


def test_a_named_mistake_is_told_and_pays_nothing_even_where_it_agrees_by_chance():
    says = {"fr": "la somme au lieu de la moyenne", "en": "the sum instead of the mean"}
    c = criterion(mistakes=[{"call": "total(x)", "says": says}])
    reference = [*answers(c, COLUMN, COLUMN), *with_suffix(c, "-mistake-0", COLUMN, 3 * COLUMN)]
    judgement = c.judge(evidence(answers(c, COLUMN, 3 * COLUMN), reference))
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "the sum instead of the mean" in words(judgement)


def test_a_mistake_that_fails_in_the_reference_is_only_not_named():
    c = criterion(mistakes=[{"call": "boom()", "says": {"fr": "x", "en": "x"}}], cases=1)
    reference = [*answers(c, COLUMN), raised(f"{c.id}/0-mistake-0", "ZeroDivisionError")]
    assert c.judge(evidence(answers(c, COLUMN), reference)).score == 1
    assert c.judge(evidence(answers(c, -COLUMN), reference)).verdict is Verdict.WRONG_ANSWER


def test_rows_in_any_order_move_together():
    c = criterion(rows_in_any_order=True, cases=1)
    x, y = np.array([[0, 0], [0, 1], [1, 1.0]], np.float32), np.array([[0], [1], [0.0]], np.float32)
    order = [2, 0, 1]
    assert judge(c, [(x[order], y[order])], [(x, y)]).score == 1
    judgement = judge(c, [(x[order], y)], [(x, y)])
    assert judgement.score == 0
    assert "rows" in words(judgement)


def test_a_row_twice_does_not_stand_for_two_rows():
    c = criterion(rows_in_any_order=True, cases=1)
    x = np.array([[0, 0], [0, 1]], np.float32)
    assert judge(c, [x[[0, 0]]], [x]).score == 0


def test_one_result_of_two_is_counted():
    c = criterion(cases=1)
    judgement = judge(c, [COLUMN], [(COLUMN, COLUMN)])
    assert "2 results are asked for" in words(judgement)


def test_the_wrong_one_of_two_results_is_named():
    c = criterion(cases=1)
    judgement = judge(c, [(COLUMN, -COLUMN)], [(COLUMN, COLUMN)])
    assert "result 2 of 2" in words(judgement)


def test_one_case_is_not_counted_in_the_plural():
    assert "all 1" not in words(judge(criterion(cases=1), [COLUMN], [COLUMN]))
    assert "all 2 cases" in words(judge(criterion(cases=2), [COLUMN] * 2, [COLUMN] * 2))


def test_nothing_returned_asks_for_a_return():
    c = criterion(cases=1)
    assert "`return`" in words(judge(c, [None], [COLUMN]))


def test_a_plain_number_for_a_scalar_tensor_is_right_only_where_allowed():
    scalar = np.float32(2.0)
    assert judge(criterion(cases=1), [2.0], [scalar]).score == 0
    assert judge(criterion(cases=1, numbers_for_tensors=True), [2.0], [scalar]).score == 1


def test_a_tensor_of_one_element_is_no_scalar():
    judgement = judge(criterion(cases=1), [np.ones(1, np.float32)], [np.float32(1.0)])
    assert judgement.score == 0
    assert "scalar" in words(judgement)


def test_missing_name_is_not_attempted():
    c = criterion()
    judgement = c.judge(evidence([missing(f"{c.id}/0", "predict")], answers(c, COLUMN, COLUMN)))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED


def test_a_call_that_raises_in_one_case_is_paid_for_the_others():
    c = criterion()
    student = [answers(c, COLUMN)[0], raised(f"{c.id}/1", "IndexError", "index 1 is out of range")]
    judgement = c.judge(evidence(student, answers(c, COLUMN, COLUMN)))
    assert judgement.score == 0.5
    assert "IndexError" in words(judgement)


def test_a_reference_without_an_answer_is_the_graders_fault():
    c = criterion(cases=1)
    judgement = c.judge(evidence(answers(c, COLUMN), [raised(f"{c.id}/0", "ValueError")]))
    assert judgement.verdict is Verdict.JUDGE_ERROR


def test_a_reference_with_nan_is_the_graders_fault():
    c = criterion(cases=1)
    assert judge(c, [COLUMN], [COLUMN * np.nan]).verdict is Verdict.JUDGE_ERROR


def test_a_broadcast_warning_turns_the_eye_to_the_shapes():
    c = criterion(cases=1)
    warning = "Using a target size (torch.Size([4])) that is different to the input size"
    student = [answered(f"{c.id}/0", -COLUMN).model_copy(update={"warnings": (warning,)})]
    assert "broadcast" in words(c.judge(evidence(student, answers(c, COLUMN))))


@pytest.mark.parametrize(
    "warning", ["shapes are broadcast together in another library", "target size of the plot"]
)
def test_another_warning_is_not_told_as_pytorchs_of_two_shapes(warning):
    c = criterion(cases=1)
    student = [answered(f"{c.id}/0", -COLUMN).model_copy(update={"warnings": (warning,)})]
    assert "PyTorch warned" not in words(c.judge(evidence(student, answers(c, COLUMN))))


def test_a_warning_of_a_case_that_is_right_is_not_told_of_one_that_is_wrong():
    c = criterion(cases=2)
    warning = "Using a target size (torch.Size([4])) that is different to the input size"
    right, wrong = answers(c, COLUMN, -COLUMN)
    warned = [right.model_copy(update={"warnings": (warning,)}), wrong]
    assert "PyTorch warned" not in words(c.judge(evidence(warned, answers(c, COLUMN, COLUMN))))


def test_probes_are_the_same_for_equal_generators_and_tell_no_answer():
    c = criterion(
        inputs={"x": {"shape": ["n", 1]}},
        sizes={"n": [1, 5]},
        mistakes=[{"call": "total(x)", "says": {"fr": "x", "en": "x"}}],
    )
    first, second = (c.probes(np.random.default_rng(3)) for _ in range(2))
    assert [p.model_dump_json() for p in first] == [p.model_dump_json() for p in second]
    assert [p.id for p in first if p.ask == "both"] == ["task.word/0", "task.word/1"]
    assert [p.id for p in first if p.ask == "reference"] == ["task.word/0-mistake-0", "task.word/1-mistake-0"]
    assert [p.inputs["x"].shape for p in first[::2]] == [(1, 1), (5, 1)]


NOT_A_LEAF = "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed."


def test_a_none_is_told_by_pytorchs_own_warning_where_there_is_one():
    c = criterion(cases=1)
    reference = answers(c, {"gradient": COLUMN})
    warned = answered(f"{c.id}/0", {"gradient": None}).model_copy(update={"warnings": (NOT_A_LEAF,)})
    assert "no leaf of the graph" in words(c.judge(evidence([warned], reference)))
    assert "no leaf" not in words(c.judge(evidence(answers(c, {"gradient": None}), reference)))
    wrong = answered(f"{c.id}/0", {"gradient": -COLUMN}).model_copy(update={"warnings": (NOT_A_LEAF,)})
    assert "no leaf" not in words(c.judge(evidence([wrong], reference)))


def test_a_mistake_is_named_by_its_infinities_too():
    says = {"fr": "divisé par n - 1", "en": "divided by n - 1"}
    c = criterion(mistakes=[{"call": "f(x)", "says": says}])
    infinite = np.full_like(COLUMN, np.inf)
    reference = [*answers(c, COLUMN, COLUMN), *with_suffix(c, "-mistake-0", infinite, 2 * COLUMN)]
    same = c.judge(evidence(answers(c, infinite, 2 * COLUMN), reference))
    other = c.judge(evidence(answers(c, -infinite, 2 * COLUMN), reference))
    assert "divided by n - 1" in words(same)
    assert "divided by n - 1" not in words(other)
