"""`grade check`: one notebook, run from the top in a fresh kernel, asked by the examples of its kit, judged outside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import IntakeError, SandboxUnavailableError
from grader.grading.source import read_cells
from grader.grading.submission import hold_interview
from grader.intake.names import is_notebook_name
from grader.intake.notebook import LIMIT_BYTES, read_notebook
from grader.model.check_report import CheckReport
from grader.model.execution import CellRun
from grader.model.file_words import reason_of
from grader.model.report import CriterionResult
from grader.model.text import Language, Text, say
from grader.sandbox import LOCAL, choose_tier
from grader.selfcheck.hidden_state import Saved, hidden_state, read_saved
from grader.selfcheck.public import PublicExercise
from grader.selfcheck.reporting import report_of, told
from grader.versions import versions

Heard = int | CellRun | CriterionResult
"""A cell's index as it begins, how it went, or what a criterion decided."""


@dataclass(frozen=True)
class NotebookFile:
    """A notebook as it lies on the disk."""

    path: Path
    raw: bytes
    content: dict[str, Any]
    """nbformat 4.5, without outputs."""
    saved: dict[str, Saved]
    """What Jupyter saved of each code cell's last run."""
    notices: tuple[Text, ...]

    @property
    def sha256(self) -> str:
        """Of the file's bytes."""
        return hashlib.sha256(self.raw).hexdigest()


def read_file(path: Path) -> NotebookFile:
    """Read a notebook; raises IntakeError, which says what is wrong with it."""
    if path.is_dir() or not is_notebook_name(path.name):
        raise IntakeError(say("{path} is not a notebook: give one .ipynb file.", path=str(path)))
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise IntakeError(
                say("{path} is too large: clear its outputs, save it, and check again.", path=str(path))
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise IntakeError(say("{path} does not exist.", path=str(path))) from None
    except OSError as error:
        raise IntakeError(
            say("{path} cannot be opened: {reason}.", path=str(path), reason=reason_of(error))
        ) from error
    reading = read_notebook(raw)
    if reading.notebook is None:
        raise IntakeError(say("{path}: {fault}", path=str(path), fault=reading.problem or ""))
    return NotebookFile(path, raw, reading.notebook, _saved(raw), reading.notices)


def settle_walls(wanted: str) -> str:
    """The tier to run in: the strongest that holds here, where `auto` is wanted, else no walls.

    Raises: SandboxUnavailableError where a tier that was named does not hold.
    """
    if wanted == "none":
        return LOCAL
    try:
        return choose_tier(wanted)  # type: ignore[arg-type]
    except SandboxUnavailableError:
        if wanted != "auto":
            raise
        return LOCAL


def check_fresh(
    public: PublicExercise,
    file: NotebookFile,
    *,
    tier: str,
    language: Language,
    hear: Callable[[Heard], None] = lambda _: None,
) -> CheckReport:
    """Run, ask, judge; raises SandboxError when no kernel starts."""
    notebook = json.dumps(file.content, ensure_ascii=False)
    job = public.job(notebook, name=file.path.name, sha256=file.sha256, tier=tier)
    interview, results = hold_interview(
        job, notebook, questions=public.questions, hear=hear, inputs_are_public=True
    )
    found = hidden_state(read_cells(notebook), file.saved, interview.execution)
    return report_of(
        public,
        results,
        mode="fresh",
        language=language,
        remarks=(*file.notices, *interview.notices, *map(told, interview.repairs), *found),
        notebook=file.path.name,
        notebook_sha256=file.sha256,
        tier=tier,
        versions=versions(),
    )


def _saved(raw: bytes) -> dict[str, Saved]:
    """Nothing where the file needed mending to be read: what it says of its last run is a nicety."""
    try:
        return read_saved(json.loads(raw))
    except (ValueError, RecursionError):
        return {}
