"""Finds files below a folder without following links."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.model.file_words import reason_of
from grader.model.submission import SetAside
from grader.model.text import Text, say

_IGNORED = {"__macosx", "__pycache__", "node_modules", "thumbs.db", "desktop.ini"}
GIT_FOLDER = ".git"
"""Its presence tells that the folder around it is a repository; nothing in it is read."""
_DEEPEST = 32
_PIECE = 1 << 20
_MOST_HASHED = 4 << 30
"""Bytes: a file may be large on paper only, and nobody waits an hour for its digest."""
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Found:
    """One regular file."""

    key: str
    """Tells it from all others of this run."""
    parts: tuple[str, ...]
    """Names from the folder that was given down to the file, NFC; the given folder's own name comes first."""
    mtime_ns: int
    size: int
    read: Callable[[int], bytes]
    """Its first bytes, at most as many as asked for; raises OSError."""
    digest: Callable[[], str | None] = lambda: None
    """SHA-256 of all its bytes, however many it is read for; None when they are too many; raises OSError."""
    checksum: int = 0
    """CRC-32 of its bytes, where an archive tells it."""

    @property
    def shown(self) -> str:
        """The path for people, relative to the folder that was given."""
        return "/".join(self.parts[1:])


def nfc(text: str) -> str:
    """Composed Unicode; undecodable bytes of a file name, control characters and turns of direction are replaced."""
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFC", readable))


def is_ignored(name: str) -> bool:
    """Whether it is the machine's own (`.ipynb_checkpoints`, `__MACOSX`, hidden files), and no hand-in."""
    return name.startswith(".") or name.lower() in _IGNORED


def find_files(root: Path) -> Iterator[Found | SetAside]:
    """All regular files below a folder, in order of name; what cannot be entered comes as set aside."""
    yield from _walk(root, (nfc(root.resolve().name),))


def find_file(path: Path) -> Found | SetAside:
    """One file that was named itself; its folder's name stands for the folder that was given."""
    real = path.resolve()
    return _file(real, (nfc(real.parent.name), nfc(real.name)))


def _walk(folder: Path, parts: tuple[str, ...]) -> Iterator[Found | SetAside]:
    shown = "/".join(parts[1:]) or parts[0]
    if len(parts) > _DEEPEST:
        yield SetAside(path=shown, reason=say("The folder lies too deep; nothing in it was read."))
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: (nfc(entry.name), entry.name))
    except OSError as error:
        yield SetAside(path=shown, reason=cannot_open(error))
        return
    if not entries and len(parts) > 1:
        yield SetAside(path=shown, reason=say("The folder is empty."))
    for entry in entries:
        below = (*parts, nfc(entry.name))
        if entry.name == GIT_FOLDER and not entry.is_symlink():
            yield git_marker(entry.path, below)
            continue
        if entry.is_symlink():
            yield SetAside(
                path="/".join(below[1:]),
                reason=say(
                    "This is a link to another place. Links are not followed; hand in the file itself."
                ),
            )
        elif entry.is_dir(follow_symlinks=False):
            if not is_ignored(entry.name):
                yield from _walk(Path(entry.path), below)
        elif not is_ignored(entry.name):
            yield _file(Path(entry.path), below)


def git_marker(key: str, parts: tuple[str, ...]) -> Found:
    """Stands for all that is in a `.git`."""
    return Found(key=key, parts=parts, mtime_ns=0, size=0, read=lambda limit: b"")


def _file(path: Path, parts: tuple[str, ...]) -> Found | SetAside:
    shown = "/".join(parts[1:])
    try:
        info = path.lstat()
    except OSError as error:
        return SetAside(path=shown, reason=cannot_open(error))
    if not stat.S_ISREG(info.st_mode):
        return SetAside(path=shown, reason=say("This is not an ordinary file."))
    return Found(
        key=os.fsdecode(path),
        parts=parts,
        mtime_ns=info.st_mtime_ns,
        size=info.st_size,
        read=lambda limit: _read(path, limit),
        digest=lambda: _digest(path),
    )


def digest_of(stream: IO[bytes], limit: int) -> str | None:
    """SHA-256 of all that a stream holds, piece by piece; None when that is more than `limit` bytes."""
    found = hashlib.sha256()
    while piece := stream.read(_PIECE):
        limit -= len(piece)
        if limit < 0:
            return None
        found.update(piece)
    return found.hexdigest()


def _read(path: Path, limit: int) -> bytes:
    with _opened(path) as stream:
        return stream.read(limit)


def _digest(path: Path) -> str | None:
    with _opened(path) as stream:
        return digest_of(stream, _MOST_HASHED) if os.fstat(stream.fileno()).st_size <= _MOST_HASHED else None


def _opened(path: Path) -> IO[bytes]:
    """The path is looked at anew: a link or a pipe that was put there in between is not opened."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def cannot_open(error: OSError) -> Text:
    """Words for a file or folder that the system refuses to open."""
    return say("It cannot be opened ({reason}). Check its permissions.", reason=reason_of(error))
