"""Names in code: what cells leave behind, and what a snippet needs."""

import pytest

from grader.model.code_names import defined_names, used_names


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("x = y = 1\na, (b, *c) = 1, (2, 3)", {"x", "y", "a", "b", "c"}),
        ("import numpy as np, os.path\nfrom torch import nn as n, optim", {"np", "os", "n", "optim"}),
        ("def f(u):\n    v = u\n    return v\nclass C:\n    w = 1", {"f", "C"}),
        ("def f():\n    global g\n    g = 1", {"f", "g"}),
        (
            "for i in range(3):\n    with open('x') as stream:\n        total = [k for k in 'ab']",
            {"i", "stream", "total"},
        ),
        ("if (n := 3):\n    try:\n        pass\n    except OSError as e:\n        r = 1", {"n", "e", "r"}),
        ("%matplotlib inline\n!ls\nshown = 1", {"shown"}),
        ("'''speaks of words'''  # and of others", set()),
        ("this is no Python", {"this", "is", "no", "Python"}),
    ],
)
def test_what_a_cell_leaves_behind(cell, names):
    assert defined_names([cell]) == names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("predict(x, w, b)", {"predict", "x", "w", "b"}),
        ("y = predict(x)\nreturn y.sum() + len(y)", {"predict", "x"}),
        ("[f(k) for k in range(3)], (lambda t: t * u)(1)", {"f", "u"}),
        ("import math\nreturn math.log(p)", {"p"}),
    ],
)
def test_what_a_snippet_needs(code, names):
    assert used_names(code) == names
