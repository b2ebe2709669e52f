"""Cells that were moved away from where they stood in the handout, so that something runs before what it needs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from grader.grading.repair import words
from grader.grading.repair.code import ALWAYS_THERE, bound, reads, reads_later
from grader.grading.repair.handout import Handout
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import known_cells
from grader.model.finding import Finding
from grader.model.text import say


def run_in_place(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Run moved cells in their places, where fewer names are missing then.

    What students added stays where it is, answers too that they wrote in cells of their own.
    """
    known = [(place, cell) for place, cell in known_cells(notebook, handout) if cell.mark != "put_back"]
    kept = _rising([place for place, _ in known])
    for at, (place, cell) in enumerate(known):
        asked = handout.cells[place]
        if at in kept or not cell.is_code or (asked.is_answer and cell.was_recognised):
            continue
        behind = [known[k][1] for k in sorted(kept) if known[k][0] > place]
        before = behind[0].place if behind else notebook.end
        missing = names_missed(notebook.code)
        moved_before = cell.runs_before
        cell.run_before((before, place))
        if not names_missed(notebook.code) < missing:
            cell.run_before(moved_before)
            continue
        cell.note(runs_before=(before, place))
        found = say("The cell `{id}` does not stand where it stood in the handout.", id=asked.key)
        done = (
            say("It was run in its place, before cell {cell}.", cell=before + 1)
            if behind
            else say("It was run in its place, behind all others.")
        )
        yield words.finding("moved", found, done, asked=asked, cell=cell)


def names_missed(cells: Sequence[Cell]) -> frozenset[tuple[int, str]]:
    """Positions of code cells, and names that these read as they run before one gave them a value.

    What a function reads counts where it is called, as far as its own name tells.
    """
    had = set(ALWAYS_THERE)
    later: dict[str, frozenset[str]] = {}
    missed: set[tuple[int, str]] = set()
    for cell in cells:
        own = bound(cell.text)
        first, all_read = reads(cell.text)
        inside = reads_later(cell.text)
        later |= dict.fromkeys(own, inside)
        wanted, waiting = set(first), list(all_read)
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                more = later.get(name, frozenset()) - own
                wanted |= more
                waiting += more
        missed |= {(cell.place, name) for name in wanted - had}
        had |= own
    return frozenset(missed)


def _rising(places: Sequence[int]) -> frozenset[int]:
    """Indices of the most places that stand in rising order."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
    found: list[int] = []
    index_or_none = ends[-1] if ends else None
    while index_or_none is not None:
        found.append(index_or_none)
        index_or_none = previous[index_or_none]
    return frozenset(found)
