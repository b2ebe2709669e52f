"""What a name of the notebook stands for once it has run, as plain data: which code it is, and which it reaches.

Functions are told by a digest of their code, so that a process outside can compare them with what it compiles from
the text that was handed in. Attributes are read by the types' own descriptors, picked up before any student code runs.
"""

from __future__ import annotations

import builtins
import gc
import hashlib
import json
import marshal
import os
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

MOST_OBJECTS = 400
MOST_VISITED = 4000
MOST_ITEMS = 64
"""Elements of one container, or attributes of one object, that are looked at."""
DEEPEST = 5
"""Containers and objects of libraries, one in another."""
FUTURE_FLAGS = 0x1FFFF
"""Of a code object's flags, all but those of `from __future__ import …`."""

_function: Any = types.FunctionType.__dict__
_code, _globals = _function["__code__"].__get__, _function["__globals__"].__get__
_defaults, _kwdefaults = _function["__defaults__"].__get__, _function["__kwdefaults__"].__get__
_closure, _builtins_of = _function["__closure__"].__get__, _function["__builtins__"].__get__
_qualname = _function["__qualname__"].__get__
_type_dict: Any = type.__dict__
_mro, _class_dict, _class_name = (_type_dict[n].__get__ for n in ("__mro__", "__dict__", "__name__"))
_module_type: Any = types.ModuleType
_module_dict: Any = _type_dict["__dict__"].__get__(_module_type)["__dict__"].__get__
_code_type: Any = types.CodeType.__dict__
_consts, _names, _free = (_code_type[n].__get__ for n in ("co_consts", "co_names", "co_freevars"))
_filename, _line, _code_name = (_code_type[n].__get__ for n in ("co_filename", "co_firstlineno", "co_name"))
_flags: Any = _code_type["co_flags"].__get__
_replace: Any = types.CodeType.replace
_cell_contents: Any = types.CellType.__dict__["cell_contents"].__get__
_dumps, _sha256, _referents = marshal.dumps, hashlib.sha256, gc.get_referents
_to_json, _bytes_as_array = json.dumps, np.frombuffer
_type, _isinstance, _issubclass, _id, _len = type, isinstance, issubclass, id, len
_get_attribute: Any = object.__getattribute__
_gettrace, _getprofile = sys.gettrace, sys.getprofile
_function_modes: Any = torch.overrides._get_current_function_mode_stack
_modules = sys.modules
_BEFORE = frozenset(sys.modules)
"""Modules that were there before the notebook."""
_OURS = f"{__package__}."
_PREFIXES = tuple(
    {os.path.realpath(p) + os.sep for p in (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))}
)
_FunctionType, _CodeType, _ModuleType = types.FunctionType, types.CodeType, types.ModuleType
_BUILTIN: tuple[type, ...] = (
    types.BuiltinFunctionType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
_PLAIN: tuple[type, ...] = (
    int,
    float,
    complex,
    bool,
    str,
    bytes,
    type(None),
    np.ndarray,
    torch.device,
    torch.dtype,
)
_WATCHED: tuple[tuple[str, Any], ...] = (
    ("torch", torch),
    ("torch.Tensor", torch.Tensor),
    ("torch.autograd", torch.autograd),
    ("torch.nn", torch.nn),
    ("torch.nn.Module", torch.nn.Module),
    ("torch.nn.functional", torch.nn.functional),
    ("torch.optim", torch.optim),
    ("torch.optim.Optimizer", torch.optim.Optimizer),
    ("builtins", builtins),
)
"""Where a function of the notebook's, put in the place of torch's, would be called by code that does not name it."""


def live_code(shell: Any, names: Mapping[str, Any], root: str) -> Any:
    """All that `root` (a function, a class, `Class.method`) reaches, as JSON in an array of bytes.

    `names`: the notebook's names; `shell`: whose namespace is the notebook's, and who knows the cells' file names.
    """
    found = _Walk(shell, names)
    first, *rest = root.split(".")
    value = names.get(first)
    for attribute in rest:
        value = _attribute_of_class(value, attribute)
    told: dict[str, Any] = {
        "python": sys.version,
        "root": found.index(value, 0),
        "root_library": _library_name(value),
        "patched": found.patched(),
        "modes": [found.index(mode, 0) for mode in _function_modes()],
        "is_traced": _gettrace() is not None or _getprofile() is not None,
    }
    told |= {"objects": found.finished(), "is_cut": found.is_cut}
    return _bytes_as_array(_to_json(told).encode(), dtype=np.uint8)


class _Walk:
    """Notes what belongs to the notebook, each thing once."""

    def __init__(self, shell: Any, names: Mapping[str, Any]) -> None:
        self.namespaces = {_id(shell.user_ns), _id(_module_dict(shell.user_module)), _id(names)}
        self.shell = shell
        self.cells: Mapping[str, int] = getattr(shell.compile, "_filename_map", {})
        self.objects: list[dict[str, Any]] = []
        self.seen: dict[int, int | None] = {}
        self.kept: list[Any] = []
        """What was seen, so that no other object gets its id."""
        self.waiting: list[tuple[int, Any, int]] = []
        self.is_cut = False

    def finished(self) -> list[dict[str, Any]]:
        """Look at all that was met."""
        while self.waiting:
            place, value, depth = self.waiting.pop()
            self._look_into(self.objects[place], value, depth)
        return self.objects

    def index(self, value: Any, depth: int) -> int | None:
        """The place of a thing among `objects`; None where nothing of the notebook's is in it."""
        kind = _type(value)
        if kind in _PLAIN or kind in _BUILTIN or depth > DEEPEST:
            return None
        if value is self.shell or _id(value) in self.namespaces:
            return None
        if _id(value) in self.seen:
            return self.seen[_id(value)]
        if _len(self.seen) >= MOST_VISITED or _len(self.objects) >= MOST_OBJECTS:
            self.is_cut = True
            return None
        self.seen[_id(value)] = None
        self.kept.append(value)
        described = self._described(value, kind, depth)
        if described is None:
            return None
        self.objects.append(described)
        self.seen[_id(value)] = place = _len(self.objects) - 1
        if described["kind"] != "wrapper":
            self.waiting.append((place, value, depth))
        return place

    def patched(self) -> dict[str, int]:
        """What the notebook put in the place of torch's and Python's own: dotted name to its place."""
        found: dict[str, int] = {}
        for owner, place in _WATCHED:
            for name, value in list(_dict_of(place).items()):
                if self._is_of_notebook(value):
                    index = self.index(value, 0)
                    if index is not None:
                        found[f"{owner}.{name}"] = index
        return found

    def _is_of_notebook(self, value: Any) -> bool:
        kind = _type(value)
        if kind is _FunctionType:
            return not self._is_of_library(value)
        return _issubclass(kind, _type) and self._is_own_class(value)

    def _described(self, value: Any, kind: type, depth: int) -> dict[str, Any] | None:
        if kind is _FunctionType and not self._is_of_library(value):
            code = _code(value)
            return {
                "kind": "function",
                "name": str(_code_name(code)),
                "digest": digest_of(code),
                "cell": self.cells.get(_filename(code)),
                "line": _line(code),
                "is_own": _id(_globals(value)) in self.namespaces,
                "refs": {},
                "libraries": {},
            }
        if _issubclass(kind, _type) and self._is_own_class(value):
            return {"kind": "class", "name": _class_name(value), "refs": {}, "libraries": {}}
        if _issubclass(kind, _ModuleType):
            name = _module_dict(value).get("__name__")
            made = not _is_library_module(value)
            return {"kind": "module", "name": str(name), "refs": {}, "libraries": {}} if made else None
        if self._is_own_class(kind):
            return {"kind": "instance", "name": _class_name(kind), "refs": {}, "libraries": {}}
        refs = dict(self._refs(_inside(value, kind), depth + 1))
        if not refs:
            return None
        return {"kind": "wrapper", "name": _class_name(kind), "refs": refs, "libraries": {}}

    def _look_into(self, described: dict[str, Any], value: Any, depth: int) -> None:
        match described["kind"]:
            case "function":
                inside = [*_of_function(value), *_globals_used(value)]
            case "class":
                inside = [(f"attribute:{name}", item) for name, item in _class_dict(value).items()]
                inside += [(f"base:{_class_name(base)}", base) for base in _mro(value)[1:]]
                inside.append(("metaclass", _type(value)))
            case "instance":
                inside = [("class", _type(value)), *_inside(value, _type(value))]
            case _:
                inside = []
        described["refs"].update(self._refs(inside, depth))
        libraries = ((label, _library_name(item)) for label, item in inside)
        described["libraries"].update({label: name for label, name in libraries if name})

    def _refs(self, inside: list[tuple[str, Any]], depth: int) -> Iterator[tuple[str, int]]:
        for label, item in inside:
            place = self.index(item, depth)
            if place is not None:
                yield label, place

    def _is_of_library(self, function: Any) -> bool:
        names = _globals(function)
        if _id(names) in self.namespaces or _filename(_code(function)) in self.cells:
            return False
        module = _modules.get(names.get("__name__"))
        return module is not None and _dict_of(module) is names and _is_library_module(module)

    def _is_own_class(self, value: Any) -> bool:
        """Whether a class was made in the notebook, or in a module that is no library."""
        name = _class_dict(value).get("__module__")
        if _type(name) is not str or name == "builtins":  # a descriptor, in those that are made in C
            return False
        module = _modules.get(name)
        return module is None or name == "__main__" or not _is_library_module(module)


def digest_of(code: types.CodeType) -> str:
    """Of all that code does, whatever its file, lines and surroundings are."""
    try:
        return _sha256(_dumps(_bare(code), 2)).hexdigest()
    except ValueError:  # a constant that no compiler makes
        return "foreign constants"


def _bare(code: Any) -> types.CodeType:
    bare: types.CodeType = _replace(
        code,
        co_consts=tuple(_bare(c) if _type(c) is _CodeType else c for c in _consts(code)),
        co_filename="",
        co_firstlineno=1,
        co_linetable=b"",
        co_qualname=_code_name(code),
        co_flags=_flags(code) & FUTURE_FLAGS,
    )
    return bare


def _of_function(function: Any) -> list[tuple[str, Any]]:
    """What a function brings along: variables around it, and default values."""
    found: list[tuple[str, Any]] = []
    for name, cell in zip(_free(_code(function)), _closure(function) or (), strict=False):
        try:
            found.append((f"around:{name}", _cell_contents(cell)))
        except ValueError:  # not yet given a value
            continue
    found += [(f"default:{i}", item) for i, item in enumerate(_defaults(function) or ())]
    found += [(f"default:{name}", item) for name, item in (_kwdefaults(function) or {}).items()]
    return found


def _globals_used(function: Any) -> Iterator[tuple[str, Any]]:
    """What the names in a function's code mean; attributes that are called like a name are among them."""
    names, beside = _globals(function), _builtins_of(function)
    for name in dict.fromkeys(_all_names(_code(function))):
        if name in names:
            yield f"global:{name}", names[name]
        elif name in beside:
            yield f"global:{name}", beside[name]


def _all_names(code: Any) -> Iterator[str]:
    yield from _names(code)
    for constant in _consts(code):
        if _type(constant) is _CodeType:
            yield from _all_names(constant)


def _inside(value: Any, kind: type) -> list[tuple[str, Any]]:
    """What a container, a wrapper or an object of a library holds."""
    if kind is _FunctionType:
        return _of_function(value)
    if _issubclass(kind, _type | _ModuleType | torch.Tensor):
        return []
    if _issubclass(kind, dict):
        return [(f"item:{i}", item) for i, item in enumerate(list(dict.values(value))[:MOST_ITEMS])]
    found: list[tuple[str, Any]] = []
    for item in _referents(value)[:MOST_ITEMS]:
        if _type(item) is dict:
            held = list(dict.items(item))[:MOST_ITEMS]
            found += [
                (f"item:{str(key)[:50] if _type(key) is str else i}", v) for i, (key, v) in enumerate(held)
            ]
        elif item is not kind:
            found.append((f"item:{_len(found)}", item))
    return found


def _attribute_of_class(value: Any, name: str) -> Any:
    if not _issubclass(_type(value), _type):
        return None
    return next((_class_dict(base)[name] for base in _mro(value) if name in _class_dict(base)), None)


def _dict_of(value: Any) -> Any:
    return _class_dict(value) if _issubclass(_type(value), _type) else _module_dict(value)


def _is_library_module(module: Any) -> bool:
    if not _issubclass(_type(module), _ModuleType):
        return False
    names = _module_dict(module)
    name, file = names.get("__name__"), names.get("__file__")
    if name == "__main__":
        return False
    if name in _BEFORE or file is None or str(name).startswith(_OURS):
        return True
    return os.path.realpath(str(file)).startswith(_PREFIXES)


def _library_name(value: Any) -> str:
    """`torch.autograd.grad`, for a module, function or class of a library; else empty."""
    kind = _type(value)
    if _issubclass(kind, _ModuleType):
        return str(_module_dict(value).get("__name__", ""))[:200]
    if kind is _FunctionType:
        return f"{_globals(value).get('__name__')}.{_qualname(value)}"[:200]
    if _issubclass(kind, _type):
        return f"{_class_dict(value).get('__module__', 'builtins')}.{_class_name(value)}"[:200]
    if kind in _BUILTIN:
        return str(_get_attribute(value, "__qualname__"))[:200]
    return ""
