"""Tests become questions only where the comparison can be made outside, and is as strict as it was."""

from __future__ import annotations

import pytest

from grader.authoring.importing.asserts import read_test, written_as_tests
from grader.authoring.importing.bindings import defined_names, rebound_names

ANSWERS = frozenset(("f", "g", "x"))
GIVEN = frozenset(("np", "math", "torch", "data"))


def read(source, **more):
    return read_test(source, ANSWERS, GIVEN, **more)


@pytest.mark.parametrize(
    ("test", "call"),
    [
        ("assert f(3) == 9", "f(3)"),
        ("assert 9 == f(3)", "f(3)"),
        ("assert f(3) == 9, 'no'", "f(3)"),
        ("assert f(1) == [1] and f(2) == [1, 4]", "[f(1), f(2)]"),
        ("assert f(1) == 1\nassert g(f(2)) == {'a': (1, None)}", "[f(1), g(f(2))]"),
        ("assert x == -1.5", "x"),
        ("assert f(2) is None", "f(2)"),
        ("assert f(5) == {2, 3}", "sorted(f(5))"),
        ("assert f(1) == set()", "sorted(f(1))"),
        ("assert np.isclose(f(0.5), 0.25)", "f(0.5)"),
        ("assert np.allclose(f(data), np.array([1.0, 2.0]), rtol=1e-3)", "f(data)"),
        ("assert torch.allclose(f(torch.ones(2)), torch.tensor([1.0]))", "f(torch.ones(2))"),
        ("assert abs(f(2) - math.sqrt(2)) < 1e-6", "f(2)"),
        ("assert (f(data) == np.array([1, 2])).all()", "f(data)"),
        ("np.testing.assert_array_equal(f(1), [1, 2])", "f(1)"),
        (
            "from nose.tools import assert_equal\nassert_equal(f(1), 2)",
            "from nose.tools import assert_equal\nreturn f(1)",
        ),
        ("v = [1, 2]\nassert f(v) == 3", "v = [1, 2]\nreturn f(v)"),
        (
            "v = [1]\nassert f(v) == 1\nv = [2]\nassert f(v) == 4\nassert g(v) == 2",
            "v = [1]\nasked_1 = f(v)\nv = [2]\nreturn [asked_1, f(v), g(v)]",
        ),
        (
            "s = f(3)\nassert next(s) == 0\nassert next(s) == 1\ns = g(s)\nassert s == 2",
            "s = f(3)\nasked_1 = next(s)\nasked_2 = next(s)\ns = g(s)\nreturn [asked_1, asked_2, s]",
        ),
        ('"""Doc."""\nprint("hello")\nassert f(1) == 1', "f(1)"),
        ("def test_f(f):\n    assert f(1) == 1\n    assert f(2) == 4\n\ntest_f(f)", "[f(1), f(2)]"),
    ],
)
def test_a_comparison_with_a_value_becomes_a_question(test, call):
    found = read(test)
    assert found.rest == ()
    assert found.asked is not None
    assert found.asked.call == call


@pytest.mark.parametrize(
    "test",
    [
        "assert f(3) > 0",
        "assert f(3) != 9",
        "assert isinstance(x, int)",
        "assert type(f(1)) == int",
        "assert f(2) in (1, 2)",
        "assert f(1) == g(1)",
        "assert math.pi == 3",
        "assert all(f(i) == i for i in range(3))",
        "assert not f(1)",
        "assert f(1)",
        "assert abs(f(1) - g(1)) < 1",
        "try:\n    f(0)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError",
        "for i in range(3):\n    assert f(i) == 2",
        "assert f(unheard_of) == 1",
        "def helper(n):\n    return n\nassert f(helper(1)) == 1",
        "assert (f(1) == 1) == True",
        "right = f(1) > 0\nassert right == True",
        "s = f(1)\ns = 2\nassert s == 2",
        "assert str(print(x)) == 'None'",
        "f = 3",
        "not python",
        "",
        "assert f(" + "1+" * 20_000 + "1) == 2",
    ],
)
def test_what_only_narrows_the_answer_or_judges_in_the_kernel_is_left_to_a_person(test):
    found = read(test)
    assert found.asked is None
    assert found.rest == (test.strip(),)


def test_part_of_a_test_is_told_from_the_rest():
    found = read("assert f(3) == 9\nassert f(4) > 2")
    assert found.asked is not None
    assert found.asked.call == "f(3)"
    assert found.rest == ("assert f(4) > 2",)


def test_equality_nearness_names_and_state_are_noted():
    assert read("assert f(g(1)) == 1").asked.names == ("f", "g")
    assert read("assert f(1) == 1").asked.exact
    assert not read("assert f(1) == 1\nassert np.isclose(g(1), 1)").asked.exact
    assert read("assert x == 1").asked.reads_state
    assert not read("assert f(x) == 1").asked.reads_state


@pytest.mark.parametrize(
    ("test", "call"), [("f(16)", "f(16)"), ("x", "x"), ("y = 2\nf(y) == 4", "y = 2\nreturn f(y)")]
)
def test_the_last_value_of_a_doctest_is_the_question(test, call):
    assert read(test, last_is_value=True).asked.call == call


@pytest.mark.parametrize(
    "test", ["isinstance(x, int)", "0 < x < 100", "None", "print(x)", "str(print(x))", "f(2) > 1"]
)
def test_a_doctest_that_shows_a_verdict_is_none(test):
    assert read(test, last_is_value=True).asked is None


def test_autotests_are_questions_about_their_values():
    source = "### AUTOTEST f(1); g(2)\n    ### HASHED AUTOTEST x"
    assert written_as_tests(source, ANSWERS) == "assert (f(1)) == 0\nassert (g(2)) == 0\n    assert (x) == 0"
    found = read(written_as_tests("### AUTOTEST f(1); g(2)", ANSWERS))
    assert found.asked.call == "[f(1), g(2)]"
    assert read(written_as_tests("### AUTOTEST isinstance(x, int)", ANSWERS)).asked is None


def test_names_are_those_of_the_top_level():
    sources = [
        "import numpy as np\nfrom math import pi\ndef f():\n    y = 1",
        "a, b = 1, 2\nclass C:\n    pass",
        "no python",
        "import pandas as pd\n%matplotlib inline\n!ls",
        "%%time\nz = 1",
    ]
    assert defined_names(sources) == {"np", "pi", "f", "a", "b", "C", "pd", "z"}


def test_names_bound_by_several_cells_are_told_apart_from_imports():
    assert rebound_names(["import math\nx = 1\ny = 1", "import math\nx = 2"]) == {"x"}
