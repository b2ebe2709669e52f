"""C++ objects with some of their virtual methods replaced, without a compiler.

Slots are counted in the headers that come with torch; the layout is that of the Itanium C++ ABI (2.5.2: offset to
top, type information, then one pointer a virtual method, two for a destructor).
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from pathlib import Path

import torch

from .errors import VirtualDeviceUnavailableError

WORD_BYTES = ctypes.sizeof(ctypes.c_void_p)
BEFORE_METHODS = 2
MOST_METHODS = 64
"""More than any class that is touched here has; what lies behind a table is copied and never called."""
RETURNS_ONE = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value
"""A C function that takes nothing, needs no lock and returns the integer 1: as a virtual method it says `true`,
`DeviceType::CUDA` (1, c10/core/DeviceType.h) and `Device{CUDA, 0}` (two bytes, c10/core/Device.h)."""
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_METHOD = re.compile(r"virtual\b([^;{(]*?)(~?\w+)\s*\(")


def slots_of(header: str, name: str) -> dict[str, int]:
    """Number of each virtual method of a class; raises VirtualDeviceUnavailableError when it is not found."""
    path = Path(torch.__file__).parent / "include" / header
    try:
        text = _COMMENTS.sub("", path.read_text(encoding="utf-8"))
    except OSError as error:
        raise VirtualDeviceUnavailableError(f"torch comes without {header}") from error
    found = re.search(rf"(?:struct|class)[^;{{]*\b{name}\b[^;{{]*\{{", text)
    if found is None:
        raise VirtualDeviceUnavailableError(f"{header} has no {name}")
    slots: dict[str, int] = {}
    following = 0
    for _, method in _METHOD.findall(_own_declarations(text, found.end())):
        slots[method] = following
        following += 2 if method.startswith("~") else 1
    return slots


def _own_declarations(text: str, start: int) -> str:
    """The body of a class without the bodies of its methods."""
    kept: list[str] = []
    depth, i = 1, start
    while depth:
        depth += (text[i] == "{") - (text[i] == "}")
        if depth == 1 or text[i] == "{":
            kept.append(text[i])
        i += 1
    return "".join(kept)


def replace_methods(address: int, methods: Mapping[int, int | None]) -> None:
    """Give the C++ object at `address` a table of its own, in which some slots lead elsewhere."""
    table = ctypes.c_void_p.from_address(address)
    assert table.value is not None
    size = BEFORE_METHODS + MOST_METHODS
    own = (ctypes.c_void_p * size)(
        *(ctypes.c_void_p * size).from_address(table.value - BEFORE_METHODS * WORD_BYTES)
    )
    for slot, function in methods.items():
        own[BEFORE_METHODS + slot] = function
    make_immortal(own)
    table.value = ctypes.addressof(own) + BEFORE_METHODS * WORD_BYTES


def make_immortal(*objects: object) -> None:
    """Keep what C++ points to until the process ends: it is used after the interpreter has shut down."""
    for thing in objects:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def library(name: str) -> ctypes.CDLL:
    """One of torch's own libraries; raises VirtualDeviceUnavailableError."""
    try:
        return ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / name))
    except OSError as error:
        raise VirtualDeviceUnavailableError(f"torch comes without {name}") from error
