"""What a student reads of a failed question does not depend on its hidden inputs, and still helps who is honest."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.criteria.matches_reference import MatchesReference
from grader.grading.concealing import Concealing
from grader.i18n import render
from grader.model.evidence import Evidence, SourceCell
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.rubric import Criterion, Limits
from grader.sandbox import open_kernel
from tests.criteria.builders import answered, cells, execution, make, raised
from tests.grading import course

FIRST = (
    "import torch, linecache, warnings\n"
    "from torch import nn\n"
    "w = torch.ones(2)\n"
    "def spell(x):\n"
    "    return ''.join(chr(97 + int(d)) for v in x.flatten().tolist() for d in f'{abs(v):.5f}' if d != '.')\n"
    "def digits(x):\n"
    "    return int(abs(float(x.flatten()[0])) * 1e6)\n"
    "class Foo:\n    pass\n"
)
CHANNELS = {
    "numbers": "raise ValueError(str(x.tolist()))",
    "letters": "raise ValueError(spell(x))",
    "class_name": "raise type(spell(x), (Exception,), {})",
    "renamed_class": "class Oops(Exception):\n        pass\n"
    "    Oops.__name__ = Oops.__qualname__ = spell(x)\n    raise Oops",
    "key": "raise KeyError(spell(x))",
    "missing_key": "return {}[spell(x)]",
    "note": "error = ValueError('no')\n    error.add_note(spell(x))\n    raise error",
    "cause": "raise ValueError('no') from KeyError(spell(x))",
    "context": "try:\n        {}[spell(x)]\n    except KeyError:\n        raise ValueError('no')",
    "assertion": "assert False, spell(x)",
    "f_string": "raise ValueError(f'wrong: {spell(x)}')",
    "added": "raise ValueError('wrong: ' + spell(x))",
    "str_method": "class Oops(Exception):\n        def __str__(self):\n            return spell(x)\n    raise Oops",
    "warning": "warnings.warn(spell(x))\n    return None",
    "undefined": "return eval(spell(x))",
    "raised_name_error": "raise NameError(f\"name '{spell(x)}' is not defined\")",
    "attribute": "return getattr(w, spell(x))",
    "tensor_sizes": "return torch.ones(digits(x) % 6007 + 3000) + torch.ones(digits(x) % 5003 + 9001)",
    "disguised": "raise RuntimeError(f'mat1 and mat2 shapes cannot be multiplied ({digits(x)}x2 and 3x1)')",
    "module": "import importlib\n    return importlib.import_module(spell(x))",
    "argument": "return nn.Linear(1, 1, **{spell(x): 1})",
    "conversion": "return float(spell(x))",
    "syntax": "return compile(spell(x) + ' ' + spell(x), spell(x), 'exec')",
    "syntax_fields": "raise SyntaxError(spell(x), (spell(x), 3, 4, spell(x)))",
    "file_name": "exec(compile('raise ValueError', '/' + spell(x), 'exec'))",
    "line_cache": (
        "import sys\n    name = sys._getframe().f_code.co_filename\n"
        "    lines = [spell(x) + '\\n'] * 40\n    linecache.cache[name] = (1, None, lines, name)\n    return w + 'a'"
    ),
    "own_getline": "linecache.getline = lambda *_: spell(x)\n    return {}['q']",
    "system_exit": "raise SystemExit(spell(x))",
    "text": "return spell(x)",
    "dictionary": "return {spell(x): x}",
    "object": "return type(spell(x), (), {})()",
    "renamed_object": "Foo.__name__ = spell(x)\n    return Foo()",
    "objects": "return [type(spell(x), (), {})()]",
    "shape": "return torch.zeros(digits(x) % 997 + 1000)",
    "dimensions": "return torch.zeros([int(d) + 1 for d in str(digits(x))[:6]])",
    "count": "return [None] * (digits(x) % 997 + 100)",
    "printed": "print(spell(x))\n    raise ValueError(spell(x))",
}
HONEST = {
    "undefined_name": ("return undefined_thing + x", "name 'undefined_thing' is not defined"),
    "absent_key": ("return {}['w']", "KeyError: 'w'"),
    "own_words": ("raise ValueError('the batch is empty')", "the batch is empty"),
    "own_words_with_a_gap": (
        "raise ValueError(f'unexpected shape {x.shape} here')",
        "unexpected shape … here",
    ),
    "absent_attribute": ("return x.sumup()", "'Tensor' object has no attribute 'sumup'"),
    "shapes": ("return x @ torch.ones(5, 2)", "mat1 and mat2 shapes cannot be multiplied (3x2 and 5x2)"),
    "sizes": ("return x + torch.ones(3, 7)", "The size of tensor a (2) must match the size of tensor b (7)"),
    "view": ("return x.view(5, 5)", "shape '[5, 5]' is invalid for input of size 6"),
    "dtypes": ("return x @ torch.ones(2, 2).double()", "float != double"),
    "no_scalar": (
        "(w.requires_grad_() * 2).backward()",
        "grad can be implicitly created only for scalar outputs",
    ),
    "no_graph": ("x.sum().backward()", "does not require grad and does not have a grad_fn"),
    "none": ("return None + 1", "unsupported operand type(s) for +: 'NoneType' and 'int'"),
    "zero": ("return 1 / 0", "division by zero"),
    "index": ("return [1][3]", "list index out of range"),
    "own_class": (
        "class TooSmall(Exception):\n        pass\n    raise TooSmall('too small')",
        "TooSmall: too small",
    ),
    "own_object": ("class Plain:\n        pass\n    return Plain()", "an object of class `Plain`"),
    "other_shape": ("return x.sum(0)", "shape [2]"),
    "missing_argument": ("return spell()", "spell() missing 1 required positional argument: 'x'"),
}


def criterion(name: str, **keys: Any) -> Criterion:
    return make(
        MatchesReference,
        id=f"a.{name}",
        call=f"{name}(x)",
        requires=[name],
        inputs={"x": {"shape": [3, 2], "low": 0.1, "high": 0.9}},
        cases=1,
        **keys,
    )


def visible(judgement: Judgement) -> str:
    told = (judgement.summary, judgement.expected, judgement.got, judgement.where, judgement.look_at)
    return "\n".join(str(render(text, "en")) for text in told if text is not None)


def read_by_student(
    asked: Criterion, probes: tuple[Probe, ...], seen: list[Observation], source: tuple[SourceCell, ...]
) -> str:
    hide = Concealing(source, [asked], {asked.id: probes})
    evidence = Evidence(
        execution=execution(),
        source=source,
        handout={},
        answers={one.probe: hide.of(one) for one in seen},
        reference={probe.id: answered(probe.id, np.ones((3, 2), "f4")) for probe in probes},
    )
    return visible(hide.worded(asked.judge(evidence), probes))


@pytest.fixture(scope="module")
def told(tier: str) -> dict[str, list[str]]:
    """By function: what the student reads for each of two hidden inputs."""
    functions = {**CHANNELS, **{name: body for name, (body, _) in HONEST.items()}}
    texts = [FIRST, *(f"def {name}(x):\n    {body}" for name, body in functions.items())]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{k}",
                "metadata": {},
                "source": t,
                "outputs": [],
                "execution_count": None,
            }
            for k, t in enumerate(texts)
        ],
    }
    found: dict[str, list[str]] = {}
    with open_kernel(tier=tier, limits=Limits(), seed=0) as kernel:
        assert kernel.execute(json.dumps(notebook)).first_failure is None
        for name in functions:
            asked = criterion(name, public=False)
            for seed in (1, 2):
                probes = asked.probes(np.random.default_rng(seed))
                kernel_probes = [probe for probe in probes if probe.ask != "reference"]
                seen = kernel.ask_together(kernel_probes)
                found.setdefault(name, []).append(read_by_student(asked, probes, list(seen), cells(*texts)))
    return found


@pytest.mark.parametrize("name", CHANNELS)
def test_two_hidden_inputs_read_alike(name: str, told: dict[str, list[str]]) -> None:
    one, other = told[name]
    assert one == other


@pytest.mark.parametrize("name", HONEST)
def test_honest_errors_are_shown(name: str, told: dict[str, list[str]]) -> None:
    assert HONEST[name][1] in told[name][0]


def test_the_student_is_told_that_a_message_is_not_shown(told: dict[str, list[str]]) -> None:
    assert "ValueError: its message is not shown" in told["letters"][0]
    assert told["class_name"][0].splitlines()[2] == "Exception"


def asked_of(source: str, name: str, message: str, *, public: bool, fixed: bool = False) -> Observation:
    asked = make(MatchesReference, id="a.f", call="f()", cases=1) if fixed else criterion("f", public=public)
    probes = asked.probes(np.random.default_rng(0))
    error = raised(probes[0].id, name, message, cell=0, line=2, source_line="made up")
    return Concealing(cells(source), [asked], {asked.id: probes}).of(error)


def test_the_line_is_that_of_our_copy_and_the_staff_keep_the_whole() -> None:
    seen = asked_of("def f(x):\n    return g(x)", "ValueError", "secret", public=False).error
    assert seen is not None
    assert (seen.source_line, seen.message, seen.withheld) == ("return g(x)", "", True)
    assert "ValueError: secret" in seen.traceback


def test_a_public_question_without_inputs_stays_whole() -> None:
    seen = asked_of(
        "def f():\n    raise ValueError(g())", "ValueError", "any words", public=True, fixed=True
    ).error
    assert seen is not None
    assert (seen.message, seen.withheld) == ("any words", False)


FORMS = (
    "{}",
    "'{}'",
    "name '{}' is not defined",
    "'{}' object has no attribute '{}'",
    "module 'torch' has no attribute '{}'",
    "No module named '{}'",
    "could not convert string to float: '{}'",
    "f() got an unexpected keyword argument '{}'",
    "mat1 and mat2 shapes cannot be multiplied ({} and {})",
    "division by zero{}",
    "{} division by zero",
    "grad can be implicitly created only for scalar outputs {}",
)
SECRETS = st.text(
    st.characters(categories=["L", "N", "P", "S", "Z"]), min_size=8, max_size=30
) | st.from_regex(r"[a-z]{12}|[1-9][0-9]{6,9}|[1-9][0-9]{4}x[1-9][0-9]{4}", fullmatch=True)


@given(
    form=st.sampled_from(FORMS),
    secrets=st.tuples(SECRETS, SECRETS),
    name=st.sampled_from(["ValueError", "KeyError"]),
)
@pytest.mark.parametrize("line", ["return g(x)", "raise ValueError(g(x))", "raise ValueError(f'a {x} b')"])
def test_what_is_read_does_not_depend_on_words_made_of_the_inputs(
    line: str, form: str, secrets: tuple[str, str], name: str
) -> None:
    seen = [
        asked_of(f"def f(x):\n    {line}", name, form.replace("{}", secret), public=False).error
        for secret in secrets
    ]
    one, other = ((e.name, e.message, e.withheld, e.source_line) for e in seen if e is not None)
    if form.startswith(
        "mat1"
    ):  # what is no size is no such message; sizes leave no trace, but that they are some
        assert not any(secret in str((one, other)) for secret in secrets)
    else:
        assert one == other


def test_a_graded_notebook_shows_no_spelled_input(tmp_path: Any, tier: str) -> None:
    exercise = course.make_exercise(tmp_path)
    notebook = exercise.reference
    right = "    root = abs(x)\n    return root * root"
    leak = "    raise ValueError(''.join(chr(97 + int(d)) for d in str(x.tolist()) if d.isdigit()))"
    content = json.loads(notebook)
    for cell in content["cells"]:
        text = "".join(cell["source"])
        if "def square" in text:
            cell["source"] = (
                f"def square(x):\n    if isinstance(x, (int, float)):\n        return x * x\n{leak}"
            )
    assert right not in json.dumps(content)
    report = course.grade(json.dumps(content), exercise, course.ask(exercise, tier), tier)
    result = next(r for r in report.criteria if r.id == "square.values")
    assert "its message is not shown" in visible(result.judgement)
    assert result.judgement.staff_note.count("ValueError: ") >= 1
