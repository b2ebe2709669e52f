"""Tells cells that leaned on hidden state: a name that a clean run does not have, though the saved notebook ran.

In: the notebook's cells as they were handed in, what Jupyter saved of their last run, and how a run from the top went.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from grader.criteria.names import stored_names
from grader.model.evidence import SourceCell
from grader.model.execution import Execution
from grader.model.text import Text, say

_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class Saved:
    """What Jupyter saved of a code cell's last run."""

    count: int | None
    """Its execution count; None when it was not run, or its output was cleared."""
    failed: bool
    """Whether it ended with an error then."""


def read_saved(content: Any) -> dict[str, Saved]:
    """By the text of each code cell of a notebook's JSON; of cells with the same text, the last."""
    cells = content.get("cells") if isinstance(content, dict) else None
    found: dict[str, Saved] = {}
    for cell in cells if isinstance(cells, list) else ():
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source, count, outputs = cell.get("source"), cell.get("execution_count"), cell.get("outputs")
        text = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
        listed = outputs if isinstance(outputs, list) else []
        failed = any(isinstance(o, dict) and o.get("output_type") == "error" for o in listed)
        found[text.strip()] = Saved(count if type(count) is int else None, failed)
    return found


def hidden_state(
    cells: Sequence[SourceCell], saved: Mapping[str, Saved], execution: Execution
) -> tuple[Text, ...]:
    """One remark for each name that a cell missed, and one where cells were run out of order."""
    return (*_missed(cells, saved, execution), *_out_of_order(cells, saved))


def _missed(cells: Sequence[SourceCell], saved: Mapping[str, Saved], execution: Execution) -> Iterator[Text]:
    texts = {cell.index: cell.text for cell in cells}
    told: set[str] = set()
    for run in execution.cells:
        match = (
            _NOT_DEFINED.search(run.error.message) if run.error and run.error.name == "NameError" else None
        )
        if match is None or run.intended or match[1] in told:
            continue
        name, cell = match[1], run.index + 1
        told.add(name)
        kept = saved.get(texts.get(run.index, "").strip())
        ran = kept is not None and kept.count is not None and not kept.failed
        later = next((c.index + 1 for c in cells if c.index > run.index and name in _bound(c)), None)
        if later is not None:
            yield say(
                "Hidden state: cell {cell} uses `{name}`, which only cell {later} defines, further down. In your"
                " session it was there already; in a run from the top it is not. Move the definition up.",
                cell=cell,
                name=name,
                later=later,
            )
        elif ran and not any(name in _bound(c) for c in cells if c.index < run.index):
            yield say(
                "Hidden state: cell {cell} uses `{name}`, which no cell of the notebook defines. The cell ran in your"
                " session because `{name}` was left there by a cell that has been changed or deleted since.",
                cell=cell,
                name=name,
            )


def _out_of_order(cells: Sequence[SourceCell], saved: Mapping[str, Saved]) -> Iterator[Text]:
    counted = [
        (kept.count, cell.index + 1)
        for cell in cells
        if cell.kind == "code" and (kept := saved.get(cell.text.strip())) and kept.count is not None
    ]
    for (before, _), (after, cell) in pairwise(counted):
        if before > after:
            yield say(
                "The saved notebook was not run in one go from top to bottom: cell {cell} ran before the one above it."
                " Restart the kernel and run all cells, to see what the grader sees.",
                cell=cell,
            )
            return


def _bound(cell: SourceCell) -> set[str]:
    return stored_names(cell.text) if cell.kind == "code" else set()
