"""Recognises the layout, reads each notebook, tells whose and which exercise it is, and keeps one for each."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from grader.errors import IntakeError
from grader.intake.archive import archived_files, opened_archives
from grader.intake.files import Found, cannot_open, find_file, find_files
from grader.intake.layout import Layout
from grader.intake.layouts import LAYOUTS
from grader.intake.matching import Match, Matcher
from grader.intake.names import is_notebook_name, without_copy_number, without_suffix, words
from grader.intake.notebook import LIMIT_BYTES, Reading, read_notebook
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.submission import Intake, SetAside, Submission
from grader.model.text import Text, say

_SAME_TIME_NS = 2 * 10**9
"""Archives keep times to two seconds; files nearer than that are of one age."""


@dataclass(frozen=True)
class _Candidate:
    submission: Submission
    mtime_ns: int
    copy: int


def read_submissions(paths: Sequence[Path], exercises: Sequence[Exercise]) -> Intake:
    """Find and read all submissions in folders and zip archives, or single notebooks.

    The newest of each student and exercise counts.

    Raises:
        IntakeError: a path does not exist, cannot be entered, or is neither a folder, a zip archive, nor a notebook.
    """
    matcher = Matcher(exercises)
    candidates: list[_Candidate] = []
    set_aside: list[SetAside] = []
    layouts: set[str] = set()
    seen: set[str] = set()
    for path in paths:
        found = list(opened_archives(_find(path)))
        layout = _recognise(found, matcher)
        layouts.add(layout.name)
        prefix = f"{path.resolve().name}/" if len(paths) > 1 and path.is_dir() else ""
        for file in found:
            if isinstance(file, SetAside):
                owned = _with_owner(file, layout, matcher)
                set_aside.append(owned.model_copy(update={"path": prefix + file.path}))
                continue
            if file.key in seen:
                continue
            seen.add(file.key)
            read = _read(file, prefix + file.shown, layout, matcher)
            if isinstance(read, SetAside):
                set_aside.append(read)
            elif read is not None:
                candidates.append(read)
    kept, older = _newest(candidates)
    return Intake(
        layout="moodle" if "moodle" in layouts else "plain",
        submissions=tuple(sorted(kept, key=_by_name)),
        set_aside=tuple(sorted((*set_aside, *older), key=lambda s: s.path)),
    )


def _by_name(submission: Submission) -> tuple[str, str, str, str]:
    """The dictionary's order: accents and case count only between names that are otherwise alike."""
    return " ".join(words(submission.name)), submission.name, submission.student, submission.exercise


def _find(path: Path) -> Iterator[Found | SetAside]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise IntakeError(f"{path} does not exist.") from None
    except OSError as error:
        raise IntakeError(f"{path} cannot be opened: {error.strerror}.") from error
    if stat.S_ISDIR(mode):
        if not os.access(path, os.R_OK | os.X_OK):
            raise IntakeError(f"{path} cannot be opened: permission denied.")
        yield from find_files(path.resolve())
    elif path.suffix.lower() == ".zip":
        yield from archived_files(path)
    elif path.suffix.lower() in (".tar", ".gz", ".tgz", ".7z", ".rar"):
        raise IntakeError(
            f"{path} is an archive of a kind that is not read here. Unpack it first, and give the folder."
        )
    elif is_notebook_name(path.name):
        yield find_file(path)
    else:
        raise IntakeError(f"{path} is neither a folder, a zip archive, nor a notebook (.ipynb).")


def _recognise(found: Iterable[Found | SetAside], matcher: Matcher) -> Layout:
    """By the files; where they show no LMS, the name of a folder that could not be entered may still."""
    files = [file for file in found if isinstance(file, Found)]
    folders = [below for file in found if isinstance(file, SetAside) for below in _inside(file)]
    for layout in LAYOUTS[:-1]:
        if any(layout.owner(file, matcher.compact_ids) for file in files):
            return layout
    fits = (layout for layout in LAYOUTS[:-1] if any(layout.owner(f, matcher.compact_ids) for f in folders))
    return next(fits, LAYOUTS[-1])


def _inside(unopened: SetAside) -> tuple[Found, Found]:
    """What could not be opened, as if it were a folder with a file in it, and as if it were a file."""
    place = ("", *unopened.path.split("/"))
    folder = Found(key="", parts=(*place, ""), mtime_ns=0, size=0, read=lambda limit: b"")
    return folder, replace(folder, parts=place)


def _with_owner(unopened: SetAside, layout: Layout, matcher: Matcher) -> SetAside:
    owner = next(filter(None, (layout.owner(file, matcher.compact_ids) for file in _inside(unopened))), None)
    if owner is None:
        return unopened
    return unopened.model_copy(update={"student": owner.student, "name": owner.name})


def _read(file: Found, shown: str, layout: Layout, matcher: Matcher) -> _Candidate | SetAside | None:
    owner = layout.owner(file, matcher.compact_ids)
    if owner is None:
        if not is_notebook_name(file.parts[-1]):
            return None
        return SetAside(path=shown, reason=say("It lies in no student's folder."))
    whose = {"student": owner.student, "name": owner.name}
    if owner.refused is not None:
        return SetAside(path=shown, reason=owner.refused, **whose)
    if not is_notebook_name(owner.file_name):
        if layout is LAYOUTS[-1] and len(file.parts) == 2:
            return None
        return SetAside(path=shown, reason=say("It is not a notebook (.ipynb)."), **whose)
    reading, sha256 = _open(file)
    match = matcher.match(reading.notebook, (owner.file_name, *reversed(owner.folders)))
    if match.exercise is None:
        return SetAside(path=shown, reason=reading.problem or _unmatched(match), **whose)
    submission = Submission(
        student=owner.student,
        name=owner.name,
        exercise=match.exercise,
        path=shown,
        sha256=sha256,
        notebook=None if reading.text is None else Packed.of(reading.text),
        problem=reading.problem,
        notices=reading.notices,
    )
    copy = without_copy_number(without_suffix(owner.file_name)).copy
    return _Candidate(submission, file.mtime_ns, copy)


def _open(file: Found) -> tuple[Reading, str]:
    """The file's reading and SHA-256; a file that is not read whole is told from others all the same."""
    try:
        raw = file.read(LIMIT_BYTES + 1) if file.size <= LIMIT_BYTES else b""
        if max(file.size, len(raw)) <= LIMIT_BYTES:
            return read_notebook(raw), hashlib.sha256(raw).hexdigest()
        reading, digest = Reading(None, _too_large(max(file.size, len(raw)))), file.digest()
    except OSError as error:
        reading, digest = Reading(None, cannot_open(error)), None
    if digest is not None:
        return reading, digest
    stands_for = say(
        "Not all of the file was read: in place of its SHA-256 stands that of its name, size, date and checksum."
    )
    known = f"{file.shown}\0{file.size}\0{file.mtime_ns}\0{file.checksum}"
    return replace(reading, notices=(stands_for,)), hashlib.sha256(known.encode()).hexdigest()


def _too_large(size: int) -> Text:
    return say(
        "The file is too large ({size} MB; the limit is {limit} MB)."
        " Clear the outputs (Kernel, Restart and clear output), save, and hand in again.",
        size=-(-size // 2**20),
        limit=LIMIT_BYTES // 2**20,
    )


def _unmatched(match: Match) -> Text:
    if match.candidates:
        return say(
            "It could be any of these exercises: {exercises}. Name the file after its exercise.",
            exercises=", ".join(match.candidates),
        )
    return say(
        "Neither its name nor its content tells which exercise it is. Name the file after its exercise."
    )


def _newest(candidates: Sequence[_Candidate]) -> tuple[list[Submission], list[SetAside]]:
    def whose(candidate: _Candidate) -> tuple[str, str]:
        return candidate.submission.student, candidate.submission.exercise

    kept: list[Submission] = []
    older: list[SetAside] = []
    for _, group in groupby(sorted(candidates, key=whose), key=whose):
        versions = list(group)
        latest = max(v.mtime_ns for v in versions)
        recent = [v for v in versions if latest - v.mtime_ns <= _SAME_TIME_NS]
        chosen = max(recent, key=lambda v: (v.copy, v.submission.path))
        kept.append(chosen.submission)
        reason = say(
            "There is a newer one of this student for this exercise: {path}.", path=chosen.submission.path
        )
        older += [
            SetAside(
                path=v.submission.path,
                reason=reason,
                student=v.submission.student,
                name=v.submission.name,
                exercise=v.submission.exercise,
                is_superseded=True,
            )
            for v in versions
            if v is not chosen
        ]
    return kept, older
