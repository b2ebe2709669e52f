"""Zip archives, read in place: nothing is unpacked to disk, so that no name in one can lead anywhere.

Moodle's "download all submissions" is such an archive, and students hand in archives of their own.
"""

from __future__ import annotations

import calendar
import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from grader.errors import IntakeError
from grader.intake.files import GIT_FOLDER, Found, cannot_open, digest_of, git_marker, is_ignored, nfc
from grader.intake.names import is_notebook_name
from grader.intake.notebook import LIMIT_BYTES
from grader.model.file_words import reason_of
from grader.model.submission import SetAside
from grader.model.text import Text, say

ARCHIVE = ".zip"
METADATA = "submission_metadata.yml"
"""Gradescope's list of who handed in what."""
_SLIP = re.compile(r"_\d{4}(?:-\d{2}){5}\.txt$")
"""Blackboard's note beside an attempt."""
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What zipfile raises for archives that are broken, or packed in a way that it does not know."""


class _Limits(NamedTuple):
    entries: int
    bytes: int
    listing: int
    """Bytes of its list of entries, which is read whole: a short archive can list millions."""
    archive: int = 0
    """Bytes of an archive in it that is opened in its turn."""


_STUDENTS = _Limits(entries=500, bytes=100 << 20, listing=4 << 20)
_TEACHERS = _Limits(entries=50_000, bytes=4 << 30, listing=32 << 20, archive=_STUDENTS.bytes)


class _BrokenArchiveError(Exception):
    """No zip archive, or a damaged one."""


class _LongListingError(Exception):
    """The list of entries is too long to be read."""


class _Bounded:
    """A stream of which no piece longer than `most` is read, while `most` is set."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self.most: int | None = most

    def read(self, size: int = -1) -> bytes:
        if self.most is None:
            return self._stream.read(size)
        raw = b"" if size > self.most else self._stream.read(self.most + 1 if size < 0 else size)
        if size > self.most or len(raw) > self.most:
            raise _LongListingError
        return raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def archived_files(path: Path) -> list[Found | SetAside]:
    """All files in an archive that was given in place of a folder, and in students' own archives in it.

    Raises:
        IntakeError: it is no zip archive, or cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            entries = _entries(stream, (nfc(path.stem),), str(path.resolve()), _TEACHERS)
            return list(opened_archives(entries))
    except OSError as error:
        raise IntakeError(
            say("{path} cannot be opened: {reason}.", path=str(path), reason=reason_of(error))
        ) from error
    except _BrokenArchiveError as error:
        raise IntakeError(
            say("{path} is no zip archive, or is damaged. Download it again.", path=str(path))
        ) from error
    except _LongListingError as error:
        raise IntakeError(
            say("{path} lists more files than a download of submissions has.", path=str(path))
        ) from error


def opened_archives(found: Iterable[Found | SetAside]) -> Iterator[Found | SetAside]:
    """The same files, with what is in students' own zip archives in the place of these."""
    for file in found:
        if isinstance(file, Found) and file.parts[-1].lower().endswith(ARCHIVE):
            yield from _of_a_student(file)
        else:
            yield file


def _of_a_student(file: Found) -> list[Found | SetAside]:
    try:
        raw = file.read(_STUDENTS.bytes + 1) if file.size <= _STUDENTS.bytes else b""
        if max(file.size, len(raw)) > _STUDENTS.bytes:
            return [SetAside(path=file.shown, reason=_too_large())]
        inside = (*file.parts[:-1], file.parts[-1][: -len(ARCHIVE)])
        return list(_entries(io.BytesIO(raw), inside, file.key, _STUDENTS))
    except _LongListingError:
        return [SetAside(path=file.shown, reason=_too_large())]
    except OSError as error:
        return [SetAside(path=file.shown, reason=cannot_open(error))]
    except _BrokenArchiveError:
        return [SetAside(path=file.shown, reason=say("The archive is damaged. Hand in the notebook itself."))]


def _too_large() -> Text:
    return say("The archive is too large. Hand in the notebook itself.")


def _entries(
    stream: IO[bytes], parts: tuple[str, ...], key: str, limits: _Limits
) -> Iterator[Found | SetAside]:
    bounded = _Bounded(stream, limits.listing)
    try:
        archive = zipfile.ZipFile(cast("IO[bytes]", bounded))
    except _DAMAGED as error:
        raise _BrokenArchiveError from error
    bounded.most = None
    with archive:
        infos = sorted(
            ((_name(i), i.header_offset, i) for i in archive.infolist() if not i.filename.endswith("/")),
            key=lambda entry: entry[:2],
        )
        left = limits.bytes
        repositories: set[tuple[str, ...]] = set()
        for count, (name, _, info) in enumerate(infos):
            below = (*parts, *name)
            if GIT_FOLDER in name:
                marker = (*parts, *name[: name.index(GIT_FOLDER) + 1])
                if marker not in repositories:
                    repositories.add(marker)
                    yield git_marker(f"{key}:{'/'.join(marker)}", marker)
                continue
            if not name or any(is_ignored(part) for part in name):
                continue
            if count >= limits.entries or left <= 0:
                reason = say("The archive holds too much; the rest of it was not read.")
                yield SetAside(path="/".join(below[1:]), reason=reason)
                return
            size = info.file_size if _most_read(name[-1], limits) else 0
            is_hashed = size <= max(left, LIMIT_BYTES)
            left -= size if is_hashed else 0
            yield _entry(archive, info, below, key, limits, is_hashed=is_hashed)


def _name(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The entry's path as it is shown; it is never opened, so that it may be anything."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAMES:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    return tuple(nfc(part) for part in name.replace("\\", "/").split("/") if part not in ("", ".", ".."))


def _entry(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    parts: tuple[str, ...],
    key: str,
    limits: _Limits,
    *,
    is_hashed: bool,
) -> Found | SetAside:
    shown = "/".join(parts[1:])
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return SetAside(path=shown, reason=say("This is not an ordinary file."))
    if info.flag_bits & _ENCRYPTED:
        return SetAside(path=shown, reason=say("It is encrypted. Hand in the notebook without a password."))
    raw, digest = b"", None
    most = _most_read(parts[-1], limits)
    if most:
        try:
            with archive.open(info) as stream:
                if info.file_size <= most:
                    raw = stream.read(most + 1)
                elif is_hashed and most <= LIMIT_BYTES:
                    digest = digest_of(stream, info.file_size)
        except _DAMAGED:
            return SetAside(
                path=shown, reason=say("It is damaged in its archive. Hand in the notebook itself.")
            )
    return Found(
        key=f"{key}:{info.header_offset}",
        parts=parts,
        mtime_ns=_time_ns(info),
        size=max(info.file_size, len(raw)),
        read=lambda limit: raw[:limit],
        digest=lambda: digest,
        checksum=info.CRC,
    )


def _most_read(name: str, limits: _Limits) -> int:
    """Bytes: of notebooks, and of the lists and slips of LMSs that tell whose they are; of archives in archives."""
    if name.lower().endswith(ARCHIVE):
        return limits.archive
    is_read = is_notebook_name(name) or name == METADATA or _SLIP.search(name) is not None
    return LIMIT_BYTES if is_read else 0


def _time_ns(info: zipfile.ZipInfo) -> int:
    """The entry's own clock, taken for UTC; archives tell no time zone."""
    try:
        return calendar.timegm((*info.date_time, 0, 0, 0)) * 10**9
    except (ValueError, OverflowError):
        return 0
