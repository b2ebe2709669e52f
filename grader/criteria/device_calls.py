"""The functions of the notebook that a rubric's calls put to work: what they are in each world, how they compute."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence

from grader.criteria.asked_code import functions_of
from grader.criteria.compiled import compile_program
from grader.criteria.live_code import live_code_probe, read_live_code
from grader.criteria.search import reach
from grader.criteria.syntax import Program, read_program
from grader.model.evidence import Evidence
from grader.model.probe import Observation, Probe

_OURS = frozenset(("torch", "np", "device", *dir(builtins)))
_NUMBERS = frozenset(("numpy", "np", "tolist", "item", "float"))
"""What takes numbers out of tensors, to compute with them elsewhere."""


def names_called(calls: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """The names in a rubric's calls that the notebook must define; `given`: inputs and arguments."""
    loaded: dict[str, None] = {}
    stored = set(given)
    for node in (node for call in calls for node in ast.walk(ast.parse(f"def call():\n{_indented(call)}"))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loaded[node.id] = None
        elif isinstance(node, ast.Name):
            stored.add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
    return tuple(name for name in loaded if name not in stored | _OURS)


def code_probes(criterion_id: str, names: Sequence[str]) -> Iterator[Probe]:
    """What each of these names stands for, without a GPU and with one."""
    for index, name in enumerate(names):
        yield live_code_probe(f"{criterion_id}/plain_code{index}", name, reads_state=False)
        there = live_code_probe(f"{criterion_id}/gpu_code{index}", name, reads_state=False)
        yield there.model_copy(update={"world": "gpu"})


def call_that_was_not_read(
    criterion_id: str, names: Sequence[str], evidence: Evidence
) -> tuple[str, str] | None:
    """A name that means something that is in no cell's text, or something else where there is a GPU; and a note."""
    program = read_program(evidence.source)
    known = compile_program(program).definitions
    there = {} if evidence.gpu is None else evidence.gpu.answers
    for index, name in enumerate(names):
        plain = _digests(evidence.answers.get(f"{criterion_id}/plain_code{index}"))
        gpu = _digests(there.get(f"{criterion_id}/gpu_code{index}"))
        for digests, world in ((plain, "without a GPU"), (gpu, "with a GPU")):
            if digests is not None and digests - known.keys():
                return (
                    name,
                    f"`{name}`, called {world}, is or holds a function that stands in no cell's text.",
                )
        if plain is not None and gpu is not None and plain != gpu:
            return name, f"`{name}` is another function with a GPU than without."
    return None


def computes_elsewhere(names: Sequence[str], evidence: Evidence) -> bool:
    """Whether what is called takes numbers out of tensors: then operations on tensors are not all that it does."""
    program = read_program(evidence.source)
    return any(_takes_numbers(program, name) for name in names)


def _takes_numbers(program: Program, name: str) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in _NUMBERS)
        or (isinstance(node, ast.Name) and node.id in _NUMBERS)
        for definition in reach(program, program.every.get(name, ()))
        for node in ast.walk(definition.node)
    )


def _digests(answer: Observation | None) -> frozenset[str] | None:
    live = None if answer is None or answer.outcome != "answered" else read_live_code(answer)
    return None if live is None else functions_of(live)


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.strip().splitlines())
