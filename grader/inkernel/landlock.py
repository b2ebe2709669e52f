"""Landlock for this process and all its children: which files there are, and that nobody outside gets a signal."""

from __future__ import annotations

import os
from typing import Any

import landlockpy
from landlockpy import AccessFS, AccessNet, Scope

_READ = AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.READ_DIR
_RIGHTS = {
    "read": _READ,
    "list": AccessFS.READ_DIR,
    "own": _READ
    | AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.REFER
    | AccessFS.REMOVE_DIR
    | AccessFS.REMOVE_FILE
    | AccessFS.MAKE_DIR
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_SYM
    | AccessFS.MAKE_FIFO
    | AccessFS.MAKE_SOCK
    | AccessFS.RESOLVE_UNIX,
    "devices": AccessFS.READ_FILE | AccessFS.WRITE_FILE,
    "gpu": AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.IOCTL_DEV,
    "terminals": AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.READ_DIR | AccessFS.IOCTL_DEV,
}
_OF_FILES = ~AccessFS.READ_DIR & (
    AccessFS.EXECUTE | AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.IOCTL_DEV
)


def restrict(rules: dict[str, Any]) -> None:
    """Set up what `rules` allow: a list of paths under each name of `_RIGHTS`; paths that are missing are left out.

    `self`: this process's folder in /proc may be read. `network`: nothing is done about TCP. `scoped`: no signals and
    no abstract sockets beyond this process and its children. `required`: raise OSError where there is no Landlock.
    """
    try:
        ruleset = landlockpy.Ruleset(
            handled_net=AccessNet.NONE if rules["network"] else None,
            scoped=Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET if rules["scoped"] else Scope.NONE,
        )
    except landlockpy.UnsupportedError:
        if rules["required"]:
            raise
        return
    with ruleset:
        for name, rights in _RIGHTS.items():
            for path in rules[name]:
                _allow(ruleset, path, rights)
        if rules["self"]:
            _allow(ruleset, f"/proc/{os.getpid()}", AccessFS.READ_FILE | AccessFS.READ_DIR)
        ruleset.restrict()


def _allow(ruleset: landlockpy.Ruleset, path: str, rights: AccessFS) -> None:
    if os.path.exists(path):
        ruleset.allow_path(path, rights if os.path.isdir(path) else rights & _OF_FILES)
