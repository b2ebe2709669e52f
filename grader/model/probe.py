"""Probes and observations: a question to a live kernel, and the plain data that came back.

A probe's code is the body of a function that the agent inside the kernel runs; `return` gives the answer.
It sees: the notebook's names (a copy of its namespace, so that a probe leaves nothing behind), its inputs
as fresh torch tensors, its arguments as Python values, and

* `torch`, `np`: the real modules, whatever the notebook did to those names;
* `get_parameters(module)`: all parameters as one flat vector `[p]`, in `module.parameters()` order;
* `set_parameters(module, flat)`: the way back, in place;
* `parameter_shapes(module)`: dict of name to a 1-d integer array;
* `live_code(name)`: which code a function or class of the notebook is, and which it reaches (see
  `grader.inkernel.live_code`), as JSON in an array of bytes;
* `count_operations(call)`: how many operations on floating-point tensors the call does;
* `recorded_trainings(names)`: of which numbers the cells computed gradients, and with regard to which tensors (see
  `grader.inkernel.trainings`);
* `figures()`: what matplotlib drew while the notebook ran (see `grader.inkernel.figures`);
* `device_record()`, in a kernel with the virtual CUDA device: whether it is there, what it did, and where tensors were
  (see `grader.inkernel.virtual_cuda.record` and `.observations`).

Nothing in a probe tells the expected answer: the student's kernel sees all of it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from grader.model.array import Array
from grader.model.base import Frozen

Argument = bool | int | float | str | None | list[int] | list[float] | list[str]


class Probe(Frozen):
    """One question to a kernel."""

    id: str
    """Unique in a rubric: `<criterion id>/<n>`."""
    code: str
    """Body of a function; see the module's docstring."""
    inputs: dict[str, Array] = Field(default_factory=dict)
    """Arrays that arrive as torch tensors of the same dtype and shape."""
    arguments: dict[str, Argument] = Field(default_factory=dict)
    """Plain values that arrive as they are."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define; one that is missing makes the outcome `missing`."""
    seed: int = 0
    """Sets random, numpy and torch just before the code runs."""
    timeout_s: float = 30.0
    """Wall seconds until the kernel is interrupted."""
    reads_state: bool = False
    """Asks for what the notebook left behind; put before all probes that call functions."""
    ask: Literal["both", "student", "reference"] = "both"
    """Whose kernel is asked."""
    world: Literal["plain", "gpu"] = "plain"
    """`gpu`: asked where the notebook was run once more with a CUDA device; of the student only."""

    @property
    def leaves_dtype_open(self) -> bool:
        """Whether it asks for nothing in float64 by itself: then a notebook that computes in float64 is asked so."""
        named = "float64" in self.code or "double" in self.code
        return not named and all(array.dtype.name != "float64" for array in self.inputs.values())


class Leaf(Frozen):
    """One array, or a number, or a flat list of numbers."""

    type: Literal["leaf"] = "leaf"
    array: Array
    made_of: str
    """`Tensor`, `Parameter`, `ndarray`, `float`, `int`, `bool`, `numpy scalar`; `list of float`, `tuple of Tensor`…"""
    requires_grad: bool = False
    """Whether it, or an element of the list, still hangs on a graph."""
    device: str = "cpu"


class Items(Frozen):
    """A list or tuple of values that is not a flat list of numbers."""

    type: Literal["items"] = "items"
    container: Literal["list", "tuple"]
    items: tuple[Value, ...]


class Entries(Frozen):
    """A dict with string keys."""

    type: Literal["entries"] = "entries"
    entries: dict[str, Value]


class Words(Frozen):
    """A string, cut at 500 characters."""

    type: Literal["words"] = "words"
    text: str


class Nothing(Frozen):
    """None."""

    type: Literal["nothing"] = "nothing"


class Opaque(Frozen):
    """Something that does not cross the wall; only its class's name does."""

    type: Literal["opaque"] = "opaque"
    class_name: str


Value = Annotated[Leaf | Items | Entries | Words | Nothing | Opaque, Field(discriminator="type")]


class RaisedError(Frozen):
    """An exception that a probe met in the student's code."""

    name: str
    message: str
    cell: int | None = None
    """Index of the notebook's cell whose code raised it, where known."""
    line: int | None = None
    """Line in that cell, from 1."""
    source_line: str = ""
    """That line's text."""
    traceback: str = ""
    """For the staff."""
    withheld: bool = False
    """Its message is left out here, for it may hold the question's hidden inputs; the traceback has it."""


class Observation(Frozen):
    """What came back from one probe; plain data that nobody believes before it is compared."""

    probe: str
    outcome: Literal[
        "answered",
        "missing",
        "raised",
        "timed_out",
        "out_of_memory",
        "out_of_processes",
        "out_of_disk",
        "kernel_died",
        "refused",
    ]
    """`refused`: the answer broke the wire's rules (too large, malformed, two answers)."""
    value: Value | None = None
    """Only when answered."""
    missing: str | None = None
    """The first required name that the notebook does not define."""
    defined: tuple[str, ...] = ()
    """When a name is missing: the names that the notebook does define, for "did you mean"."""
    error: RaisedError | None = None
    warnings: tuple[str, ...] = ()
    """Python warnings during the probe, at most 5, each cut at 300 characters."""
    default_dtype: str = ""
    """PyTorch's, when the notebook had run: `float32` unless the notebook set another; empty where it was not told."""
    detail: str = ""
    """For the staff: why it was refused, say."""
    wall_s: float = 0.0


Items.model_rebuild()
Entries.model_rebuild()
