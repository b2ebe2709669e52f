"""Exercises of other graders: an nbgrader or Otter notebook in, the files of one of ours out, and what was left out."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.importing import nbgrader, otter
from grader.authoring.importing.material import Material
from grader.authoring.importing.notebook import read_source
from grader.errors import CatalogError
from grader.model.text import say


def read_material(path: Path) -> Material:
    """Read a source notebook of nbgrader or Otter, whichever it is.

    Raises: CatalogError when it cannot be read, is neither, or contradicts itself; the message names the cell.
    """
    notebook = read_source(path)
    if otter.is_otter(notebook):
        return otter.read(notebook, path.name)
    if nbgrader.is_nbgrader(notebook):
        return nbgrader.read(notebook, path.name)
    raise CatalogError(
        say(
            "{path}: neither an nbgrader source (cells with `nbgrader` metadata) nor an Otter assignment (raw cells"
            " that begin with `# ASSIGNMENT CONFIG` or `# BEGIN QUESTION`). `grade exercise new` begins one from"
            " nothing.",
            path=str(path),
        )
    )
