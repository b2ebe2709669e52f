"""Questions to live kernels: values of every kind, and everything that can go wrong."""

import numpy as np
import pytest

from grader.model.probe import Entries, Items, Leaf, Nothing, Opaque, Probe, Words
from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook

STUDENT = [
    "import torch, numpy as np\nfrom torch import nn",
    "slope = 2.0\ndef double(x):\n    return slope * x",
    "def broken(x):\n    y = x + 1\n    raise NotImplementedError('to do')",
    "def caller(x):\n    return broken(x)",
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.a = nn.Linear(2, 2)\n        self.b = nn.Linear(2, 1)\n"
    "    def forward(self, x):\n        return self.b(torch.sigmoid(self.a(x)))",
    "losses = [torch.tensor(1.0, requires_grad=True) * 2, torch.tensor(0.5)]",
    "def remember(x):\n    global slope\n    x += 1\n    return x",
    "def loud():\n    print('x' * 100_000)\n    import warnings\n    warnings.warn('careful')\n    return 1",
]


@pytest.fixture(scope="module")
def kernel(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as opened:
        execution = opened.execute(notebook(*STUDENT))
        assert execution.ended == "completed", execution.detail
        yield opened


def ask(kernel, code, **more):
    return kernel.ask(Probe(id="task.word/0", code=code, **more))


def value(kernel, code, **more):
    observation = ask(kernel, code, **more)
    assert observation.outcome == "answered", observation
    return observation.value


@pytest.mark.parametrize(
    ("code", "made_of", "dtype", "shape"),
    [
        ("torch.ones(2, 3)", "Tensor", "float32", (2, 3)),
        ("torch.ones(2, dtype=torch.float64)", "Tensor", "float64", (2,)),
        ("torch.ones(2, dtype=torch.bfloat16)", "Tensor", "float32", (2,)),
        ("torch.tensor(True)", "Tensor", "bool", ()),
        ("torch.empty(0, 4)", "Tensor", "float32", (0, 4)),
        ("torch.ones(2, 3).t()", "Tensor", "float32", (3, 2)),
        ("nn.Parameter(torch.ones(1))", "Parameter", "float32", (1,)),
        ("np.ones((2, 1))", "ndarray", "float64", (2, 1)),
        ("np.float32(1)", "numpy scalar", "float32", ()),
        ("1.5", "float", "float64", ()),
        ("3", "int", "int64", ()),
        ("True", "bool", "bool", ()),
        ("1j", "complex", "complex128", ()),
        ("[1.0, 2.0]", "list of float", "float64", (2,)),
        ("(1, 2.5)", "tuple of float", "float64", (2,)),
        ("[1, 2]", "list of int", "int64", (2,)),
        ("losses", "list of Tensor", "float32", (2,)),
        ("[np.float64(1), np.float64(2)]", "list of numpy scalar", "float64", (2,)),
        ("[torch.ones(1)] * 100", "list of Tensor", "float32", (100, 1)),
    ],
)
def test_numbers_cross_the_wall(kernel, code, made_of, dtype, shape):
    leaf = value(kernel, f"return {code}")
    assert isinstance(leaf, Leaf)
    assert (leaf.made_of, leaf.array.dtype.name, leaf.array.shape) == (made_of, dtype, shape)
    assert leaf.device == "cpu"


def test_values_are_exact(kernel):
    numbers = np.random.default_rng(3).normal(size=(4, 2))
    assert np.array_equal(value(kernel, "return x", inputs={"x": numbers}).array, numbers)
    turned = value(kernel, "return x.t()", inputs={"x": numbers}).array
    assert np.array_equal(turned, numbers.T)
    assert np.isnan(value(kernel, "return float('nan')").array)


def test_other_values_cross_the_wall(kernel):
    assert value(kernel, "return None") == Nothing()
    assert value(kernel, "return 'x' * 1000") == Words(text="x" * 500)
    assert value(kernel, "return Net()") == Opaque(class_name="Net")
    assert value(kernel, "return []") == Items(container="list", items=())
    pair = value(kernel, "return torch.ones(1), torch.ones(2)")
    assert isinstance(pair, Items)
    assert (pair.container, [leaf.array.shape for leaf in pair.items]) == ("tuple", [(1,), (2,)])
    state = value(kernel, "return Net().state_dict()")
    assert isinstance(state, Entries)
    assert list(state.entries) == ["a.weight", "a.bias", "b.weight", "b.bias"]
    assert value(kernel, "return {1: 2}") == Opaque(class_name="dict")
    assert value(kernel, "return 10**30") == Opaque(class_name="int")


def test_graph_is_noticed(kernel):
    assert value(kernel, "return losses").requires_grad
    assert not value(kernel, "return [float(x.detach()) for x in losses]").requires_grad
    assert value(kernel, "return w * 2", inputs={"w": np.ones(2)}).requires_grad is False


def test_inputs_are_fresh_writable_tensors(kernel):
    x = np.ones((2, 1), dtype=np.float32)
    for _ in range(2):
        assert np.array_equal(value(kernel, "return remember(x)", inputs={"x": x}).array, x + 1)
    empty = value(kernel, "return x", inputs={"x": np.empty((0, 3), dtype=np.int64)}).array
    assert (empty.shape, empty.dtype.name) == ((0, 3), "int64")
    assert value(kernel, "x = x * 2\nreturn x", inputs={"x": np.array(3.0)}).array == 6
    assert value(kernel, "return x", inputs={"x": np.array([True, False])}).array.tolist() == [True, False]


def test_arguments_arrive_as_they_are(kernel):
    given = {"lr": 0.5, "epochs": 3, "device": "cpu", "sizes": [1, 2], "nothing": None}
    assert value(kernel, "return [type(n).__name__ for n in (lr, epochs)]", arguments=given) == Items(
        container="list", items=(Words(text="float"), Words(text="int"))
    )
    assert value(kernel, "return sizes", arguments=given).array.tolist() == [1, 2]


def test_parameters_go_out_and_in(kernel):
    code = (
        "model = Net()\nset_parameters(model, theta)\nreturn get_parameters(model), parameter_shapes(model)"
    )
    flat, shapes = value(kernel, code, inputs={"theta": np.arange(9, dtype=np.float32)}).items
    assert flat.array.tolist() == list(range(9))
    assert shapes.entries["a.weight"].array.tolist() == [2, 2]


def test_probe_leaves_nothing_behind(kernel):
    value(kernel, "slope = 5\nreturn slope")
    assert value(kernel, "return slope").array == 2


def test_true_torch_is_at_hand(kernel):
    assert value(kernel, "return torch.ones(1), np.ones(1)").items[0].made_of == "Tensor"


def test_same_seed_gives_the_same_chance(kernel):
    code = "import random\nreturn [random.random(), float(np.random.rand()), float(torch.rand(()))]"
    first = value(kernel, code, seed=4).array
    assert np.array_equal(value(kernel, code, seed=4).array, first)
    assert not np.array_equal(value(kernel, code, seed=5).array, first)


def test_missing_name_comes_with_those_defined(kernel):
    observation = ask(kernel, "return predict(1)", requires=("double", "predict"))
    assert (observation.outcome, observation.missing) == ("missing", "predict")
    assert {"double", "slope", "losses", "Net"} <= set(observation.defined)
    assert not {"In", "Out", "torch", "get_ipython"} & set(observation.defined)


def test_exception_is_placed_in_its_cell(kernel):
    observation = ask(kernel, "return caller(1)")
    assert observation.outcome == "raised"
    error = observation.error
    assert (error.name, error.message, error.cell, error.line) == ("NotImplementedError", "to do", 2, 3)
    assert error.source_line == "raise NotImplementedError('to do')"
    assert "caller" in error.traceback


def test_exception_outside_the_notebook_has_no_cell(kernel):
    error = ask(kernel, "return undefined_name").error
    assert (error.name, error.cell) == ("NameError", None)


def test_error_deep_in_torch_is_placed_where_the_student_called_it(kernel):
    error = ask(kernel, "return Net()(torch.ones(3, 5))").error
    assert (error.name, error.cell, error.line) == ("RuntimeError", 4, 7)


def test_memory_error_is_its_own_outcome(kernel):
    assert ask(kernel, "return torch.zeros(10**10)").outcome == "out_of_memory"


def test_printing_is_thrown_away_and_warnings_are_kept(kernel):
    observation = ask(kernel, "return loud()")
    assert observation.outcome == "answered"
    assert observation.warnings == ("UserWarning: careful",)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("return torch.zeros(2**20 + 1)", "4 MB"),
        ("return [torch.zeros(2)] * 65", "64 arrays"),
        ("x = []\nfor _ in range(50): x = [x]\nreturn x", "deeply"),
    ],
)
def test_too_much_is_refused(kernel, code, why):
    observation = ask(kernel, code)
    assert observation.outcome == "refused"
    assert why in observation.detail


def test_endless_probe_is_interrupted_and_the_next_answered(kernel):
    assert ask(kernel, "while True: pass", timeout_s=0.5).outcome == "timed_out"
    assert value(kernel, "return 1").array == 1


def test_probe_that_ignores_the_interrupt_ends_the_kernel(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("x = 1"))
        stubborn = "import time\nwhile True:\n    try: time.sleep(1)\n    except BaseException: pass"
        assert ask(kernel, stubborn, timeout_s=0.5).outcome == "timed_out"
        assert ask(kernel, "return 1").outcome == "kernel_died"


def test_kernel_that_ends_while_answering(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("x = 1"))
        assert ask(kernel, "import os\nos._exit(1)").outcome == "kernel_died"
        assert ask(kernel, "return 1").outcome == "kernel_died"


def test_total_limit_covers_probes(tier):
    limits = Limits(total_s=2, memory_bytes=3 << 30)
    with open_kernel(tier=tier, limits=limits, seed=1) as kernel:
        kernel.execute(notebook("x = 1"))
        assert ask(kernel, "while True: pass").outcome == "timed_out"
        assert ask(kernel, "return 1").outcome == "timed_out"


HALVE = "def halve(x):\n    return x / 2"
LAYER = "layer = torch.nn.Linear(1, 1)"


@pytest.mark.parametrize(
    ("cells", "code", "inside", "outside"),
    [
        (["torch.set_default_dtype(torch.float64)"], "halve(x), str(x.dtype)", "torch.float64", "float32"),
        (
            ["torch.set_default_dtype(torch.float64)", LAYER],
            "layer(x), str(x.dtype)",
            "torch.float64",
            "float32",
        ),
        (
            [LAYER, "torch.set_default_dtype(torch.float64)"],
            "layer(x), str(x.dtype)",
            "torch.float32",
            "float32",
        ),
        (
            ["torch.set_default_dtype(torch.float64)"],
            "halve(x.double()), str(x.dtype)",
            "torch.float32",
            "float64",
        ),
        (
            ["torch.set_default_dtype(torch.float16)"],
            "torch.zeros(1) + x, str(x.dtype)",
            "torch.float32",
            "float32",
        ),
        (["y = torch.zeros(1, dtype=torch.float64)"], "y + x, str(x.dtype)", "torch.float32", "float64"),
    ],
)
def test_a_notebook_is_asked_in_the_dtype_that_it_computes_in(tier, cells, code, inside, outside):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("import torch", HALVE, *cells))
        asked = Probe(id="task.word/0", code=f"return {code}", inputs={"x": np.ones((1, 1), np.float32)})
        upset = Probe(id="task.word/1", code="torch.set_default_dtype(torch.float16)\nreturn 1")
        first, _, again = (kernel.ask(probe) for probe in (asked, upset, asked))
    for answer in (first, again):
        assert isinstance(answer.value, Items), answer
        leaf, seen = answer.value.items
        assert isinstance(leaf, Leaf)
        assert (seen, leaf.array.dtype.name) == (Words(text=inside), outside)
