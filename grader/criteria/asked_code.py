"""Compares the function that a kernel was asked with the one that was read, and what either reaches.

A notebook can give a name another meaning in ways that its text hardly shows: a loop's variable, `globals()`, a
function whose code is replaced, a module that it wrote. What lives in the kernel is told by digests of code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.criteria.compiled import Compiled
from grader.criteria.live_code import LiveCode, LiveObject
from grader.criteria.search import live_nodes, reach
from grader.criteria.syntax import Definition, Program

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_CODE = _FUNCTION | ast.ClassDef


@dataclass
class Asked:
    """What was asked, beside what is read."""

    root: Definition
    """The definition to read: of several with the name, the one that was asked."""
    other: str = ""
    """How what was asked is none of them; empty where it is one."""
    unread: list[str] = field(default_factory=list)
    """What is reached and cannot be read."""
    beside: list[Definition] = field(default_factory=list)
    """What is reached, stands in the notebook, and reading alone does not find."""
    replaced: list[str] = field(default_factory=list)
    """Functions that reading finds and that are not what their names mean."""
    alive: list[Definition] = field(default_factory=list)
    """All functions of the notebook that are reached."""
    libraries: list[tuple[str, str]] = field(default_factory=list)
    """What is reached of libraries: how, and the dotted name."""

    @property
    def differs(self) -> bool:
        """Whether more or less is reached than was read."""
        return bool(self.unread or self.beside or self.replaced)


def compare(function: str, program: Program, compiled: Compiled, live: LiveCode) -> Asked:
    """Compare one function or class, which the notebook defines, with what its name stands for."""
    candidates = program.every[function]
    root = next((c for c in reversed(candidates) if _is_asked(c, program, compiled, live)), None)
    if root is None:
        return Asked(candidates[-1], other=_other(function, candidates[-1], compiled, live))
    asked = Asked(root)
    read = _digests(reach(program, [root]), compiled)
    used = _Names(reach(program, [root]))
    starts = [live.root, *live.modes]
    starts += [place for name, place in live.patched.items() if used.may_call(name.rpartition(".")[2])]
    for path, thing in _reached(live, starts, compiled):
        _note(asked, path, thing, program, compiled, read)
    if live.is_cut:
        asked.unread.append("It reaches more than could be looked at.")
    if live.is_traced:
        asked.unread.append("A trace function is set, which runs beside all code.")
    return asked


def functions_of(live: LiveCode) -> frozenset[str]:
    """The digests of the functions that a name stands for: its own, those that it is wrapped around, its methods'."""
    return frozenset(thing.digest for thing in _held(live, live.root) if thing.kind == "function")


class _Names:
    """Names and attributes that code uses."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.used: set[str] = set()
        for definition in definitions:
            for node in ast.walk(definition.node):
                if isinstance(node, ast.Name):
                    self.used.add(node.id)
                elif isinstance(node, ast.Attribute):
                    self.used.add(node.attr)

    def may_call(self, name: str) -> bool:
        """Operators call what is written nowhere."""
        return name in self.used or name.startswith("__")


def _is_asked(candidate: Definition, program: Program, compiled: Compiled, live: LiveCode) -> bool:
    node, top = candidate.node, _object(live, live.root)
    if isinstance(node, ast.ClassDef):
        return top is not None and top.kind == "class" and _has_methods(node, top, compiled, live)
    held = [thing.digest for thing in _held(live, live.root) if thing.kind == "function"]
    if isinstance(node, _FUNCTION):
        own = compiled.digests.get(id(node), frozenset())
        if getattr(node, "decorator_list", []):
            return any(digest in own for digest in held)
        return top is not None and top.digest in own
    return set(held) <= _digests(reach(program, [candidate]), compiled)


def _has_methods(node: ast.ClassDef, top: LiveObject, compiled: Compiled, live: LiveCode) -> bool:
    methods = {s.name: s for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)}
    for name, method in methods.items():
        held = {thing.digest for thing in _held(live, top.refs.get(f"attribute:{name}"))}
        if not held & compiled.digests.get(id(method), frozenset()):
            return False
    return True


def _held(live: LiveCode, start: int | None) -> Iterator[LiveObject]:
    """An object and what it is wrapped around, not what the names in its code mean."""
    waiting, seen = ([] if start is None else [start]), set[int]()
    while waiting:
        place = waiting.pop()
        thing = _object(live, place)
        if thing is None or place in seen:
            continue
        seen.add(place)
        yield thing
        waiting += [to for label, to in thing.refs.items() if not label.startswith("global:")]


def _reached(
    live: LiveCode, starts: Iterable[int | None], compiled: Compiled
) -> Iterator[tuple[str, LiveObject]]:
    """Each object once, and how it is reached; names in code are attributes where the text says so."""
    waiting = [("", place) for place in starts if place is not None]
    seen: set[int] = set()
    while waiting:
        path, place = waiting.pop(0)
        thing = _object(live, place)
        if thing is None or place in seen:
            continue
        seen.add(place)
        texts = compiled.definitions.get(thing.digest, ())
        if texts:
            named = {f"global:{name}" for text in texts for name, _ in _global_names(text.node)}
            refs = {k: v for k, v in thing.refs.items() if not k.startswith("global:") or k in named}
            libraries = {
                k: v for k, v in thing.libraries.items() if not k.startswith("global:") or k in named
            }
            thing = thing.model_copy(update={"refs": refs, "libraries": libraries})
        yield path, thing
        waiting += list(thing.refs.items())


def _note(
    asked: Asked, path: str, thing: LiveObject, program: Program, compiled: Compiled, read: frozenset[str]
) -> None:
    asked.libraries += thing.libraries.items()
    if thing.kind == "module":
        asked.unread.append(f"The module `{thing.name}` is reached, which is no library.")
    if thing.kind != "function":
        return
    texts = compiled.definitions.get(thing.digest, ())
    asked.alive += texts
    if not texts:
        asked.unread.append(f"`{thing.name}` is reached ({path or 'itself'}), {_origin(thing)}.")
    elif thing.digest not in read:
        asked.beside += texts
    if not thing.is_own:
        asked.unread.append(f"`{thing.name}` runs among other names than the notebook's.")
    for text in texts:
        for name, node in _global_names(text.node):
            meant = program.definitions.get(name)
            if meant is not None and isinstance(meant.node, _CODE) and f"global:{name}" not in thing.refs:
                line = getattr(node, "lineno", 0)
                asked.replaced.append(
                    f"`{name}`, in line {line} of cell {text.cell + 1}, is not what cell {meant.cell + 1} defines."
                )


def _global_names(root: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that code takes from the notebook, without its decorators and default values, which have run."""
    body: list[ast.AST] = (
        list(root.body) if isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef) else [root]
    )
    local = next((local for node, local in live_nodes(root) if node is not root), frozenset[str]())
    for part in body:
        for node, inner in live_nodes(part):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in local | inner:
                yield node.id, node


def _digests(definitions: Iterable[Definition], compiled: Compiled) -> frozenset[str]:
    return frozenset().union(*(compiled.inside(definition.node) for definition in definitions))


def _object(live: LiveCode, place: int | None) -> LiveObject | None:
    return live.objects[place] if place is not None and 0 <= place < len(live.objects) else None


def _other(function: str, read: Definition, compiled: Compiled, live: LiveCode) -> str:
    start = f"`{function}` is read in cell {read.cell + 1}; what was called under this name is"
    functions = [thing for thing in _held(live, live.root) if thing.kind == "function"]
    for thing in functions:
        for text in compiled.definitions.get(thing.digest, ()):
            return f"{start} `{text.name}` of cell {text.cell + 1}, line {getattr(text.node, 'lineno', '?')}."
    if functions:
        return f"{start} `{functions[0].name}`, {_origin(functions[0])}."
    top = _object(live, live.root)
    return f"{start} {f'of the class `{top.name}`' if top else live.root_library or 'no function'}."


def _origin(thing: LiveObject) -> str:
    if thing.cell is None:
        return f"whose code stands in no cell (its line {thing.line})"
    return f"whose code is not in the notebook's text (made by In[{thing.cell}], line {thing.line})"
