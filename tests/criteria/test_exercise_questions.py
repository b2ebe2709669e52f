"""What the questions of exercises 01 and 02 find: wrong code that few or easy questions would pay in full, and words
that would name a mistake that is not there; right code in odd idioms gets all points from any seed."""

from __future__ import annotations

import pytest

from grader.model.judgement import Judgement
from tests.criteria.builders import words
from tests.criteria.exercise_questions import questioned, reference_code

LINE, AUTOGRAD = "01_regression_lineaire", "02_autograd"

VALUE = """
class Value:
    def __init__(self, data, parents=()):
        self.data = float(data)
        self.grad = 0.0
        self.parents = parents
        self.push = lambda: None

    def make(self, data, *pairs):
        out = Value(data, [parent for parent, _ in pairs])

        def push():
            for parent, slope in pairs:
                parent.grad += slope * out.grad

        out.push = push
        return out

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.make(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.make(self.data * other.data, (self, other.data), (other, self.data))

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.make(self.data - other.data, (self, 1.0), (other, -1.0))

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.make(
            self.data / other.data, (self, 1 / other.data), (other, -self.data / other.data**2)
        )

    def __pow__(self, k):
        return self.make(self.data**k, (self, k * self.data ** (k - 1)))

    def __neg__(self):
        return self.make(-self.data, (self, -1.0))

    def exp(self):
        return self.make(math.exp(self.data), (self, math.exp(self.data)))

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return Value(other) - self

    def __rtruediv__(self, other):
        return Value(other) / self

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node.push()
"""
PUSH = "                parent.grad += slope * out.grad\n"
VISIT = "            node.push()\n"
OPERATIONS = {
    "+": "__add__",
    "*": "__mul__",
    "-": "__sub__",
    "/": "__truediv__",
    "**": "__pow__",
    "unary -": "__neg__",
    "exp": "exp",
}


def value_with(old: str, new: str) -> str:
    assert old in VALUE
    return VALUE.replace(old, new)


def one_operation(name: str, push: str) -> str:
    """Value with another way to hand gradients on, in one operation only."""
    other = VALUE[VALUE.index("    def make") : VALUE.index("    def __add__")]
    other = other.replace("def make", "def other").replace(PUSH, push)
    start = VALUE.index(f"    def {name}(")
    end = VALUE.index("    def ", start + 5)
    changed = VALUE[start:end].replace("self.make(", "self.other(")
    return VALUE[:start] + other + changed + VALUE[end:]


def lost(judged: dict[str, Judgement]) -> set[str]:
    return {id_.partition(".")[2] for id_, judgement in judged.items() if judgement.score != 1}


def told(judged: dict[str, Judgement]) -> str:
    return "\n".join(words(judgement) for judgement in judged.values() if judgement.score != 1)


@pytest.mark.parametrize("seed", range(3))
def test_the_right_value_gets_all_points_from_any_seed(seed: int) -> None:
    judged = questioned(AUTOGRAD, "value", VALUE, seed)
    assert lost(judged) == set(), told(judged)


@pytest.mark.parametrize("name", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_that_leaves_out_the_chain_rule_is_found(name: str) -> None:
    judged = questioned(AUTOGRAD, "value", one_operation(name, PUSH.replace(" * out.grad", "")))
    assert lost(judged) & {"grads", "power_exp"}, told(judged)


def test_exp_without_the_chain_rule_is_named_and_not_where_it_is_another_slip() -> None:
    named = "exp does not multiply its derivative by the gradient of the result"
    without = questioned(AUTOGRAD, "value", one_operation("exp", PUSH.replace(" * out.grad", "")))
    halved = questioned(AUTOGRAD, "value", one_operation("exp", PUSH.replace("out.grad", "out.grad / 2")))
    assert named in told(without)
    assert "power_exp" in lost(halved)
    assert named not in told(halved)


@pytest.mark.parametrize("name", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_that_replaces_gradients_is_found(name: str) -> None:
    judged = questioned(AUTOGRAD, "value", one_operation(name, PUSH.replace("+=", "=")))
    assert lost(judged) & {"reuse", "mixed"}, told(judged)


@pytest.mark.parametrize(
    ("old", "new", "finds"),
    [
        ("return Value(other) - self", "return Value(other - self.data)", "reflected"),
        ("return Value(other) / self", "return Value(other / self.data)", "reflected"),
        ("self.make(self.data**k,", "self.make(math.exp(k * math.log(self.data)),", "power_exp"),
        ("self.make(self.data**k,", "self.make(abs(self.data) ** k,", "power_exp"),
        ("k * self.data ** (k - 1)", "k * abs(self.data) ** (k - 1)", "power_exp"),
        ("self.make(math.exp(self.data),", "self.make(math.exp(min(self.data, 2.0)),", "power_exp"),
        ("if node not in seen:", "if node.parents or node not in seen:", "order"),
        (VISIT, VISIT + "        self.grad = 0.0\n", "mixed"),
        (VISIT, VISIT + "            if node.parents:\n                node.grad = 0.0\n", "mixed"),
        ("float(data)", "data", "floats"),
        ("float(data)", "torch.tensor(float(data), dtype=torch.float64)", "floats"),
        ("float(data)", "np.array(float(data))", "floats"),
    ],
)  # fmt: skip
def test_slips_that_one_operation_at_a_time_would_not_show(old: str, new: str, finds: str) -> None:
    judged = questioned(AUTOGRAD, "value", "import numpy as np\n" + value_with(old, new))
    assert finds in lost(judged), told(judged)


def test_a_whole_number_inside_value_is_told_as_such() -> None:
    judged = questioned(AUTOGRAD, "value", value_with("float(data)", "data"))
    assert lost(judged) == {"floats"}
    assert "`int`, and `float` is asked for" in told(judged)
    assert "`Value(3).data`" in told(judged)


FINITE_DIFFERENCES = """
def autograd_gradient(f, x):
    point = x.detach().double()
    steps = 1e-6 * torch.eye(len(x), dtype=torch.float64)
    return torch.stack([(f(point + e) - f(point - e)) / 2e-6 for e in steps]).to(x.dtype)
"""
COMPLEX_STEP = """
def autograd_gradient(f, x):
    steps = 1e-20j * torch.eye(len(x), dtype=torch.complex128)
    return torch.stack([f(x.detach() + e).imag / 1e-20 for e in steps]).to(x.dtype)
"""
RESIDUAL = "def gradients(x, y, w, b):\n    r = w * x + b - y\n"
COPY = """
def autograd_gradient(f, x):
    c = x.clone()
    c.requires_grad_(True)
    f(c).backward()
    return c.grad
"""


@pytest.mark.parametrize("code", [FINITE_DIFFERENCES, COMPLEX_STEP])
def test_differences_however_exact_are_told_from_autograd(code: str) -> None:
    judged = questioned(AUTOGRAD, "autograd", code)
    assert lost(judged) == {"by_autograd"}
    assert "taken from the values of f" in told(judged)


def test_another_wrong_gradient_is_not_called_differences() -> None:
    judged = questioned(
        AUTOGRAD,
        "autograd",
        """
        def autograd_gradient(f, x):
            leaf = x.detach().clone().requires_grad_(True)
            f(leaf).backward()
            return leaf.grad.clamp(max=0.5) if len(x) == 17 else leaf.grad
        """,
    )
    assert "by_autograd" in lost(judged)
    assert "taken from the values of f" not in told(judged)


@pytest.mark.parametrize("way", ["grad", "jacrev", "jacfwd"])
def test_every_kind_of_automatic_differentiation_is_right(way: str) -> None:
    judged = questioned(
        AUTOGRAD, "autograd", f"def autograd_gradient(f, x):\n    return torch.func.{way}(f)(x.detach())\n"
    )
    assert lost(judged) == set(), told(judged)


def test_the_gradient_of_a_copy_that_is_no_leaf_is_told_by_its_reason() -> None:
    judged = questioned(AUTOGRAD, "autograd", COPY)
    assert lost(judged) == {"no_trace"}
    assert "no leaf of the graph" in told(judged)
    assert "detach it first" in told(judged)


def test_a_gradient_that_is_not_returned_is_not_told_as_one_of_no_leaf() -> None:
    judged = questioned(
        AUTOGRAD, "autograd", COPY.replace("return c.grad", "pass").replace("x.clone()", "x.detach().clone()")
    )
    assert "no_trace" in lost(judged)
    assert "no leaf" not in told(judged)


@pytest.mark.parametrize(
    ("task", "code", "finds", "says"),
    [
        (
            "numeric",
            """
            def numeric_gradient(f, x, h=1e-3):
                steps = h * torch.eye(len(x), dtype=x.dtype)
                return torch.tensor([((f(x + e) - f(x - e)) / (2 * h)).item() for e in steps])
            """,
            "values",
            "float32 although x is float64",
        ),
        (
            "numeric",
            """
            def numeric_gradient(f, x, h=1e-3):
                steps = h * torch.eye(len(x), dtype=x.dtype)
                return torch.tensor([(f(x + e) - f(x - e)) / (2 * h) for e in steps], dtype=torch.float64)
            """,
            "like_x",
            "`float64`, and `float32` is asked for",
        ),
        (
            "autograd",
            """
            def autograd_gradient(f, x):
                leaf = torch.tensor(x.tolist(), requires_grad=True)
                f(leaf).backward()
                return leaf.grad
            """,
            "values",
            "`float32`, and `float64` is asked for",
        ),
    ],
)
def test_a_result_of_another_dtype_than_the_input_is_found(
    task: str, code: str, finds: str, says: str
) -> None:
    judged = questioned(AUTOGRAD, task, code)
    assert finds in lost(judged)
    assert says in told(judged)


def test_a_list_is_told_as_a_list_of_its_own_length_and_not_as_a_slip_of_spelling() -> None:
    judged = questioned(
        AUTOGRAD,
        "numeric",
        """
        def numeric_gradient(f, x, h=1e-3):
            steps = h * torch.eye(len(x), dtype=x.dtype)
            return [((f(x + e) - f(x - e)) / (2 * h)).item() for e in steps]
        """,
    )
    assert "something else came back" in told(judged)
    assert "a list of 50 (float)" in told(judged)
    assert "spelling" not in told(judged)
    assert "a list of 0" not in told(judged)


def test_the_numeric_gradient_is_asked_of_many_variables_and_of_one() -> None:
    code = """
        def numeric_gradient(f, x, h=1e-3):
            steps = h * torch.eye(len(x), dtype=x.dtype)
            slopes = [(f(x + e) - f(x - e)) / (2 * h) for e in steps]
            return torch.stack(slopes[:4] + [torch.zeros_like(s) for s in slopes[4:]])
        """
    assert "values" in lost(questioned(AUTOGRAD, "numeric", code))
    alone = code.replace(
        "return torch.stack(", "return torch.stack(slopes).squeeze() if True else torch.stack("
    )
    assert "values" in lost(questioned(AUTOGRAD, "numeric", alone))


def test_autograd_in_the_place_of_differences_is_named() -> None:
    judged = questioned(
        AUTOGRAD, "numeric", "def numeric_gradient(f, x, h=1e-3):\n    return autograd_gradient(f, x)\n"
    )
    assert "the one of autograd" in told(judged)


def test_a_neuron_cut_from_its_weights_is_told_from_one_cut_from_everything() -> None:
    weights = "def neuron(w, x):\n    return torch.sigmoid(w.detach()[:2] @ x + w.detach()[2])\n"
    number = "torch.sigmoid(w[:2] @ x + w[2]).item()"
    everything = f"def neuron(w, x):\n    return torch.tensor({number}, requires_grad=True)\n"
    assert "tied to w no more" in told(questioned(AUTOGRAD, "neuron", weights))
    assert "tied to w and x no more" in told(questioned(AUTOGRAD, "neuron", everything))


@pytest.mark.parametrize(
    "step",
    [
        "x - (lr if k < 6 else lr / 2) * g",
        "x - lr / (1 + 0.1 * k) * g",
        "x - lr * g if g.norm() > 0.2 else x",
        "x - lr * g / max(1.0, g.norm().item() / 10)",
    ],
)
def test_a_descent_that_changes_later_or_far_away_is_found(step: str) -> None:
    judged = questioned(
        AUTOGRAD,
        "descent",
        f"""
        def gradient_descent(f, x0, lr, steps, device="cpu"):
            x = x0.detach().clone().to(device)
            points = [x]
            for k in range(steps):
                g = autograd_gradient(f, x)
                x = {step}
                points.append(x)
            return torch.stack(points)
        """,
    )
    assert "path" in lost(judged)


@pytest.mark.parametrize(
    ("task", "code", "finds"),
    [
        ("predict", "def predict(x, w, b):\n    y = x * 0\n    y[:32] = w * x[:32] + b\n    return y\n", "values"),
        ("predict", "def predict(x, w, b):\n    return w.abs() * x + b\n", "values"),
        ("predict", "def predict(x, w, b):\n    return (w * x + b).clamp(-20, 20)\n", "values"),
        ("mse", "def mse(a, y):\n    return ((a[:10] - y[:10]) ** 2).mean()\n", "values"),
        ("mse", "def mse(a, y):\n    return ((a[-32:] - y[-32:]) ** 2).mean()\n", "values"),
        ("mse", "def mse(a, y):\n    return ((a - y) ** 2).sum() / min(len(y), 100)\n", "values"),
        ("mse", "def mse(a, y):\n    return ((a - y) ** 2).mean() + 1e-5\n", "values"),
        ("mse", "def mse(a, y):\n    return 2 * torch.nn.functional.huber_loss(a, y, delta=6.0)\n", "values"),
        ("gradients", RESIDUAL + "    return 2 * (r * x)[:20].mean(0), 2 * r[:20].mean(0)\n", "values"),
        ("gradients", RESIDUAL + "    return (2 * (r * x).mean(0)).clamp(-30, 30), 2 * r.mean(0)\n", "values"),
    ],
)  # fmt: skip
def test_code_that_uses_a_part_of_the_data_or_of_the_range_is_found(task: str, code: str, finds: str) -> None:
    judged = questioned(LINE, task, code)
    assert finds in lost(judged), told(judged)


@pytest.mark.parametrize(
    "loss",
    [
        "torch.tensor(((a - y) ** 2).mean().item(), requires_grad=True)",
        "((a - y) ** 2).mean().detach().requires_grad_()",
        "((a.data - y) ** 2).mean().requires_grad_()",
    ],
)
def test_a_loss_in_a_new_tensor_hangs_on_nothing_and_is_not_told_as_a_missing_return(loss: str) -> None:
    judged = questioned(LINE, "mse", f"def mse(a, y):\n    return {loss}\n")
    assert lost(judged) == {"differentiable"}
    assert "hangs on nothing that leads back" in told(judged)
    assert "`return`" not in told(judged)


def test_a_loss_that_is_wrong_and_cut_off_is_not_told_as_cut_off_alone() -> None:
    judged = questioned(
        LINE,
        "mse",
        "def mse(a, y):\n    return torch.tensor(((a - y) ** 2).sum().item(), requires_grad=True)\n",
    )
    assert "hangs on nothing that leads back" not in words(judged["mse.differentiable"])
    assert "sum of the squares" in told(judged)


def test_a_division_by_n_minus_1_is_named_though_one_example_makes_it_infinite() -> None:
    judged = questioned(LINE, "mse", "def mse(a, y):\n    return ((a - y) ** 2).sum() / (len(y) - 1)\n")
    assert "divided by n - 1" in words(judged["mse.values"])


def test_a_list_around_the_loss_is_not_told_as_a_tensor_of_one_element() -> None:
    judged = questioned(LINE, "mse", "def mse(a, y):\n    return [((a - y) ** 2).mean()]\n")
    assert "a tensor of one element" not in told(judged)
    assert ".item()" not in words(judged["mse.differentiable"]).replace("no .item()", "")


@pytest.mark.parametrize("exercise", [LINE, AUTOGRAD])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_is_right_from_other_seeds(exercise: str, seed: int) -> None:
    tasks = {
        LINE: ("predict", "mse", "gradients"),
        AUTOGRAD: ("numeric", "neuron", "analytic", "autograd", "value", "descent"),
    }
    for task in tasks[exercise]:
        judged = questioned(exercise, task, reference_code(exercise), seed)
        assert lost(judged) == set(), told(judged)


def test_a_numeric_gradient_that_is_only_printed_is_told_as_a_missing_return() -> None:
    judged = questioned(AUTOGRAD, "numeric", "def numeric_gradient(f, x, h=1e-3):\n    print(f(x))\n")
    assert "is there a `return`?" in words(judged["numeric.values"])


def test_differences_in_one_element_only_are_not_called_differences_of_all() -> None:
    judged = questioned(
        AUTOGRAD,
        "autograd",
        """
        def autograd_gradient(f, x):
            leaf = x.detach().clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(f(leaf), leaf)
            step = torch.zeros(len(x), dtype=torch.float64)
            step[0] = 1e-6
            point = x.detach().double()
            gradient[0] = (f(point + step) - f(point - step)) / 2e-6
            return gradient
        """,
    )
    assert lost(judged) == {"by_autograd"}
    assert "values differ" in told(judged)
