"""Which modules notebooks import that this machine does not have: told before anything is graded."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from grader import modules
from grader.model.lack import Lack
from grader.model.notebook_code import parse
from grader.model.submission import Submission

_IMPORT = re.compile(r"(?:^|[\s;:])(?:import|from)\s+([^\W\d]\w*)")
_FAILURES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def missing_imports(submissions: Iterable[Submission]) -> list[tuple[Lack, int]]:
    """What is missing, and how many notebooks import it; what most import comes first.

    Imports that a notebook can do without (`try … except ImportError`), of files that it writes itself, and names that
    are slips are left out.
    """
    counts: Counter[Lack] = Counter()
    for submission in submissions:
        if submission.notebook is not None:
            counts.update(_missing(submission.notebook.text))
    return sorted(counts.items(), key=lambda found: (-found[1], found[0].name))


def _missing(notebook: str) -> set[Lack]:
    texts = list(_cells(notebook))
    wanted = {name for text in texts for name in _IMPORT.findall(text)}
    absent = {
        name for name in wanted if not modules.is_installed(name) and modules.meant_module(name) is None
    }
    absent -= {name for name in absent for text in texts if f"{name}.py" in text}
    if not absent:
        return set()
    trees = [tree for text in texts if (tree := parse(text)) is not None]
    found = {name for tree in trees for name in _imported(tree)} & absent
    return {lack_of_module(name) for name in found}


def lack_of_module(name: str) -> Lack:
    """A module that is not here, as a lack."""
    if modules.package_of(name) is not None:
        return Lack(kind="package", name=name)
    return Lack(kind="python" if modules.belongs_to_python(name) else "unknown", name=name)


def _cells(notebook: str) -> Iterator[str]:
    for cell in json.loads(notebook)["cells"]:
        if cell["cell_type"] == "code":
            source = cell.get("source", "")
            yield source if isinstance(source, str) else "".join(source)


def _imported(node: ast.AST) -> Iterator[str]:
    """First parts of all modules that are imported for good."""
    if isinstance(node, ast.Import):
        yield from (modules.top_of(alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
        yield modules.top_of(node.module)
    guarded = set(node.body) if isinstance(node, ast.Try) and any(map(_forgives, node.handlers)) else set()
    for child in ast.iter_child_nodes(node):
        if child not in guarded:
            yield from _imported(child)


def _forgives(handler: ast.ExceptHandler) -> bool:
    """Whether this handler takes a failed import."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _FAILURES) for kind in kinds)
