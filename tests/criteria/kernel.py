"""A kernel's stand-in for tests: runs a probe's code in this process with real torch, and encodes what it returns.

It knows what a probe's code may use (inputs as tensors, arguments, torch, np, the parameter functions) and no walls.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Leaf, Observation, Probe, RaisedError
from grader.model.rubric import Criterion
from tests.criteria.builders import cells, evidence, value


def get_parameters(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in module.parameters()])


def set_parameters(module: torch.nn.Module, flat: torch.Tensor) -> None:
    torch.nn.utils.vector_to_parameters(flat.clone(), module.parameters())


def ask(probe: Probe, notebook: dict[str, Any]) -> Observation:
    for name in probe.requires:
        if name not in notebook:
            return Observation(probe=probe.id, outcome="missing", missing=name, defined=tuple(notebook))
    torch.manual_seed(probe.seed)
    inputs = {name: torch.tensor(np.array(array)) for name, array in probe.inputs.items()}
    tools = {"torch": torch, "np": np, "get_parameters": get_parameters, "set_parameters": set_parameters}
    names = notebook | tools | inputs | probe.arguments
    exec("def answer():\n" + textwrap.indent(probe.code, "    "), names)
    try:
        answer = names["answer"]()
    except Exception as error:  # noqa: BLE001
        raised = RaisedError(name=type(error).__name__, message=str(error))
        return Observation(probe=probe.id, outcome="raised", error=raised)
    return Observation(probe=probe.id, outcome="answered", value=value(_plain(answer)))


def judged(
    criterion: Criterion, source: Iterable[str], seed: int = 0, handout: dict[str, str] | None = None
) -> Judgement:
    """The judgement about a notebook of these cells, beside a reference that answers for itself alone."""
    return criterion.judge(collected(criterion, source, seed, handout))


def collected(
    criterion: Criterion, source: Iterable[str], seed: int = 0, handout: dict[str, str] | None = None
) -> Evidence:
    texts = list(source)
    notebook: dict[str, Any] = {"torch": torch, "nn": torch.nn, "np": np}
    for text in texts:
        exec(text, notebook)
    probes = criterion.probes(np.random.default_rng(seed))
    return evidence(
        [ask(p, notebook) for p in probes if p.ask != "reference"],
        _reference(criterion.model_dump_json(), seed, probes),
        source=cells(*texts),
        handout=handout,
    )


_ANSWERS: dict[tuple[str, int], list[Observation]] = {}


def _reference(criterion: str, seed: int, probes: Iterable[Probe]) -> list[Observation]:
    """The answers of the reference kernel; simulations are slow, and the same for all notebooks."""
    if (criterion, seed) not in _ANSWERS:
        _ANSWERS[criterion, seed] = [ask(p, {}) for p in probes if p.ask == "reference"]
    return _ANSWERS[criterion, seed]


def _plain(answer: Any) -> Any:
    match answer:
        case torch.Tensor():
            return Leaf(array=answer.detach().numpy(), made_of="Tensor", requires_grad=answer.requires_grad)
        case dict():
            return {name: _plain(item) for name, item in answer.items()}
        case list() | tuple():
            return type(answer)(_plain(item) for item in answer)
        case _:
            return answer
