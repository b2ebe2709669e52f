"""Whether another machine may grade: the same versions of all that grades depend on, and walls that hold there."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import grader
from grader.errors import SandboxUnavailableError
from grader.model.text import Text, say
from grader.sandbox import choose_tier
from grader.store.keys import JUDGING_VERSION


@dataclass(frozen=True)
class Wanted:
    """What a machine must offer."""

    sandbox: Any
    """A tier, or `auto`."""
    libraries: tuple[str, ...]
    versions: Mapping[str, str]
    """What `own_versions` says of the libraries where the run was started."""


@dataclass(frozen=True)
class Finding:
    """What a machine offers."""

    tier: str = ""
    refusal: Text | None = None
    """Why it must not grade; None when all is well."""


def own_versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """Versions, here, of all that grades depend on, and of the code of `grade` itself."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return {**found, "judging version": str(JUDGING_VERSION), "code of grade": _code()}


def examine(wanted: Wanted) -> Finding:
    """Compare the versions, and try the walls; in a process that can be a job's later."""
    ours, theirs = own_versions(wanted.libraries), wanted.versions
    others = [name for name in ours if ours[name] != theirs[name]]
    if others:
        each = [different(name, ours[name], theirs[name]) for name in others]
        return Finding(
            refusal=reduce(lambda before, one: say("{before}; {one}", before=before, one=one), each)
        )
    try:
        return Finding(tier=choose_tier(wanted.sandbox))
    except SandboxUnavailableError as error:
        return Finding(refusal=error.text)


def different(name: str, theirs: str, wanted: str) -> Text:
    """That a machine has another version of something."""
    return say("it has {name} {version}, not {wanted}", name=name, version=theirs, wanted=wanted)


def _code() -> str:
    """SHA-256 of the program, shortened: two checkouts can call themselves by one version."""
    package = Path(grader.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
