"""What was measured, one start a line, in a JSON Lines file: an interrupted run goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from grader.authoring.calibration.starts import Start
from grader.errors import ReportError
from grader.model.file_words import unreadable, unwritable
from grader.model.text import say

FILE = "starts.jsonl"


def append(record: Path, start: Start) -> None:
    """Write one start down, whole: several workers write to one file. Raises: ReportError when it cannot be written."""
    line = start.model_dump_json().encode() + b"\n"
    try:
        descriptor = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ReportError(unwritable(record, error)) from error


def read(record: Path) -> Iterator[Start]:
    """All that is known; a line that a kill left half written is passed over, and ended.

    Raises: ReportError when the file cannot be read, or holds something else.
    """
    if not record.exists():
        return
    try:
        text = record.read_bytes()
        if text and not text.endswith(b"\n"):
            with record.open("ab") as stream:
                stream.write(b"\n")
    except OSError as error:
        raise ReportError(unreadable(record, error)) from error
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            yield Start.model_validate_json(line)
        except ValidationError as error:
            if _is_torn(line):
                continue
            raise ReportError(
                say(
                    "{path}, line {line}: is no start of a training; move the file away, and measure anew.",
                    path=str(record),
                    line=number,
                )
            ) from error


def _is_torn(line: bytes) -> bool:
    return not line.strip() or (line.startswith(b'{"key":') and not line.endswith(b"}"))
