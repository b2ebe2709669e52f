"""Imports run downward only, and the parts of one layer do not import each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "grader"

LAYERS = (
    ("__main__",),
    ("cli", "commands"),
    ("pipeline", "selfcheck", "authoring", "service"),
    ("grading", "executors"),
    ("catalog", "intake", "late", "sandbox", "criteria", "scoring", "store", "reports", "export"),
    ("config", "i18n", "disk", "modules", "spreadsheet", "versions", "rubric_names"),
    ("errors",),
    ("model",),
)
ANSWERS_HERE = {"selfcheck"}
"""A live check puts its questions in the student's own process: it calls what else only runs inside a kernel."""
LEVEL = {part: level for level, parts in enumerate(reversed(LAYERS)) for part in parts}
MAY_MEET = ({"cli", "commands"}, {"config", "i18n"}, {"pipeline", "authoring"}, {"grading", "executors"})


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "grader":
            below = node.module.split(".")[1:]
            found |= {below[0]} if below else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:
            # Behind the walls the folder is a package of its own, whose files name each other relatively.
            assert node.level == (part_of(path) == "inkernel"), f"{path}: relative import"
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("grader.")}
    return found


FILES = sorted(p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py" or p.parent != PACKAGE)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    part = part_of(path)
    if part == "inkernel":
        assert imported_parts(path) <= {"inkernel"}, "what runs inside imports nothing of ours but itself"
        return
    for other in imported_parts(path) - {part} - ({"inkernel"} if part in ANSWERS_HERE else set()):
        assert other in LEVEL, f"{path} imports grader.{other}, which no layer names"
        allowed = LEVEL[other] < LEVEL[part] or {part, other} in MAY_MEET
        assert allowed, f"{path}: {part} must not import {other}"


def test_every_part_has_its_layer() -> None:
    parts = {part_of(p) for p in FILES} - {"inkernel"}
    assert parts <= set(LEVEL)
