"""Cells that have lost their marks (nbgrader's metadata) are known again: by id, by what is in them, by their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from grader.grading.repair.code import bound, defined, is_same_code, plain
from grader.grading.repair.handout import Handout, HandoutCell
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.texts import code_in

NEARLY = 85
"""From 0 to 100: how like the given text is a cell that is taken for it."""
_PLACEHOLDERS = ("votre code ici", "votre réponse ici", "your code here")


def recognise(notebook: Notebook, handout: Handout) -> list[tuple[HandoutCell, Cell]]:
    """Give cells their marks back; returns those that had lost them."""
    found: list[tuple[HandoutCell, Cell]] = []
    for find in (_by_id, _by_text, _by_names, _by_text_above, _by_comment, _by_place):
        taken = {cell.grade_id for cell in notebook.cells}
        for asked in handout.by_grade_id.values():
            if asked.grade_id in taken:
                continue
            free = [c for c in notebook.cells if c.grade_id not in handout.by_grade_id and c.mark is None]
            cell = find(asked, free, notebook, handout)
            if cell is not None:
                cell.mark_as(asked)
                cell.note(recognised=True)
                found.append((asked, cell))
    return sorted(found, key=lambda pair: pair[1].place)


def holds(cell: Cell, given: HandoutCell) -> bool:
    """Whether a given cell's code stands in a cell, perhaps among other code."""
    return bool(given.plain) and given.plain in plain(cell.text)


def _by_id(asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout) -> Cell | None:
    for cell in free:
        if asked.id is None or cell.id != asked.id or not plain(cell.text):
            continue
        names = defined(cell.text)
        is_other = any(names & other.defined for other in handout.cells if other is not asked)
        if asked.defined <= names or not is_other:
            return cell
    return None


def _by_text(asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout) -> Cell | None:
    """As it was handed out, or nearly."""
    same = [cell for cell in free if plain(cell.text) == asked.plain]
    if same or asked.is_answer:
        return same[0] if same else None
    alike = [(fuzz.ratio(cell.text, asked.text), cell) for cell in free if cell.is_code]
    best = max(alike, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= NEARLY else None


def _by_names(asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout) -> Cell | None:
    """The last that defines the functions and classes that the answer begins with; a text where no code does."""
    if not asked.is_answer or not asked.defined:
        return None
    code = [cell for cell in free if cell.is_code and asked.defined <= defined(cell.text)]
    if code:
        return code[-1]
    if any(asked.defined & bound(cell.text) for cell in notebook.code):
        return None
    texts = [cell for cell in free if not cell.is_code]
    held = [c for c in texts if asked.defined <= defined(code_in(c.text, handout) or "")]
    return held[-1] if held else None


def _by_text_above(
    asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout
) -> Cell | None:
    """A text cell that holds the text that stood above it, and code: the two were merged."""
    above = handout.cells[asked.place - 1] if asked.place else None
    if not asked.is_code or above is None or above.plain not in handout.texts:
        return None
    held = (cell for cell in free if not cell.is_code and above.plain in plain(cell.text))
    return next((cell for cell in held if code_in(cell.text, handout) is not None), None)


def _by_comment(
    asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout
) -> Cell | None:
    """Where a comment that stood in the answer still stands, and in no other."""
    if not asked.is_answer or not asked.is_code:
        return None
    told = {
        line for line in _comments(asked.text) if sum(line in _comments(c.text) for c in handout.cells) == 1
    }
    kept = [cell for cell in free if cell.is_code and told & _comments(cell.text)]
    return kept[-1] if kept else None


def _comments(text: str) -> set[str]:
    lines = (line.strip() for line in text.split("\n"))
    return {
        line
        for line in lines
        if line.startswith("#") and not any(word in line.casefold() for word in _PLACEHOLDERS)
    }


def _by_place(asked: HandoutCell, free: Sequence[Cell], notebook: Notebook, handout: Handout) -> Cell | None:
    """The only one of its sort between the cells that stood around it, where it has no names to be known by."""
    if not asked.is_answer or asked.defined:
        return None
    before, after = around(asked, notebook, handout)
    between = [
        cell
        for cell in free
        if (before is None or cell.place > before.place)
        and (after is None or cell.place < after.place)
        and (cell.is_code == asked.is_code or (asked.is_code and code_in(cell.text, handout) is not None))
        and plain(cell.text)
        and plain(cell.text) not in handout.texts
    ]
    return between[0] if len(between) == 1 and (before or after) is not None else None


def around(asked: HandoutCell, notebook: Notebook, handout: Handout) -> tuple[Cell | None, Cell | None]:
    """The cells in the notebook that stood nearest before and behind one in the handout."""
    there = dict(known_cells(notebook, handout))
    before = [there[c.place] for c in handout.cells[: asked.place] if c.place in there]
    after = [there[c.place] for c in handout.cells[asked.place + 1 :] if c.place in there]
    return before[-1] if before else None, after[0] if after else None


def known_cells(notebook: Notebook, handout: Handout) -> Iterator[tuple[int, Cell]]:
    """Places in the handout, and the cells in the notebook; of copies the first."""
    seen: set[int] = set()
    for cell in notebook.cells:
        asked = handout.by_grade_id.get(cell.grade_id or "") or handout.texts.get(plain(cell.text))
        if asked is None:
            same = (c for c in handout.cells if c.grade_id is None and c.id is not None and c.id == cell.id)
            asked = next(same, None)
        if asked is not None and asked.place not in seen:
            seen.add(asked.place)
            yield asked.place, cell


def is_untouched(cell: Cell, asked: HandoutCell) -> bool:
    """Whether an answer is as it was handed out, or empty."""
    return not plain(cell.text) or is_same_code(cell.text, asked.text)
