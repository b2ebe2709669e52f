import pytest
from pydantic import ValidationError

from grader.criteria.source import Source
from grader.model.notebook_code import parse
from grader.model.verdict import Verdict
from tests.criteria.builders import cell_raised, cells, evidence, execution, make, words

AVOIDS_AUTOGRAD = {
    "avoids": [
        {"name": ["backward", "autograd.grad", "func.grad"], "says": {"fr": "autograd !", "en": "autograd!"}},
        {"name": "requires_grad=", "says": {"fr": "graphe !", "en": "graph!"}},
    ]
}
USES_TRAINER = {"uses": [{"name": "Trainer", "says": {"fr": "pas de Trainer", "en": "no Trainer"}}]}
NO_LOOP = {"avoids": [{"name": ["for", "while"], "says": {"fr": "boucle !", "en": "loop!"}}]}


def judge(*texts, ran=None, handout=None, **parameters):
    return make(Source, **parameters).judge(evidence(source=cells(*texts), ran=ran, handout=handout))


BY_HAND = "def gradients(x, y, w, b):\n    e = x * w + b - y\n    return (2 * e * x).mean(), (2 * e).mean()"


def test_a_gradient_by_hand_avoids_autograd():
    assert judge(BY_HAND, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("import torch", "loss.backward()"),
        ("import torch", "torch.autograd.grad(loss, w)"),
        ("import torch.autograd as ag", "ag.grad(loss, w)"),
        ("from torch import autograd", "autograd.grad(loss, w)"),
        ("from torch.autograd import grad as g", "g(loss, w)"),
        ("from torch.autograd import grad", "grad(loss, w)"),
        ("from torch.autograd import *", "torch.autograd.grad(loss, w)"),
        ("import torch\ng = torch.autograd.grad", "g(loss, w)"),
        ("import torch\ndf = torch.func.grad(lambda w: w)", "df(w)"),
        ("def helper(loss):\n    loss.backward()", "helper(loss)"),
        ("def deep(loss):\n    loss.backward()\ndef helper(loss):\n    deep(loss)", "helper(loss)"),
        ("helper = lambda loss: loss.backward()", "helper(loss)"),
        ("import torch", 'getattr(loss, "backward")()'),
        ("import torch", "w = torch.tensor([1.0], requires_grad=True)"),
        ("import torch", "w.requires_grad = True"),
        ("%matplotlib inline\n!pip install x", "loss.backward()"),
    ],
)
def test_autograd_is_found_under_any_name(head, body):
    judgement = judge(
        head, f"def gradients(x, y, w, b):\n    {body}\n    return w", function="gradients", **AVOIDS_AUTOGRAD
    )
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "!" in words(judgement)


@pytest.mark.parametrize(
    "body",
    [
        "backward = 3\n    return backward",
        "def backward(e):\n        return e\n    return backward(w)",
        "return torch.zeros(1, requires_grad=False)",
        "return 'loss.backward()'  # loss.backward()",
        "if False:\n        w.backward()\n    return w",
        "w.grad = None\n    return w",
    ],
)
def test_what_only_looks_like_autograd_is_right(body):
    judgement = judge(
        "import torch", f"def gradients(x, y, w, b):\n    {body}", function="gradients", **AVOIDS_AUTOGRAD
    )
    assert judgement.verdict is Verdict.ACCEPTED


def test_autograd_elsewhere_in_the_notebook_is_no_fault_of_this_function():
    check = "w, b = train(1)\ndef train(n):\n    loss.backward()\n    return w, b"
    text = "def gradients(x, y):\n    return x * w + b"
    assert judge(check, text, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.ACCEPTED


def test_the_last_definition_wins():
    first = "def gradients(w):\n    w.backward()"
    assert judge(first, BY_HAND, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.ACCEPTED
    assert judge(BY_HAND, first, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.WRONG_ANSWER


@pytest.mark.parametrize(
    "body",
    [
        'eval("loss.back" + "ward()")',
        'exec("loss.backward()")',
        'getattr(loss, "back" + "ward")()',
        '__import__("torch").autograd',
        'globals()["helper"]()',
    ],
)
def test_what_hides_from_the_tree_goes_to_a_person(body):
    judgement = judge(f"def gradients(w):\n    {body}\n    return w", function="gradients", **AVOIDS_AUTOGRAD)
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "syntax tree" in judgement.staff_note


def test_the_mode_of_a_module_is_not_hiding():
    text = "def gradients(model):\n    model.eval()\n    return re.compile('x')"
    assert judge(text, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.ACCEPTED


def test_a_name_that_must_be_used_is_found_through_its_import():
    text = "from lightning import Trainer as T\ndef fit(model, epochs):\n    T(max_epochs=epochs).fit(model)"
    assert judge(text, function="fit", **USES_TRAINER).verdict is Verdict.ACCEPTED


def test_a_name_that_must_be_used_and_is_not_is_told():
    judgement = judge("def fit(model, epochs):\n    return []", function="fit", **USES_TRAINER)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "no Trainer" in words(judgement)


def test_an_import_alone_is_no_use():
    text = "def fit(model, epochs):\n    from lightning import Trainer\n    return []"
    assert judge(text, function="fit", **USES_TRAINER).verdict is Verdict.WRONG_ANSWER


def test_loops_are_statements_and_comprehensions_are_not():
    loop = "def fit(m, e):\n    while e:\n        e -= 1"
    comprehension = "def fit(m, e):\n    return [0 for _ in range(e)]"
    assert judge(loop, function="fit", **NO_LOOP).verdict is Verdict.WRONG_ANSWER
    assert judge(comprehension, function="fit", **NO_LOOP).verdict is Verdict.ACCEPTED
    also = {"avoids": [{"name": "comprehension", "says": {"fr": "x", "en": "x"}}]}
    assert judge(comprehension, function="fit", **also).verdict is Verdict.WRONG_ANSWER


def test_a_method_is_searched_with_the_methods_that_it_calls():
    text = (
        "class Net:\n    def forward(self, x):\n        return self.inner(x)\n"
        "    def inner(self, x):\n        x.backward()\n    def other(self):\n        for i in x: pass"
    )
    assert judge(text, function="Net.forward", **AVOIDS_AUTOGRAD).verdict is Verdict.WRONG_ANSWER
    assert judge(text, function="Net.forward", **NO_LOOP).verdict is Verdict.ACCEPTED
    assert judge(text, function="Net", **NO_LOOP).verdict is Verdict.WRONG_ANSWER


def test_cells_are_chosen_by_grade_id():
    source = cells("for i in x: pass", "y = 1", grade_ids=["data", "train"])
    assert make(Source, cells=["train"], **NO_LOOP).judge(evidence(source=source)).score == 1
    assert make(Source, cells=["data"], **NO_LOOP).judge(evidence(source=source)).score == 0
    lost = make(Source, cells=["gone"], **NO_LOOP).judge(evidence(source=source))
    assert lost.verdict is Verdict.NEEDS_REVIEW


def test_the_place_is_told():
    judgement = judge("x = 1", "def fit(m, e):\n    while e:\n        e -= 1", function="fit", **NO_LOOP)
    assert "Cell 2 of the notebook, line 2: while e:" in words(judgement)
    assert judgement.cell == 1


@pytest.mark.parametrize(
    "text",
    [
        'def gradients(x):\n    """Doc."""\n    # à vous\n    raise NotImplementedError("à compléter")',
        "class gradients:\n    def f(self):\n        raise NotImplementedError",
    ],
)
def test_what_is_not_filled_in_is_not_attempted(text):
    assert judge(text, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.NOT_ATTEMPTED


def test_an_error_that_the_student_raises_in_a_branch_is_an_attempt():
    text = "def gradients(x):\n    if x is None:\n        raise NotImplementedError\n    return x"
    assert judge(text, function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.ACCEPTED


def test_a_blank_notebook_is_not_attempted():
    text = "raise NotImplementedError"
    assert judge(text, handout={"train": text}, **NO_LOOP).verdict is Verdict.NOT_ATTEMPTED


def test_a_missing_function_is_not_attempted_and_a_near_one_is_named():
    assert judge("x = 1", function="gradients", **AVOIDS_AUTOGRAD).verdict is Verdict.NOT_ATTEMPTED
    judgement = judge("def Gradients(x): pass", function="gradients", **AVOIDS_AUTOGRAD)
    assert "did you mean `Gradients`" in words(judgement)


def test_a_cell_that_is_not_python_is_named_and_the_others_are_searched():
    judgement = judge("def broken(:", BY_HAND, function="gradients", **AVOIDS_AUTOGRAD)
    assert judgement.verdict is Verdict.ACCEPTED
    assert "cells 1" in judgement.staff_note


def test_a_function_in_a_cell_that_is_not_python_is_a_run_time_error():
    ran = execution(cell_raised(0, "SyntaxError", "invalid syntax"))
    judgement = judge("def gradients(x):\n    return x +", function="gradients", ran=ran, **AVOIDS_AUTOGRAD)
    assert judgement.verdict is Verdict.RUN_TIME_ERROR


@pytest.mark.parametrize(
    "text",
    [
        "%matplotlib inline",
        "if x:\n    !ls\n",
        "files = !ls",
        "%%time\nx = 1",
        "%%bash\nls -l | grep x",
        "%time x = f(1)",
        "torch.nn?",
        "?torch",
        "x = (5\n     % 3)",
        "y = 'a\\d'",
    ],
)
def test_magics_and_shell_lines_are_tolerated(text):
    assert parse(text) is not None


def test_code_below_a_timing_magic_is_searched():
    text = "%%time\ndef fit(m, e):\n    while e: pass"
    assert judge(text, function="fit", **NO_LOOP).verdict is Verdict.WRONG_ANSWER


def test_hostile_nesting_is_only_not_python():
    assert parse("(" * 100_000 + ")" * 100_000) is None
    assert parse("x = \0") is None


@pytest.mark.parametrize("parameters", [{}, {"function": "f", "cells": ["c"], **NO_LOOP}])
def test_a_rubric_that_asks_nothing_or_too_much_is_refused(parameters):
    with pytest.raises(ValidationError):
        make(Source, **parameters)
