"""Makes a wheel of the grade that runs here, from its own files: no source tree and no network are needed.

A wheel is a zip of the package, its metadata, and a list of all files with their digests. pip builds one from sources
only, and those are not at hand where grade was installed from a wheel.
Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.errors import ConfigError
from grader.model.text import say

DATE = (1980, 1, 1, 0, 0, 0)
TAG = "py3-none-any"
_LEFT_OUT = ("__pycache__",)
_WHEEL = f"Wheel-Version: 1.0\nGenerator: grade\nRoot-Is-Purelib: true\nTag: {TAG}\n"


def own_wheel() -> tuple[str, bytes]:
    """Name and bytes; the same grade gives the same bytes.

    Raises: ConfigError when grade is not installed, so that nobody knows what it needs.
    """
    try:
        installed = distribution("grade")
    except PackageNotFoundError:
        raise ConfigError(
            say("grade is not installed here, so no wheel can be made of it: pip install -e .")
        ) from None
    info = f"grade-{installed.version}.dist-info"
    files = {f"grader/{name}": content for name, content in _package().items()}
    files |= {f"{info}/{name}": content for name, content in _metadata(installed).items()}
    files[f"{info}/WHEEL"] = _WHEEL.encode()
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
    return f"grade-{installed.version}-{TAG}.whl", buffer.getvalue()


def _package() -> dict[str, bytes]:
    """All files of the package, by their path with slashes."""
    root = Path(grader.__file__).parent
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not set(path.parts) & set(_LEFT_OUT) and path.suffix not in (".pyc", ".so")
    }


def _metadata(installed: Distribution) -> dict[str, bytes]:
    found = {name: installed.read_text(name) for name in ("METADATA", "entry_points.txt")}
    return {name: text.encode() for name, text in found.items() if text}


def _record(files: dict[str, bytes], own: str) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(content)))
    rows.writerow((own, "", ""))
    return text.getvalue().encode()
