"""The function that is asked is the one that was read: in notebooks that give its name another meaning, or not."""

from __future__ import annotations

import ast
import builtins
import types

import pytest

from grader.criteria.compiled import compile_program, digest_of
from grader.criteria.source import Source
from grader.criteria.syntax import read_program
from grader.inkernel import live_code
from grader.model.verdict import Verdict
from tests.criteria.builders import cells, make, words
from tests.criteria.notebook_shell import judged

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of files that a notebook leaves open

BY_HAND = make(
    Source,
    function="gradients",
    avoids=[
        {"name": ["backward", "autograd.grad", "func.grad"], "says": {"fr": "autograd !", "en": "autograd!"}},
        {"name": ["requires_grad_", "requires_grad="], "says": {"fr": "graphe !", "en": "graph!"}},
    ],
)
BY_AUTOGRAD = make(
    Source,
    function="train",
    uses=[{"name": ["backward", "autograd.grad"], "says": {"fr": "à la main !", "en": "by hand!"}}],
)
IMPORTS = "import torch\nimport functools\nfrom contextlib import nullcontext"
HONEST = """
def gradients(x, y, w, b):
    e = x * w + b - y
    return (2 * e * x).mean().reshape(1), (2 * e).mean().reshape(1)
"""
AUTO = """
def auto(x, y, w, b):
    w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
    ((x * w + b - y) ** 2).mean().backward()
    return w.grad, b.grad
"""
IN_A_FILE = "import torch\\n" + AUTO.replace("auto", "gradients").replace("\n", "\\n")
SWAPS = {
    "the variable of a loop": ["for gradients in [auto]: pass"],
    "the name after as": ["with nullcontext(auto) as gradients: pass"],
    "globals": ["globals().update(gradients=auto)"],
    "the shell": ["get_ipython().push({'gradients': auto})"],
    "its code": ["gradients.__code__ = auto.__code__"],
    "a module written and imported": [
        f'open("links_hidden.py", "w").write("{IN_A_FILE}")',
        "import sys\nsys.path.insert(0, '')\nimport links_hidden\n"
        "vars()['gradients'] = links_hidden.gradients",
    ],
    "a star import of that module": [
        f'open("links_starred.py", "w").write("{IN_A_FILE}")',
        "import sys\nsys.path.insert(0, '')\nfrom links_starred import *",
    ],
    "a hook of the shell": [
        "get_ipython().events.register('post_execute', lambda: globals().__setitem__('gradients', auto))"
    ],
    "a hook before each cell": [
        "get_ipython().events.register('pre_run_cell', lambda info: globals().update(gradients=auto))",
        "1",
    ],
    "a value in passing": ["print((gradients := auto))"],
    "an exception's name": [
        "class Held(Exception):\n    pass\ndef hold():\n    global gradients\n    gradients = auto\nhold()"
    ],
    "the rest of a list": ["gradients, *rest = [auto, 1, 2]"],
    "a pattern": ["match [auto]:\n    case [gradients]:\n        pass"],
    "the namespace": ["get_ipython().user_ns['gradients'] = auto"],
    "a class with the name": [
        "class Both:\n    def __call__(self, *a):\n        return auto(*a)\nfor gradients in [Both()]: pass"
    ],
    "a partial": ["for gradients in [functools.partial(auto)]: pass"],
    "exec": ["exec('gradients = auto')"],
    "deleted, and found among the builtins": [
        "import builtins\nbuiltins.gradients = auto\nfor gradients in [auto]: pass"
    ],
    "setattr of the main module": ["import __main__\nsetattr(__main__, 'gradients', auto)"],
    "code without a cell": [
        "exec(compile('def gradients(x, y, w, b):\\n    return auto(x, y, w, b)', 'x', 'exec'))"
    ],
    "a transformer of the tree": [
        "import ast\n"
        "class T(ast.NodeTransformer):\n"
        "    def visit_FunctionDef(self, node):\n"
        "        if node.name == 'gradients':\n"
        "            node.body = ast.parse('return auto(x, y, w, b)').body\n"
        "        return node\n"
        "get_ipython().ast_transformers.append(T())",
        HONEST,
    ],
}
THROUGH = {
    "a helper that another replaces": [
        "def slope(e, x): return (2 * e * x).mean().reshape(1)",
        "def gradients(x, y, w, b):\n    e = x * w + b - y\n    return slope(e, x), (2 * e).mean().reshape(1)",
        "def other(e, x):\n    s = e.clone().requires_grad_()\n    (s ** 2).mean().backward()\n    return s.grad",
        "for slope in [other]: pass",
    ],
    "a table of functions": [
        "RULES = {'g': auto}",
        "def gradients(x, y, w, b):\n    return RULES['g'](x, y, w, b)",
    ],
    "a default value": [
        HONEST.replace("w, b):", "w, b, f=None):\n    if f: return f(x, y, w, b)"),
        "gradients.__defaults__ = (auto,)",
    ],
    "a variable around it": [
        "def make(f):\n    def gradients(x, y, w, b):\n        return f(x, y, w, b)\n    return gradients",
        "CHOSEN = [auto]",
        "gradients = make(CHOSEN[0])",
    ],
    "a method of torch": [
        "def mean(self):\n    return auto(self, self, self, self)[0]",
        "torch.Tensor.mean = mean",
        HONEST,
    ],
    "an operator of torch": [
        "real = torch.Tensor.__mul__\n"
        "def times(a, b):\n    auto(a, a, a, a)\n    return real(a, b)\n"
        "torch.Tensor.__mul__ = times",
        HONEST,
    ],
    "a class with a method put in later": [
        "class Rule:\n    def of(self, *a):\n        return HAND(*a)",
        "def HAND(x, y, w, b):\n    return x, y",
        "rule = Rule()",
        "def gradients(x, y, w, b):\n    return rule.of(x, y, w, b)",
        "Rule.of = lambda self, *a: auto(*a)",
    ],
    "names of its own": [
        HONEST.replace("e = x * w + b - y", "e = predict(x, w, b) - y"),
        "def predict(x, w, b): return x * w + b",
        "import types\nnames = {'predict': auto, 'torch': torch}\n"
        "for gradients in [types.FunctionType(gradients.__code__, names)]: pass",
    ],
    "a library's function under a helper's name": [
        "def slope(f): return f",
        "def gradients(x, y, w, b):\n    return slope(lambda w: ((x * w + b - y) ** 2).mean())(w), w",
        "for slope in [torch.func.grad]: pass",
    ],
    "a library's function under another name": [
        "from math import exp as slope",
        "def gradients(x, y, w, b):\n    return slope(w), w",
        "for slope in [torch.autograd.grad]: pass",
    ],
    "a mode of torch": [
        "from torch.overrides import TorchFunctionMode\n"
        "class Mode(TorchFunctionMode):\n"
        "    def __torch_function__(self, f, t, a=(), k=None):\n"
        "        if f is torch.autograd.grad:\n            auto(*a)\n"
        "        return f(*a, **(k or {}))\n"
        "mode = Mode()\nmode.__enter__()",
        HONEST,
    ],
}


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch, tmp_path):
    """What these notebooks change in torch and Python is put back."""
    import torch

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.Tensor, "mean", torch.Tensor.mean)
    monkeypatch.setattr(torch.Tensor, "__mul__", torch.Tensor.__mul__)
    yield
    vars(builtins).pop("gradients", None)
    while torch.overrides._get_current_function_mode_stack():
        torch.overrides._get_current_function_mode_stack()[-1].__exit__(None, None, None)


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS.keys())
def test_a_name_that_means_another_function_than_the_one_read_goes_to_a_person(swap):
    judgement = judged(BY_HAND, IMPORTS, HONEST, AUTO, *swap)
    assert judgement.verdict is Verdict.NEEDS_REVIEW, words(judgement)
    assert judgement.score is None
    assert judgement.staff_note


@pytest.mark.parametrize("notebook", THROUGH.values(), ids=THROUGH.keys())
def test_what_the_function_reaches_besides_what_was_read_goes_to_a_person(notebook):
    judgement = judged(BY_HAND, IMPORTS, HONEST, AUTO, *notebook)
    assert judgement.verdict is Verdict.NEEDS_REVIEW, words(judgement)
    assert judgement.staff_note


def test_the_note_says_which_function_was_read_and_which_was_called():
    judgement = judged(BY_HAND, IMPORTS, HONEST, AUTO, "for gradients in [auto]: pass")
    assert (
        "`gradients` is read in cell 2; what was called under this name is `auto` of cell 3"
        in judgement.staff_note
    )


RIGHT = {
    "as it stands": [HONEST],
    "defined twice": [AUTO.replace("auto", "gradients"), HONEST],
    "in a branch": [
        f"FAST = True\nif FAST:{HONEST.replace(chr(10), chr(10) + '    ')}\n"
        "else:\n    def gradients(x, y, w, b):\n        return w.backward()"
    ],
    "under no_grad": ["@torch.no_grad()" + HONEST],
    "under no_grad, later": [HONEST, "gradients = torch.no_grad()(gradients)"],
    "a decorator of one's own": [
        "def noted(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        return f(*a, **k)\n    return g",
        "@noted" + HONEST,
    ],
    "two decorators": [
        "def noted(f):\n    def g(*a, **k):\n        return f(*a, **k)\n    return g",
        "@torch.no_grad()\n@noted" + HONEST,
    ],
    "a cache": ["@functools.lru_cache(maxsize=None)" + HONEST],
    "a lambda": [
        "gradients = lambda x, y, w, b: ((2 * (x * w + b - y) * x).mean(), (2 * (x * w + b - y)).mean())"
    ],
    "a partial": ["def _g(n, x, y, w, b):\n    return n * x, w", "gradients = functools.partial(_g, 2)"],
    "a factory": [
        "def make(n):\n    def inner(x, y, w, b):\n        return n * x, w\n    return inner",
        "gradients = make(2)",
    ],
    "a callable object": [
        "class G:\n    def __call__(self, x, y, w, b):\n        return x, w",
        "gradients = G()",
    ],
    "two names for it": ["def by_hand(x, y, w, b):\n    return x, w", "gradients = by_hand", "by_hand = 3"],
    "two at once": ["def a(x, y, w, b):\n    return x, w", "def b(): return 1", "gradients, other = a, b"],
    "helpers defined below": [
        "def gradients(x, y, w, b):\n    return h(x), w",
        "def h(x):\n    return 2 * x",
    ],
    "a helper given as a value": [
        "def h(x):\n    return 2 * x",
        "def gradients(x, y, w, b, f=h):\n    return f(x), w",
    ],
    "a table of helpers": [
        "RULES = {'a': lambda x: 2 * x}",
        "def gradients(x, y, w, b):\n    return RULES['a'](x), w",
    ],
    "names that are also attributes": [
        "def grad(l):\n    l.backward()",
        "def gradients(x, y, w, b):\n    w.grad = None\n    return x, w",
    ],
    "annotations kept as text": [
        "from __future__ import annotations",
        "def gradients(x: torch.Tensor, y, w, b) -> tuple:\n"
        "    def h(v: int) -> int:\n        return v\n    return h(x), w",
    ],
    "a timed cell": ["%%time" + HONEST],
    "a cell with magics": ["%matplotlib inline\n!true" + HONEST],
    "a method put in later": [
        "class R:\n    pass\ndef of(self, x):\n    return 2 * x\nR.of = of",
        "rule = R()",
        "def gradients(x, y, w, b):\n    return rule.of(x), w",
    ],
    "methods put in by a loop": [
        "class R:\n    pass\nfor n in (1, 2):\n    setattr(R, f'of{n}', lambda self, x, n=n: n * x)",
        "rule = R()",
        "def gradients(x, y, w, b):\n    return rule.of1(x), w",
    ],
    "a class of tensors patched elsewhere": [
        "torch.Tensor.shown = lambda self: print(self.backward())",
        HONEST,
    ],
    "recursion": [
        "def gradients(x, y, w, b, n=2):\n    return gradients(x, y, w, b, n - 1) if n else (x, w)"
    ],
    "typing": ["from typing import Callable", "gradients: Callable = lambda x, y, w, b: (x, w)"],
    "a docstring and constants": [
        'def gradients(x, y, w, b):\n    """Text."""\n    return {1, 2} and (x, 1.5, "s", None, ..., frozenset({3}))'
    ],
}


@pytest.mark.parametrize("notebook", RIGHT.values(), ids=RIGHT.keys())
def test_a_right_function_is_accepted_however_it_got_its_name(notebook):
    judgement = judged(BY_HAND, IMPORTS, *notebook)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


def test_what_must_be_used_is_used_by_the_function_that_is_asked():
    train = "def train(x):\n    x.backward()\n    return x"
    assert judged(BY_AUTOGRAD, IMPORTS, train).verdict is Verdict.ACCEPTED
    other = "def by_hand(x):\n    return x"
    assert (
        judged(BY_AUTOGRAD, IMPORTS, train, other, "for train in [by_hand]: pass").verdict
        is Verdict.NEEDS_REVIEW
    )
    helper = "def step(x):\n    x.backward()", "def train(x):\n    step(x)\n    return x"
    assert judged(BY_AUTOGRAD, IMPORTS, *helper).verdict is Verdict.ACCEPTED
    assert judged(BY_AUTOGRAD, IMPORTS, *helper, "for step in [print]: pass").verdict is Verdict.NEEDS_REVIEW


def test_a_definition_that_never_ran_is_not_what_is_judged():
    late = "if False:\n    pass\nelse:\n    pass\nwhile False:" + AUTO.replace("auto", "gradients").replace(
        "\n", "\n    "
    )
    assert judged(BY_HAND, IMPORTS, HONEST, late).verdict is Verdict.ACCEPTED


def test_both_sides_make_the_same_digests():
    text = (
        "def f(x, *a, k={1, 2}, **b):\n    'doc'\n    return [g(y) for y in a], lambda: x\n"
        "class C:\n    def __m(self): return {'a', 'b'}"
    )
    names: dict[str, object] = {}
    exec(compile(text, "elsewhere", "exec", dont_inherit=True), names)
    compiled = compile_program(read_program(cells("# one line more\n" + text)))
    function = names["f"]
    assert isinstance(function, types.FunctionType)
    assert live_code.digest_of(function.__code__) == digest_of(function.__code__)
    assert live_code.digest_of(function.__code__) in compiled.definitions
    tree = ast.parse(text)
    assert len(compiled.definitions) == sum(
        isinstance(n, ast.FunctionDef | ast.Lambda) for n in ast.walk(tree)
    )


def test_constants_that_no_compiler_makes_have_no_digest_of_the_text():
    def honest() -> float:
        return 2.5

    class Number(float):
        pass

    changed = honest.__code__.replace(
        co_consts=tuple(Number(c) if c == 2.5 else c for c in honest.__code__.co_consts)
    )
    assert live_code.digest_of(changed) != digest_of(honest.__code__)
