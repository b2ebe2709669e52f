"""Inputs of probes: how a rubric describes random arrays and arguments, and how one case of them is drawn.

Rubrics write `inputs = { x = { shape = ["n", 1], low = -2.0, high = 2.0 } }`, `sizes = { n = [1, 5, 32] }`,
`arguments = { lr = { one_of = [0.1, 0.5] }, epochs = 3 }`. Bounds may change from case to case, as sizes do:
`low = [-2.0, 10.0]`. Drawing depends on the generator alone.
"""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, PositiveInt, model_validator

from grader.model.array import Array
from grader.model.base import Frozen
from grader.model.probe import Argument, Observation, Probe
from grader.model.rubric import Criterion
from grader.model.text import say

DType = Literal["float32", "float64", "int64", "bool"]
Bound = float | Annotated[tuple[float, ...], Field(min_length=1)]
"""A number for all cases, or one for each case, gone through in turn."""
Nested = float | list[float] | list[list[float]] | list[list[list[float]]]


class Draw(Frozen):
    """How one array is made."""

    shape: tuple[PositiveInt | str, ...] = ()
    """Sizes, or names of sizes (`"n"`); empty for a scalar."""
    dtype: DType = "float32"
    distribution: Literal["uniform", "normal", "integers"] = "uniform"
    low: Bound = -1.0
    """Uniform: least value; integers: least value."""
    high: Bound = 1.0
    """Uniform: upper bound; integers: greatest value, included."""
    mean: float = 0.0
    """Normal only."""
    scale: float = Field(default=1.0, gt=0)
    """Normal only: standard deviation."""
    values: Nested | None = None
    """These values and no others; the shape is theirs."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.values is not None:
            if self.shape:
                raise ValueError(say("shape: not together with values, which have a shape of their own"))
            np.asarray(self.values, dtype=self.dtype)
        for low, high in _pairs(self.low, self.high):
            if low > high:
                raise ValueError(say("low: {low} is above high, {high}", low=low, high=high))
        return self

    def draw(self, sizes: Mapping[str, int], rng: np.random.Generator, index: int = 0) -> npt.NDArray[Any]:
        """One array for case number `index`, its named sizes taken from `sizes`."""
        if self.values is not None:
            return np.asarray(self.values, dtype=self.dtype)
        shape, low, high = self.shape_in(sizes), _in_case(self.low, index), _in_case(self.high, index)
        if self.distribution == "normal":
            drawn = rng.normal(self.mean, self.scale, shape)
        elif self.distribution == "integers":
            drawn = rng.integers(round(low), round(high), shape, endpoint=True).astype(np.float64)
        else:
            drawn = rng.uniform(low, high, shape)
        return np.asarray(drawn, dtype=self.dtype)

    def shape_in(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape in numbers."""
        if self.values is not None:
            return np.asarray(self.values).shape
        return tuple(sizes[s] if isinstance(s, str) else s for s in self.shape)


def _in_case(bound: Bound, index: int) -> float:
    return bound[index % len(bound)] if isinstance(bound, tuple) else bound


def _pairs(low: Bound, high: Bound) -> list[tuple[float, float]]:
    """Every pair of bounds that meets in some case."""
    lengths = [len(bound) if isinstance(bound, tuple) else 1 for bound in (low, high)]
    return [(_in_case(low, index), _in_case(high, index)) for index in range(math.lcm(*lengths))]


class OneOf(Frozen):
    """An argument drawn anew for each case."""

    one_of: tuple[Argument, ...] = Field(min_length=1)


class Case(Frozen):
    """What one call gets."""

    inputs: dict[str, Array]
    arguments: dict[str, Argument]
    seed: int
    """For the kernel's generators, the same for student and reference."""


Inputs = dict[str, Draw]
Sizes = dict[str, Annotated[tuple[PositiveInt, ...], Field(min_length=1)]]
Arguments = dict[str, OneOf | Argument]


def sizes_of_case(sizes: Sizes, index: int) -> dict[str, int]:
    """The named sizes of one case: each list is gone through in turn."""
    return {name: choices[index % len(choices)] for name, choices in sizes.items()}


def draw_case(
    inputs: Inputs, sizes: Sizes, arguments: Arguments, index: int, rng: np.random.Generator
) -> Case:
    """The inputs of case number `index`; equal generators give equal cases."""
    here = sizes_of_case(sizes, index)
    chosen: dict[str, Argument] = {}
    arrays = {name: draw.draw(here, rng, index) for name, draw in inputs.items()}
    for name, value in arguments.items():
        if isinstance(value, OneOf):
            chosen[name] = value.one_of[int(rng.integers(len(value.one_of)))]
        else:
            chosen[name] = value
    return Case(inputs=arrays, arguments=chosen, seed=int(rng.integers(2**31)))


def function_body(code: str) -> str:
    """A rubric's snippet as the body of a function: an expression gets `return (…)` put around it.

    Raises:
        ValueError: it is no Python, or it never returns.
    """
    code = textwrap.dedent(code).strip()
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        pass
    else:
        return f"return ({code}\n)" if "#" in code else f"return ({code})"
    try:
        module = ast.parse(code)
        if not any(isinstance(node, ast.Return) for node in _own_nodes(module)):
            raise ValueError(say("never returns: write one expression, or statements that end with `return`"))
        compile(f"async def body():\n{textwrap.indent(code, '    ')}", "<rubric>", "exec")
    except SyntaxError as error:
        raise ValueError(
            say("is not Python: {reason} in line {line}", reason=error.msg, line=error.lineno or 1)
        ) from error
    return code


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """All nodes but those inside functions and classes defined here."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            found += [child, *_own_nodes(child)]
    return found


def _checked(code: str) -> str:
    function_body(code)
    return code


Code = Annotated[str, AfterValidator(_checked)]
"""Python for a probe: one expression, or statements with `return`; see `function_body`."""


UNTOLD = "None"
"""Stands in what students get where code was that only the reference is asked."""


class CallCriterion(Criterion):
    """A criterion that calls the student's code with drawn inputs, case by case."""

    call: Code
    """What to evaluate; sees the notebook's names, the inputs and the arguments."""
    inputs: Inputs = Field(default_factory=dict)
    """Name to the way its array is drawn; arrives as a torch tensor."""
    sizes: Sizes = Field(default_factory=dict)
    """Named sizes for the shapes of `inputs`; one value a case, in turn."""
    arguments: Arguments = Field(default_factory=dict)
    """Name to a plain value, or to `{ one_of = [...] }`."""

    @property
    def own_code(self) -> Mapping[str, str]:
        """The call."""
        return {"call": self.call}

    cases: int = Field(default=5, ge=1, le=50)
    """How many times to call it, each with fresh inputs."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Wall seconds for one call."""

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        for name in [*self.inputs, *self.arguments]:
            if not name.isidentifier():
                raise ValueError(say("inputs: '{name}' is not a name", name=name))
        for name in self.inputs.keys() & self.arguments.keys():
            raise ValueError(say("arguments: '{name}' is an input already", name=name))
        for name, draw in self.inputs.items():
            unknown = [s for s in draw.shape if isinstance(s, str) and s not in self.sizes]
            if unknown:
                raise ValueError(
                    say("inputs.{name}.shape: '{size}' is not one of sizes", name=name, size=unknown[0])
                )
        return self

    def draw_cases(self, rng: np.random.Generator) -> tuple[Case, ...]:
        """All cases, in order."""
        return tuple(
            draw_case(self.inputs, self.sizes, self.arguments, index, rng) for index in range(self.cases)
        )

    def probe(
        self,
        suffix: str,
        code: str,
        case: Case,
        *,
        ask: Literal["both", "student", "reference"] = "both",
        reads_state: bool = False,
    ) -> Probe:
        """One probe named `<id>/<suffix>` that evaluates `code` with a case's inputs."""
        return Probe(
            id=f"{self.id}/{suffix}",
            code=function_body(code),
            inputs=case.inputs,
            arguments=case.arguments,
            requires=() if ask == "reference" else self.requires,
            seed=case.seed,
            timeout_s=self.timeout_s,
            reads_state=reads_state,
            ask=ask,
        )

    def is_settled(self, observations: Sequence[Observation], reference: Mapping[str, Observation]) -> bool:
        """Nothing more to ask once a name is missing, not filled in, or the kernel is worn out."""
        return any(_is_final(observation) for observation in observations)


def _is_final(observation: Observation) -> bool:
    if observation.outcome not in ("answered", "raised"):
        return True
    return observation.error is not None and observation.error.name == "NotImplementedError"
