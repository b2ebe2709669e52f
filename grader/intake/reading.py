"""Recognises the layout, reads each notebook, tells whose and which exercise it is, and keeps one for each."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import IntakeError
from grader.intake.archive import archived_files, opened_archives
from grader.intake.files import GIT_FOLDER, Found, cannot_open, find_file, find_files
from grader.intake.groups import gathered, read_groups, unit_of
from grader.intake.layout import Layout, Opened, Owner, Person
from grader.intake.matching import Match, Matcher
from grader.intake.names import is_notebook_name, without_copy_number, without_suffix, words
from grader.intake.newest import Candidate, Counts, IsLate, newest
from grader.intake.notebook import LIMIT_BYTES, Reading, read_notebook
from grader.intake.pattern import pattern_layout
from grader.intake.plain import PLAIN
from grader.intake.recognition import recognise, with_owner
from grader.model import receipt
from grader.model.content import content_sha256
from grader.model.exercise import Exercise
from grader.model.file_words import reason_of
from grader.model.packed import Packed
from grader.model.submission import Intake, Member, SetAside, Submission
from grader.model.text import Text, say


def read_submissions(
    paths: Sequence[Path],
    exercises: Sequence[Exercise],
    pattern: str | None = None,
    groups: Path | None = None,
    counts: Counts = "newest",
    is_late: IsLate = lambda submission: submission.late,
) -> Intake:
    """Find and read all submissions in folders and zip archives, or single notebooks.

    The newest of each student and exercise counts, or the newest that came in time, as `is_late` says. `pattern`
    describes a layout that is not known here; `groups` is a table of students who hand in together.

    Raises:
        IntakeError: a path does not exist, cannot be entered, or is neither a folder, a zip archive, nor a notebook;
            or the pattern is none, or the table of groups cannot be used.
    """
    table = None if groups is None else read_groups(groups)
    matcher = Matcher(exercises)
    described = None if pattern is None else pattern_layout(pattern)
    candidates: list[Candidate] = []
    set_aside: list[SetAside] = []
    notes: list[Text] = []
    layouts: set[str] = set()
    seen: set[str] = set()
    for path in paths:
        found = list(_find(path))
        place = _Place(*recognise(found, matcher.compact_ids, described), matcher)
        layouts.add(place.layout.name)
        notes += [note for note in place.opened.notes if note not in notes]
        prefix = f"{path.resolve().name}/" if len(paths) > 1 and path.is_dir() else ""
        for file in found:
            if isinstance(file, SetAside):
                owned = with_owner(file, place.opened.owner)
                set_aside.append(owned.model_copy(update={"path": prefix + file.path}))
                continue
            if file.key in seen:
                continue
            seen.add(file.key)
            for read in _read(file, prefix + file.shown, place):
                (set_aside if isinstance(read, SetAside) else candidates).append(read)  # type: ignore[arg-type]
    if table is not None:
        candidates, set_aside, told = gathered(candidates, set_aside, table)
        notes += told
    kept, older = newest(candidates, counts, is_late)
    return Intake(
        layout=", ".join(sorted(layouts)),
        submissions=tuple(sorted(kept, key=_by_name)),
        set_aside=tuple(sorted((*set_aside, *older), key=lambda s: s.path)),
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Place:
    """One of the paths that were given, and how it is to be read."""

    layout: Layout
    opened: Opened
    matcher: Matcher

    @property
    def stray(self) -> Text:
        """Why a notebook without an owner is not graded."""
        if self.layout.name == "pattern":
            return say("Its path does not fit the pattern.")
        return say("It lies in no student's folder.")


def _by_name(submission: Submission) -> tuple[str, str, str, str]:
    """The dictionary's order: accents and case count only between names that are otherwise alike."""
    return " ".join(words(submission.name)), submission.name, submission.student, submission.exercise


def _find(path: Path) -> Iterator[Found | SetAside]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise IntakeError(say("{path} does not exist.", path=str(path))) from None
    except OSError as error:
        raise IntakeError(
            say("{path} cannot be opened: {reason}.", path=str(path), reason=reason_of(error))
        ) from error
    if stat.S_ISDIR(mode):
        if not os.access(path, os.R_OK | os.X_OK):
            raise IntakeError(say("{path} cannot be opened: permission denied.", path=str(path)))
        yield from opened_archives(find_files(path.resolve()))
    elif path.suffix.lower() == ".zip":
        yield from archived_files(path)
    elif path.suffix.lower() in (".tar", ".gz", ".tgz", ".7z", ".rar"):
        raise IntakeError(
            say(
                "{path} is an archive of a kind that is not read here. Unpack it first, and give the folder.",
                path=str(path),
            )
        )
    elif is_notebook_name(path.name):
        yield find_file(path)
    else:
        raise IntakeError(
            say("{path} is neither a folder, a zip archive, nor a notebook (.ipynb).", path=str(path))
        )


def _read(file: Found, shown: str, place: _Place) -> Iterator[Candidate | SetAside]:
    """What one file is: nothing, a submission, or something to be set aside."""
    owner = place.opened.owner(file)
    is_notebook = is_notebook_name(file.parts[-1] if owner is None else owner.file_name)
    if file.parts[-1] == GIT_FOLDER or (owner is not None and owner.is_slip):
        return
    if file.parts[-1].endswith(
        receipt.SUFFIX
    ):  # of the student's own check: never believed, and nothing to mark
        return
    if owner is None:
        if is_notebook:
            yield SetAside(path=shown, reason=place.stray)
        return
    if owner.refused is not None:
        yield SetAside(path=shown, reason=owner.refused, student=owner.student, name=owner.name)
        return
    if not is_notebook:
        if place.layout is not PLAIN or len(file.parts) > 2:
            reason = say("It is not a notebook (.ipynb).")
            yield SetAside(path=shown, reason=reason, student=owner.student, name=owner.name)
        return
    reading, sha256 = _open(file)
    match = place.matcher.match(
        reading.notebook, (owner.exercise,) if owner.exercise else (owner.file_name, *reversed(owner.folders))
    )
    student, name, members = _whose(owner)
    if match.exercise is None:
        reason = reading.problem or _unmatched(match)
        yield SetAside(path=shown, reason=reason, student=student, name=name)
        return
    submission = Submission(
        student=student,
        name=name,
        exercise=match.exercise,
        path=shown,
        sha256=sha256,
        content_sha256="" if reading.notebook is None else content_sha256(reading.notebook),
        notebook=None if reading.text is None else Packed.of(reading.text),
        problem=reading.problem,
        notices=reading.notices,
        late=owner.late,
        handed_in_at=owner.handed_in_at,
        by_content=match.by_content,
        members=members,
    )
    copy = without_copy_number(without_suffix(owner.file_name)).copy
    yield Candidate(submission, file.mtime_ns, copy, owner.attempt)


def _whose(owner: Owner) -> tuple[str, str, tuple[Member, ...]]:
    """Identifier, name, and members where several handed in together."""
    if not owner.others:
        return owner.student, owner.name, ()
    people = (Person(owner.student, owner.name), *owner.others)
    return unit_of(Member(student=person.student, name=person.name) for person in people)


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
