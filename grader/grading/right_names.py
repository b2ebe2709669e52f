"""Puts the reference's definition of a name into a student's notebook, behind each of the student's own.

Only what the name needs is taken from the reference: the definition, and what else its cell defines for it. All of it
stands inside a function, so that no other name of the student's is replaced.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Sequence
from typing import Any

from grader.model.code_names import names_left, used_names
from grader.model.notebook_code import parse

_MAKER = "_right_definition"
"""Name of the function in the notebook that makes the definition; deleted at once."""
_Method = ast.FunctionDef | ast.AsyncFunctionDef


def with_right_names(notebook: str, reference: str, names: Sequence[str], apart: Collection[str] = ()) -> str:
    """The notebook (nbformat 4 JSON) in which each name means what it means in the reference.

    A name is one of the notebook's own, or `Class.method`: then the student's class stays, with that method replaced.
    Where the notebook defines a name, the reference's definition follows at once; where it does not, it stands behind
    the cell with the grade id of the reference's. What `apart` names is the student's even where the reference's
    definition uses it. A name that the reference does not define is passed over.
    """
    content = json.loads(notebook)
    cells: list[dict[str, Any]] = content["cells"]
    for owner, group in _by_owner(names).items():
        home = home_of(reference, group[0])
        if home is not None:
            grade_id, tree = home
            code = _code(tree, owner, group, apart)
            cells = _put(cells, owner, code, grade_id)
    return json.dumps({**content, "cells": cells}, ensure_ascii=False)


def home_of(reference: str, name: str) -> tuple[str, ast.Module] | None:
    """The answer cell of a reference that defines a name, or the method of a class: its grade id and its tree."""
    owner, _, method = name.partition(".")
    found = None
    for cell in json.loads(reference)["cells"]:
        marks = cell.get("metadata", {}).get("nbgrader", {})
        tree = parse(_text(cell)) if cell["cell_type"] == "code" and marks.get("solution") else None
        if tree is not None and _last(tree, owner) is not None:
            class_ = _last(tree, owner)
            if not method or (isinstance(class_, ast.ClassDef) and _methods(class_, [method])):
                found = (str(marks.get("grade_id")), tree)
    return found


def _by_owner(names: Sequence[str]) -> dict[str, list[str]]:
    """Names by the name that stands at the top level: a class's methods are put in together."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(name.partition(".")[0], []).append(name)
    return found


def _put(cells: Sequence[dict[str, Any]], owner: str, code: str, grade_id: str) -> list[dict[str, Any]]:
    """The cells with the code behind each definition: at once in its cell, and in a cell of its own behind it.

    A cell that stops with an error above its definition never comes to what stands in it; the next cell does.
    """
    trees = [parse(_text(cell)) if cell["cell_type"] == "code" else None for cell in cells]
    definers = [i for i, tree in enumerate(trees) if tree is not None and _last(tree, owner) is not None]
    homes = definers or [i for i, cell in enumerate(cells) if _grade_id(cell) == grade_id]
    found: list[dict[str, Any]] = []
    for index, (cell, tree) in enumerate(zip(cells, trees, strict=True)):
        found.append(cell if tree is None or index not in definers else _followed(cell, tree, owner, code))
        if index in homes:
            found.append(_code_cell(code, f"right-{owner}-{index}"))
    return found


def _followed(cell: dict[str, Any], tree: ast.Module, owner: str, code: str) -> dict[str, Any]:
    """The cell with the code behind each statement that defines the name and is not its last."""
    lines = _text(cell).split("\n")
    for statement in reversed(tree.body[:-1]):
        if owner in _given(statement):
            line = _end_of_line(tree, statement)
            lines[line:line] = code.split("\n")
    text = "\n".join(lines)
    return {**cell, "source": text} if parse(text) is not None else cell


def _end_of_line(tree: ast.Module, statement: ast.stmt) -> int:
    """The last line of a statement, and of those that begin on it."""
    end = statement.end_lineno or statement.lineno
    for other in tree.body:
        if other.lineno <= end:
            end = max(end, other.end_lineno or other.lineno)
    return end


def _code(tree: ast.Module, owner: str, names: Sequence[str], apart: Collection[str]) -> str:
    """Python that gives the name, or the class's methods, the reference's meaning."""
    kept = _needed(tree, owner, names, apart)
    if names == [owner]:
        body: list[ast.stmt] = [*kept, *ast.parse(f"def _():\n    return {owner}").body[0].body]  # type: ignore[attr-defined]
        return f"{_maker(body, '')}\n{owner} = {_MAKER}()\ndel {_MAKER}"
    methods = [name.partition(".")[2] for name in names]
    class_ = _last(tree, owner)
    assert isinstance(class_, ast.ClassDef)  # `home_of` found its methods
    # `super()` without arguments looks for a variable called `__class__` around the method.
    given = [f"__class__.{method} = {method}" for method in methods]
    body = [*kept, *_methods(class_, methods), *ast.parse("\n".join(given)).body]
    return f"{_maker(body, '__class__')}\n{_MAKER}({owner})\ndel {_MAKER}"


def _needed(tree: ast.Module, owner: str, names: Sequence[str], apart: Collection[str]) -> list[ast.stmt]:
    """The statements of the reference's cell that define the name, and what they use of the same cell."""
    last = _last(tree, owner)
    assert last is not None  # `home_of` found it
    whole = names == [owner]
    uses = (
        last
        if whole or not isinstance(last, ast.ClassDef)
        else ast.Module([*_methods(last, [name.partition(".")[2] for name in names])], [])
    )
    wanted = {owner} if whole else set()
    open_ = used_names(ast.unparse(uses)) | wanted
    while open_:
        wanted |= open_
        more = [s for s in tree.body if _given(s) & open_]
        open_ = {name for s in more for name in used_names(ast.unparse(s))} - wanted
    wanted -= set(apart) - {owner}
    if not whole:
        wanted.discard(owner)
    return [statement for statement in tree.body if _given(statement) & wanted]


def _maker(body: Sequence[ast.stmt], parameter: str) -> str:
    function = ast.parse(f"def {_MAKER}({parameter}):\n    pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body = list(body)
    return ast.unparse(ast.fix_missing_locations(function))


def _methods(class_: ast.ClassDef, names: Collection[str]) -> list[ast.stmt]:
    return [s for s in class_.body if isinstance(s, _Method) and s.name in names]


def _last(tree: ast.Module, name: str) -> ast.stmt | None:
    """The last statement of a cell that gives a name a meaning."""
    return next((s for s in reversed(tree.body) if name in _given(s)), None)


def _given(statement: ast.stmt) -> set[str]:
    return names_left(ast.Module(body=[statement], type_ignores=[]))


def _code_cell(code: str, id_: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "".join(c if c.isascii() and c.isalnum() else "-" for c in id_)[:64],
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": code,
    }


def _grade_id(cell: dict[str, Any]) -> str | None:
    marks = cell.get("metadata", {}).get("nbgrader")
    return marks.get("grade_id") if isinstance(marks, dict) else None


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)
