"""What a notebook asks of a browser or a screen, where there is neither: pictures go inline, the rest is passed over.

In: an IPython shell, once, before the first cell. A cell that says `%matplotlib widget` runs on, as do those with
`%gui`, `%conda install`, or `%load_ext` of an extension that is not installed; stderr says what was passed over.
"""

from __future__ import annotations

import difflib
import functools
import re
import sys
from types import ModuleType
from typing import Any

import comm
from IPython.core.displaypub import CapturingDisplayPublisher

from .import_hooks import when_imported

INLINE = "inline"
INLINE_MODULE = "module://matplotlib_inline.backend_inline"
NEEDS_SCREEN = re.compile(
    r"(qt|tk|wx|gtk)[\da-z]*|osx|macosx|auto|ipympl|widget|notebook|nbagg|webagg|module://ipympl\..*", re.I
)
"""Backends of matplotlib that need somebody to look."""
PYPLOT = "matplotlib.pyplot"
INSTALLERS = ("conda", "mamba", "micromamba")
MAGICS = {
    "tensorboard": ("tensorboard",),
    "sql": ("sql",),
    "line_profiler": ("lprun",),
    "memory_profiler": ("memit", "mprun"),
    "cython": ("cython",),
    "heat": ("heat",),
}
"""What well-known extensions bring, by a part of their names."""


def install(shell: Any) -> None:
    """Change this shell; call before the first cell."""
    enable_matplotlib, load_extension = shell.enable_matplotlib, shell.extension_manager.load_extension

    def enable_inline(gui: Any = None) -> Any:
        return enable_matplotlib(INLINE if gui is None or NEEDS_SCREEN.fullmatch(gui) else gui)

    def enable_no_gui(gui: Any = None) -> None:
        if gui is not None:
            _note(f"%gui {gui}: there is no screen here; passed over")

    def load(name: str) -> Any:
        try:
            return load_extension(name)
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0] or _is_slip(name):
                raise
            _note(f"%load_ext {name}: not installed here; what it offers is passed over")
            _pass_over(shell, _magics_of(name))
            return None

    shell.enable_matplotlib, shell.enable_gui = enable_inline, enable_no_gui
    shell.extension_manager.load_extension = load
    shell.magics_manager.registry["PackagingMagics"]  # loaded later, it would take its magics back
    _pass_over(shell, INSTALLERS, kinds=("line",))
    # A progress bar says each of its steps to its widget in a page: thousands of messages that nobody reads.
    comm.create_comm = comm.DummyComm
    when_imported(PYPLOT, _keep_inline)
    if not hasattr(CapturingDisplayPublisher, "set_parent"):  # widgets ask for it below `%%capture`
        setattr(CapturingDisplayPublisher, "set_parent", _ask_no_parent)  # noqa: B010  mypy knows no such attribute


def _ask_no_parent(_publisher: Any, _parent: Any) -> None:
    """What is captured answers no message."""


def _keep_inline(pyplot: ModuleType) -> None:
    """Have `matplotlib.use`, the environment and the settings choose no backend that needs a screen."""
    switch: Any = getattr(pyplot, "switch_backend")  # noqa: B009  mypy knows no attributes of a module
    if getattr(switch, "_keeps_inline", False):
        return

    @functools.wraps(switch)
    def switch_backend(newbackend: Any) -> None:
        names_one = isinstance(newbackend, str)  # else matplotlib would look for a screen itself
        switch(newbackend if names_one and not NEEDS_SCREEN.fullmatch(newbackend) else INLINE_MODULE)

    setattr(switch_backend, "_keeps_inline", True)  # noqa: B010  as above
    setattr(pyplot, "switch_backend", switch_backend)  # noqa: B010  as above


def _is_slip(name: str) -> bool:
    """Whether this is a well-known extension's name, misspelt."""
    known = ("autoreload", "storemagic", "tensorboard", "line_profiler", "memory_profiler")
    return name not in known and bool(difflib.get_close_matches(name, known, 1, 0.8))


def _magics_of(extension: str) -> tuple[str, ...]:
    last = extension.rpartition(".")[2]
    return (last, *(magic for part, magics in MAGICS.items() if part in extension for magic in magics))


def _pass_over(shell: Any, names: tuple[str, ...], kinds: tuple[str, ...] = ("line", "cell")) -> None:
    for name in dict.fromkeys(names):
        said = functools.partial(_passed_over, name)
        for kind in kinds:
            shell.register_magic_function(said, kind, name)


def _passed_over(name: str, line: str = "", cell: str | None = None) -> None:
    marks = "%" if cell is None else "%%"
    _note(f"{marks}{name} {line.strip()}: cannot be had here; passed over")


def _note(words: str) -> None:
    print(words, file=sys.stderr)
