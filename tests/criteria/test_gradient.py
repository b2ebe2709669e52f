import numpy as np
import pytest
from pydantic import ValidationError

from grader.criteria.gradient import Gradient
from grader.model.verdict import Verdict
from tests.criteria.asking import judged
from tests.criteria.builders import evidence, make, words

LINE = """
def predict(x, w, b):
    return x * w + b

def mse(y_pred, y):
    return ((y_pred - y) ** 2).mean()

def gradients(x, y, w, b):
    e = predict(x, w, b) - y
    return (2 * e * x).mean().reshape(1), (2 * e).mean().reshape(1)
"""


def line(**parameters):
    return make(
        Gradient,
        **{
            "call": "gradients(x, y, w, b)",
            "loss": "mse(predict(x, w, b), y)",
            "wrt": ["w", "b"],
            "requires": ["gradients"],
            "inputs": {
                "x": {"shape": ["n", 1], "low": -2.0, "high": 2.0},
                "y": {"shape": ["n", 1], "low": -2.0, "high": 2.0},
                "w": {"shape": [1]},
                "b": {"shape": [1]},
            },
            "sizes": {"n": [1, 5, 32]},
        }
        | parameters,
    )


def judge_line(body, **parameters):
    code = f"def gradients(x, y, w, b):\n    e = x * w + b - y\n    n = len(x)\n    {body}"
    return judged(line(**parameters), code, reference=LINE)


@pytest.mark.parametrize(
    "body",
    [
        "return (2 * e * x).mean().reshape(1), (2 * e).mean().reshape(1)",
        "return 2 / n * (e * x).sum(dim=0), 2 / n * e.sum(dim=0)",
        "return [2 / n * (x.T @ e).reshape(1), 2 * e.mean(0)]",
        "g = 2 * e * x; h = 2 * e; return g.mean(0).double(), h.mean(0)",
    ],
)
def test_right_gradients_in_several_idioms(body):
    judgement = judge_line(body)
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("return -2 * (e * x).mean(0), -2 * e.mean(0)", "wrong sign"),
        ("return (e * x).mean(0), e.mean(0)", "is 1/2 times"),
        ("return 4 * (e * x).mean(0), 4 * e.mean(0)", "is 2 times"),
        ("return 2 * (e * x).sum(0), 2 * e.sum(0)", "is n times"),
        ("return (e * x).sum(0), e.sum(0)", "is n/2 times"),
        ("return 2 * (e * x).mean(0) / n, 2 * e.mean(0) / n", "is 1/n times"),
        ("return -2 * (e * x).sum(0), -2 * e.sum(0)", "is -n times"),
        ("return 6 * (e * x).mean(0), 6 * e.mean(0)", "is 3 times"),
        ("return 2 * e.mean(0), 2 * (e * x).mean(0)", "wrong order"),
        ("return w * 0, b * 0", "zero everywhere"),
        ("return None, None", "None came back"),
        ("return 2 * e * x, 2 * e", "one row per example"),
        ("return (2 * e * x).mean(), (2 * e).mean()", "A scalar came back"),
        ("return 2 * (e * x).mean(0) + 1, 2 * e.mean(0) + 1", "off by the same number"),
        ("return 2 * (e * x).mean(0) * 1.002, 2 * e.mean(0)", "nearly right"),
        ("return 2 * (e * x).mean(0) * float('nan'), 2 * e.mean(0)", "NaN"),
        ("return 2 * (e * x).mean(0)", "2 results are asked for"),
        ("return (2 * (e * x).mean(0),)", "2 results"),
        ("return (2 * (e * x).mean().item(), 2 * e.mean().item())", "A tensor is asked for"),
    ],
)
def test_a_wrong_gradient_is_named(body, named):
    judgement = judge_line(body)
    assert judgement.verdict in (Verdict.WRONG_ANSWER, Verdict.PARTIALLY_ACCEPTED)
    assert named in words(judgement), words(judgement)


def test_one_wrong_component_of_two_is_named_and_the_other_paid():
    judgement = judge_line("return 2 * (e * x).mean(0), -2 * e.mean(0)")
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert judgement.score == 0.5
    assert "with respect to `b` has the wrong sign" in words(judgement)
    assert "right with respect to `w`" in words(judgement)


def test_the_shape_of_the_wrong_component_is_told_beside_the_right_one():
    judgement = judge_line("return 2 * (e * x).mean(0), 2 * e.mean()")
    assert judgement.score == 0.5
    assert "right with respect to `w`, wrong with respect to `b`: shape []" in words(judgement)


def test_a_mistake_that_components_share_is_told_of_all():
    assert "with respect to `w, b` has the wrong sign" in words(
        judge_line("return -2 * (e * x).mean(0), -2 * e.mean(0)")
    )


def test_a_mistake_of_the_rubric_goes_before_the_general_ones():
    says = {"fr": "x oublié", "en": "the factor x is missing in dw"}
    mistakes = [{"call": "gradients(torch.ones_like(x), y, w, b)", "says": says}]
    wrong = "one = torch.ones_like(x); f = one * w + b - y; return (2 * f).mean(0), (2 * f).mean(0)"
    judgement = judge_line(wrong, mistakes=mistakes)
    assert "the factor x is missing" in words(judgement)
    assert judgement.score == 0


def test_no_message_shows_values():
    judgement = judge_line("return 3.25 * (e * x).mean(0) + x.sum(), e.mean(0) * x.mean()")
    assert judgement.score == 0
    assert not any(len(word.partition(".")[2]) > 3 for word in words(judgement).split())


AUTOGRAD = line().model_copy(update={"call": "gradient_of(x, y, w, b)", "requires": ("gradient_of",)})
AUTOGRAD_REFERENCE = """
def predict(x, w, b):
    return x * w + b
def mse(y_pred, y):
    return ((y_pred - y) ** 2).mean()
def gradient_of(x, y, w, b):
    w, b = w.clone().requires_grad_(True), b.clone().requires_grad_(True)
    return torch.autograd.grad(mse(predict(x, w, b), y), (w, b))
"""


def judge_autograd(body):
    return judged(AUTOGRAD, f"def gradient_of(x, y, w, b):\n{body}", reference=AUTOGRAD_REFERENCE)


def test_gradients_that_accumulate_over_calls_are_named():
    judgement = judge_autograd(
        "    w.requires_grad_(True); b.requires_grad_(True)\n"
        "    ((x * w + b - y) ** 2).mean().backward()\n"
        "    return w.grad, b.grad\n"
    )
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "accumulate" in words(judgement)


def test_a_detached_loss_is_a_wrong_answer_and_says_so():
    judgement = judge_autograd(
        "    w.requires_grad_(True)\n"
        "    torch.tensor(((x * w + b - y) ** 2).mean().item()).backward()\n"
        "    return w.grad, b.grad\n"
    )
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "hangs on no graph" in words(judgement)


def test_a_gradient_that_was_never_computed_is_none():
    judgement = judge_autograd("    w.requires_grad_(True)\n    return w.grad, b.grad\n")
    assert "None came back as the gradient with respect to `w`" in words(judgement)


def test_an_input_changed_by_the_call_shows_at_the_second():
    judgement = judge_autograd(
        "    e = x * w + b - y\n    g = (2 * e * x).mean(0), 2 * e.mean(0)\n    w += 1\n    return g\n"
    )
    assert "second one with the same inputs" in words(judgement)


NEURON = """
def neuron(w, x):
    return torch.sigmoid(w[0] * x[0] + w[1] * x[1] + w[2])
def neuron_gradient(w, x):
    s = neuron(w, x)
    d = s * (1 - s)
    one = torch.ones(1, dtype=x.dtype)
    return d * torch.cat([x, one]), d * w[:2]
"""


def judge_neuron(body):
    criterion = make(
        Gradient,
        call="neuron_gradient(w, x)",
        loss="neuron(w, x)",
        wrt=["w", "x"],
        inputs={"w": {"shape": [3]}, "x": {"shape": [2]}},
    )
    head = "def neuron_gradient(w, x):\n    s = torch.sigmoid(w[:2] @ x + w[2])\n    d = s * (1 - s)\n"
    return judged(criterion, f"{head}    {body}", reference=NEURON)


def test_swapped_gradients_of_different_shapes_are_named():
    judgement = judge_neuron("return d * w[:2], d * torch.cat([x, torch.ones(1)])")
    assert "wrong order" in words(judgement)


def test_one_wrong_element_is_named_by_its_index():
    judgement = judge_neuron("return d * torch.cat([x, torch.zeros(1)]), d * w[:2]")
    assert "element [2]" in words(judgement)
    assert judgement.score == 0.5


def test_a_transposed_gradient_is_named():
    criterion = make(
        Gradient,
        call="g(m, v)",
        loss="v @ m @ v",
        wrt=["m"],
        inputs={"m": {"shape": [3, 3]}, "v": {"shape": [3]}},
    )
    symmetric = judged(
        criterion,
        "def g(m, v):\n    return torch.outer(v, v)",
        reference="g = lambda m, v: torch.outer(v, v)",
    )
    assert symmetric.verdict is Verdict.ACCEPTED
    criterion = make(
        Gradient,
        call="g(m, u, v)",
        loss="u @ m @ v",
        wrt=["m"],
        inputs={"m": {"shape": [3, 3]}, "u": {"shape": [3]}, "v": {"shape": [3]}},
    )
    right = "g = lambda m, u, v: torch.outer(u, v)"
    judgement = judged(criterion, "def g(m, u, v):\n    return torch.outer(v, u)", reference=right)
    assert "transposed" in words(judgement)


def test_a_crash_in_some_cases_is_paid_for_the_others():
    judgement = judge_line("assert n > 1; return 2 * (e * x).mean(0), 2 * e.mean(0)", cases=3)
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert "AssertionError" in words(judgement)


def test_what_is_not_filled_in_is_not_attempted():
    assert judge_line("raise NotImplementedError('à compléter')").verdict is Verdict.NOT_ATTEMPTED


def test_a_missing_name_is_told():
    judgement = judged(line(), "def gradient(x, y, w, b): pass", reference=LINE)
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert "did you mean `gradient`" in words(judgement)


def test_a_reference_that_is_wrong_is_the_graders_fault():
    wrong = LINE.replace("2 * e * x", "e * x")
    assert judged(line(), LINE, reference=wrong).verdict is Verdict.JUDGE_ERROR


def test_autograd_that_disagrees_with_central_differences_is_the_graders_fault():
    liar = LINE.replace("return x * w + b", "return x * w.detach() + b")
    judgement = judged(line(), LINE, reference=liar)
    assert judgement.verdict is Verdict.JUDGE_ERROR
    assert "disagree" in judgement.staff_note


def test_nothing_asked_is_the_graders_fault():
    assert line().judge(evidence()).verdict is Verdict.JUDGE_ERROR


def test_wrt_must_be_float_inputs():
    with pytest.raises(ValidationError, match="not one of inputs"):
        line(wrt=["z"])
    with pytest.raises(ValidationError, match="not a float"):
        line(inputs={"w": {"shape": [1], "dtype": "int64"}}, wrt=["w"], sizes={})


def test_the_true_gradient_is_never_asked_of_the_student():
    probes = line().probes(np.random.default_rng(0))
    assert {p.ask for p in probes if p.id.endswith("-true")} == {"reference"}
    assert all("mse" not in p.code for p in probes if p.ask != "reference")


def test_names_of_python_that_the_notebook_took_do_no_harm():
    taken = "list = [1]\ntuple = None\nisinstance = len\n"
    code = (
        taken
        + "def gradients(x, y, w, b):\n    e = x * w + b - y\n    return 2 * (e * x).mean(0), 2 * e.mean(0)"
    )
    assert judged(line(), code, reference=LINE).verdict is Verdict.ACCEPTED


def test_a_right_gradient_in_a_list_is_not_called_nearly_right():
    judgement = judge_line("return [(2 * e * x).mean().item()], [(2 * e).mean().item()]")
    assert judgement.score == 0
    assert "nearly right" not in words(judgement)
    assert "something else came back" in words(judgement)


def test_nothing_returned_where_two_gradients_are_asked_for_says_how_many():
    told = words(judge_line("pass"))
    assert "is there a `return`?" in told
    assert "2 results, as a tuple" in told
    assert "each None" not in told


def test_what_is_expected_has_the_dtype_of_the_reference():
    told = words(judge_line("return 2.0, 3.0"))
    assert "float32" in told
    assert "float64" not in told


def test_a_less_precise_gradient_is_found_where_the_rubric_says_so():
    parameters = {
        "inputs": {name: draw | {"dtype": "float64"} for name, draw in line().model_dump()["inputs"].items()}
    }
    body = "return (2 * e * x).mean(0).float(), (2 * e).mean(0).float()"
    assert judge_line(body, **parameters).score == 1
    told = judge_line(body, **parameters, dtypes="as_precise")
    assert told.score == 0
    assert "`float32`, and `float64` is asked for" in words(told)


def test_a_gradient_read_from_a_copy_that_is_no_leaf_is_told_so_and_one_never_computed_is_not():
    copy = "x.requires_grad_(); w.requires_grad_(); c = w * 1; ((x * c + b - y) ** 2).mean().backward()"
    assert "no leaf of the graph" in words(judge_line(f"{copy}; return c.grad, c.grad"))
    assert "no leaf" not in words(judge_line("w.requires_grad_(); return w.grad, b.grad"))
