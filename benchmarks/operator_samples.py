"""Torch's own samples of its operators, on the host and on the virtual CUDA device.

Each sample is computed in both places: values, places of results, gradients; then once more with its last tensor left
on the host, which a GPU refuses. Needs the package `expecttest`, which torch's samples import. Prints one line of JSON
an operator; run by benchmarks/virtual_cuda.py.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from grader.inkernel import virtual_cuda

RANDOM_SEED = 0
TOLERANCE, GRADIENT_TOLERANCE = 1e-4, 1e-3
HOST_RESULTS = ("to", "item", "equal")
"""Operators that give results to the host."""
UNDEFINED = ("empty",)
"""Operators whose values are what the memory held before."""


@dataclass
class Tried:
    """How an operator went."""

    name: str
    outcome: str = "agrees"
    """`agrees`, `refused` (VirtualDeviceUnsupported), `differs`, `fails`, `not strided`, `no samples`."""
    reason: str = ""
    samples: int = 0
    gradients: int = 0
    mixed: int = 0
    """Samples that were tried with one tensor on the host."""
    mixed_refused: int = 0
    let_pass: list[str] = field(default_factory=list)


def operators(part: int, parts: int) -> Iterator[Any]:
    """Every `parts`-th operator of torch's list."""
    from torch.testing._internal.common_methods_invocations import op_db

    yield from op_db[part::parts]


def tried(operator: Any, most: int) -> Tried:
    """Try so many samples of an operator."""
    variant = operator.variant_test_name
    found = Tried(f"{operator.name}.{variant}" if variant else operator.name)
    dtype = torch.float32 if torch.float32 in operator.dtypes else next(iter(operator.dtypes), None)
    try:
        wants_gradients = operator.supports_autograd and dtype is not None and dtype.is_floating_point
        samples = list(operator.sample_inputs("cpu", dtype, requires_grad=wants_gradients))[:most]
    except Exception as error:  # noqa: BLE001  some need what this machine has not
        found.outcome, found.reason = "no samples", _short(error)
        return found
    for sample in samples:
        try:
            _try(operator, sample, found)
        except virtual_cuda.VirtualDeviceUnsupported as error:
            found.outcome, found.reason = "refused", str(error).rpartition("cannot do this: ")[2]
        except AssertionError as error:
            found.outcome, found.reason = "differs", _short(error)
        except Exception as error:  # noqa: BLE001  whatever is raised is the outcome
            found.outcome, found.reason = "fails", _short(error)
        _try_mixed(operator, sample, found)
        if found.outcome != "agrees":
            break
    if found.outcome == "agrees" and not found.samples:
        found.outcome = "no samples"
    return found


def _try(operator: Any, sample: Any, found: Tried) -> None:
    # Moving a view copies what it shows: so the host computes with copies, too.
    given = tree_map(_copied, (sample.input, sample.args, sample.kwargs))
    try:
        theirs = _run(operator, given)
    except Exception:  # noqa: BLE001  not computable on the host either
        return
    if any(tensor.layout is not torch.strided for tensor in _tensors((given, theirs))):
        found.outcome = "not strided"
        return
    found.samples += 1
    moved = tree_map(_to_device, given)
    if "device" in sample.kwargs:
        moved[2]["device"] = "cuda"
    ours = _run(operator, moved)
    _compare(found.name, ours, theirs)
    _compare_gradients(moved, ours, given, theirs, found)


def _compare(name: str, ours: Any, theirs: Any) -> None:
    for a, b in zip(tree_leaves(ours), tree_leaves(theirs), strict=True):
        if isinstance(b, torch.Tensor):
            if not name.startswith(HOST_RESULTS):
                assert a.is_cuda, f"a result is on {a.device}"
            if not any(word in name for word in UNDEFINED):
                _close(a, b, TOLERANCE)
        elif isinstance(b, int | float | bool):
            assert a == b or b != b, f"{a} instead of {b}"  # noqa: PLR0124  NaN


def _compare_gradients(moved: Any, ours: Any, given: Any, theirs: Any, found: Tried) -> None:
    inputs, outputs = _differentiable(given), _differentiable(theirs)
    if not inputs or not outputs:
        return
    try:
        expected = _gradients(outputs, inputs)
    except Exception:  # noqa: BLE001  no gradients on the host either
        return
    actual = _gradients(_differentiable(ours), _differentiable(moved))
    found.gradients += 1
    for a, b in zip(actual, expected, strict=True):
        if b is not None:
            assert a is not None, "a gradient is missing"
            assert a.is_cuda, f"a gradient is on {a.device}"
            _close(a, b, GRADIENT_TOLERANCE)


def _try_mixed(operator: Any, sample: Any, found: Tried) -> None:
    others = _tensors((sample.args, sample.kwargs))
    first = sample.input
    if not others or not isinstance(first, torch.Tensor) or not first.numel():
        return
    last = others[-1]
    if last.dim() == 0 or not last.numel() or found.outcome == "not strided":
        return
    given = (sample.input, sample.args, sample.kwargs)
    found.mixed += 1
    try:
        _run(operator, tree_map(lambda leaf: leaf if leaf is last else _to_device(leaf), given))
    except Exception:  # noqa: BLE001  any refusal is one
        found.mixed_refused += 1
    else:
        found.let_pass = [found.name]


def _run(operator: Callable[..., Any], given: Any) -> Any:
    torch.manual_seed(RANDOM_SEED)
    return operator(given[0], *given[1], **given[2])


def _copied(leaf: Any) -> Any:
    return (
        leaf.detach().clone().requires_grad_(leaf.requires_grad) if isinstance(leaf, torch.Tensor) else leaf
    )


def _to_device(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cuda")
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return leaf.detach().to("cuda").requires_grad_(leaf.requires_grad)


def _tensors(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _differentiable(tree: Any) -> list[torch.Tensor]:
    return [tensor for tensor in _tensors(tree) if tensor.requires_grad]


def _gradients(outputs: list[torch.Tensor], inputs: list[torch.Tensor]) -> tuple[torch.Tensor | None, ...]:
    sums = [tensor.abs().sum() if tensor.is_complex() else tensor.sum() for tensor in outputs]
    return torch.autograd.grad(sums, inputs, allow_unused=True)


def _close(ours: torch.Tensor, theirs: torch.Tensor, tolerance: float) -> None:
    ours, theirs = ours.detach().cpu(), theirs.detach()
    if theirs.element_size() == 1 and theirs.is_floating_point():
        ours, theirs = ours.float(), theirs.float()  # `assert_close` compares these bit by bit only
    torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def main() -> None:
    """`part` of `parts`, and most samples an operator."""
    part, parts, most = map(int, sys.argv[1:])
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    virtual_cuda.install()
    for operator in operators(part, parts):
        print(json.dumps(asdict(tried(operator, most))), flush=True)


if __name__ == "__main__":
    main()
