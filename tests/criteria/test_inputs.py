import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from grader.criteria.inputs import CallCriterion, Draw, OneOf, draw_case, function_body
from grader.criteria.matches_reference import MatchesReference
from tests.criteria.builders import answered, make, missing, raised


def rng():
    return np.random.default_rng(0)


@given(st.floats(-100, 100), st.floats(0, 100), st.integers(1, 30))
def test_uniform_numbers_lie_between_low_and_high(low, width, n):
    drawn = Draw(shape=("n", 1), low=low, high=low + width, dtype="float64").draw({"n": n}, rng())
    assert drawn.shape == (n, 1)
    assert np.all((low <= drawn) & (drawn <= low + width))


def test_integers_include_both_ends():
    drawn = Draw(shape=(200,), distribution="integers", low=0, high=3, dtype="int64").draw({}, rng())
    assert set(drawn.tolist()) == {0, 1, 2, 3}
    assert drawn.dtype == np.int64


def test_normal_numbers_have_the_scale_asked_for():
    drawn = Draw(shape=(20_000,), distribution="normal", mean=3.0, scale=2.0).draw({}, rng())
    assert drawn.dtype == np.float32
    assert abs(drawn.mean() - 3.0) < 0.1
    assert abs(drawn.std() - 2.0) < 0.1


def test_fixed_values_have_a_shape_of_their_own():
    assert Draw(values=[[0, 0], [0, 1]]).draw({}, rng()).tolist() == [[0, 0], [0, 1]]
    assert Draw(values=1.5).draw({}, rng()).shape == ()


def test_sizes_go_round_and_arguments_are_drawn():
    inputs = {"x": Draw(shape=("n",))}
    arguments = {"lr": OneOf(one_of=(0.1, 0.5)), "epochs": 3}
    generator = rng()
    cases = [draw_case(inputs, {"n": (1, 5)}, arguments, index, generator) for index in range(20)]
    assert [len(case.inputs["x"]) for case in cases[:4]] == [1, 5, 1, 5]
    assert {case.arguments["lr"] for case in cases} == {0.1, 0.5}
    assert {case.arguments["epochs"] for case in cases} == {3}
    assert len({case.seed for case in cases}) == 20


@given(st.integers(0, 2**32))
def test_equal_generators_draw_equal_cases(seed):
    inputs = {"x": Draw(shape=(3,)), "y": Draw(shape=(2, 2), distribution="normal")}
    first, second = (
        draw_case(inputs, {}, {"a": OneOf(one_of=(1, 2, 3))}, 0, np.random.default_rng(seed))
        for _ in range(2)
    )
    assert first.model_dump_json() == second.model_dump_json()


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("f(x)", "return (f(x))"),
        ("\n    f(x)\n", "return (f(x))"),
        ("y = f(x)\nreturn y", "y = f(x)\nreturn y"),
        ("    y = f(x)\n    return y", "y = f(x)\nreturn y"),
        ("(f(x),\n g(x))", "return ((f(x),\n g(x)))"),
    ],
)
def test_a_snippet_becomes_a_body(code, body):
    assert function_body(code) == body
    assert function_body(body) == body


def test_a_comment_does_not_swallow_the_bracket():
    compile(f"def f():\n    {function_body('x  # why')}", "", "exec")


@pytest.mark.parametrize("code", ["x = 1", "f(", "def f():\n    return 1", "", "class A:\n    pass"])
def test_a_snippet_that_returns_nothing_is_refused(code):
    with pytest.raises(ValueError, match=r"never returns|not Python"):
        function_body(code)


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"call": "f("}, "not Python"),
        ({"inputs": {"x": {"shape": ["n"]}}}, "'n' is not one of sizes"),
        ({"inputs": {"x y": {}}}, "is not a name"),
        ({"inputs": {"x": {}}, "arguments": {"x": 1}}, "is an input already"),
        ({"inputs": {"x": {"shape": [2], "values": [1, 2]}}}, "not together"),
        ({"inputs": {"x": {"low": 2.0, "high": 1.0}}}, "above high"),
        ({"inputs": {"x": {"shape": [0]}}}, "greater than 0"),
        ({"cases": 0}, "greater than or equal to 1"),
        ({"sizes": {"n": []}}, "at least 1 item"),
        ({"inputs": {"x": {"shap": [1]}}}, "Extra inputs"),
    ],
)
def test_a_wrong_rubric_is_refused_with_its_reason(parameters, word):
    with pytest.raises(ValidationError, match=word):
        make(MatchesReference, **({"call": "f(x)"} | parameters))


def test_asking_goes_on_only_while_an_answer_can_come():
    c: CallCriterion = make(MatchesReference, call="f(x)")
    assert not c.is_settled([], {})
    assert not c.is_settled([answered("a/0", 1.0), raised("a/1", "ValueError")], {})
    assert c.is_settled([raised("a/0", "NotImplementedError")], {})
    assert c.is_settled([missing("a/0", "f")], {})


def test_bounds_may_change_from_case_to_case():
    c = make(
        MatchesReference,
        call="f(x)",
        inputs={"x": {"shape": [50], "low": [0.0, 10.0], "high": [1.0, 20.0]}},
        cases=3,
    )
    drawn = [probe.inputs["x"] for probe in c.probes(rng())]
    assert [x.min() >= low and x.max() <= low + 10 for x, low in zip(drawn, (0, 10, 0), strict=True)] == [
        True
    ] * 3
    assert drawn[2].max() <= 1


def test_bounds_that_would_meet_the_wrong_way_round_in_some_case_are_refused():
    with pytest.raises(ValidationError, match=r"10\.0"):
        Draw(shape=(3,), low=[0.0, 10.0], high=[20.0, 20.0, 5.0])
