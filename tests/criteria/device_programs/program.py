"""A notebook of a student, and what a grader of its device should find."""

from __future__ import annotations

from typing import NamedTuple

CUT = "# %%"
"""A line that is exactly this begins a new cell."""


class Program(NamedTuple):
    name: str
    code: str
    """The whole notebook as one script, to be cut into cells at lines that are exactly `CUT`."""
    finding: str
    """One of `FINDINGS`."""
    says: str
    """A piece of the error message of torch that belongs to it; "" where no error is met."""


FINDINGS = (
    "ok",
    "hardcoded_cuda",
    "mixed:model",
    "mixed:input",
    "mixed:target",
    "mixed:forward",
    "mixed:loss",
    "mixed:other",
    "numpy_on_cuda",
    "hardcoded_index",
    "stale_optimizer",
    "gpu_unused",
    "checkpoint_not_portable",
    "moved_after_requires_grad",
    "lengths_on_gpu",
    "pinned_on_gpu",
    "mixed_precision",
    "integer_product",
    "results_differ",
    "loss_kept_on_gpu",
)


def notebook(*cells: str) -> str:
    """The script of these cells."""
    return f"\n{CUT}\n".join(cell.strip("\n") + "\n" for cell in cells)
