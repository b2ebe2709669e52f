"""Asks a criterion's probes of Python code in the test's own process, with the agent's own encoding of values.

`ask(criterion, names)` gives the student's answers, `echoes(criterion)` those of the reference to what needs no
notebook at all, and `judged(criterion, names)` the judgement.
"""

from __future__ import annotations

import textwrap
import traceback
import warnings
from typing import Any

import numpy as np
import torch

from grader.inkernel import parameters
from grader.inkernel.values import Packed
from grader.model.evidence import SourceCell
from grader.model.execution import Execution
from grader.model.judgement import Judgement
from grader.model.probe import (
    Entries,
    Items,
    Leaf,
    Nothing,
    Observation,
    Opaque,
    Probe,
    RaisedError,
    Value,
    Words,
)
from grader.model.rubric import Criterion
from tests.criteria.builders import evidence, missing

SEED = 7


def names_of(code: str) -> dict[str, Any]:
    """The names that a notebook with this code leaves behind."""
    names: dict[str, Any] = {}
    exec(textwrap.dedent("import torch\nfrom torch import nn\n") + textwrap.dedent(code), names)
    return names


def judged(
    criterion: Criterion,
    code: str,
    *,
    reference: str = "",
    seed: int = SEED,
    source: tuple[SourceCell, ...] = (),
    ran: Execution | None = None,
) -> Judgement:
    probes = criterion.probes(np.random.default_rng(seed))
    theirs = {}
    names = names_of(reference)
    for probe in probes:
        if probe.ask != "student":
            theirs[probe.id] = answer(probe, names)
    ours: list[Observation] = []
    names = names_of(code)
    for probe in probes:
        if probe.ask == "reference":
            continue
        if criterion.is_settled(ours, theirs):
            break
        ours.append(answer(probe, names))
    return criterion.judge(evidence(ours, theirs.values(), source=source, ran=ran))


def answer(probe: Probe, names: dict[str, Any]) -> Observation:
    """One probe's observation, with the warnings that Python gave."""
    for name in probe.requires:
        if name not in names:
            return missing(probe.id, name, names)
    inputs = {name: torch.from_numpy(array.copy()) for name, array in probe.inputs.items()}
    given = inputs | probe.arguments
    space = names | {"torch": torch, "np": np} | {n: getattr(parameters, n) for n in parameters.OFFERED}
    code = f"def probe({', '.join(given)}):\n{textwrap.indent(probe.code, '    ')}"
    exec(code, space)
    state = torch.random.get_rng_state()
    torch.manual_seed(probe.seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        observation = _asked(probe, space["probe"], given)
    torch.random.set_rng_state(state)
    return observation.model_copy(update={"warnings": tuple(str(warning.message) for warning in caught)})


def _asked(probe: Probe, function: Any, given: dict[str, Any]) -> Observation:
    try:
        packed = Packed(function(**given))
    except Exception as error:  # noqa: BLE001  whatever the code raises is the answer
        described = RaisedError(
            name=type(error).__name__, message=str(error), traceback=traceback.format_exc()
        )
        return Observation(probe=probe.id, outcome="raised", error=described)
    return Observation(probe=probe.id, outcome="answered", value=_value(packed.tree, packed.buffers))


def _value(tree: dict[str, Any], buffers: list[bytes]) -> Value:
    match tree["type"]:
        case "leaf":
            array = np.frombuffer(buffers[tree["buffer"]], tree["dtype"]).reshape(tree["shape"])
            return Leaf(array=array, made_of=tree["made_of"], requires_grad=tree["requires_grad"])
        case "items":
            items = tuple(_value(item, buffers) for item in tree["items"])
            return Items(container=tree["container"], items=items)
        case "entries":
            return Entries(entries={k: _value(v, buffers) for k, v in tree["entries"].items()})
        case "words":
            return Words(text=tree["text"])
        case "opaque":
            return Opaque(class_name=tree["class_name"])
        case _:
            return Nothing()
