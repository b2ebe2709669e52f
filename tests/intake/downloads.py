"""Made-up downloads of every layout: what each LMS would write for a class, as files by path."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests.intake.conftest import notebook

WHEN = (2026, 11, 2, 8, 0, 0)
Files = Mapping[str, str | bytes]


class Somebody(NamedTuple):
    """A student as an LMS knows one."""

    name: str
    number: int
    user: str


CLASS = (
    Somebody("Zoé Lefèvre", 40211, "zlefevre"),
    Somebody("Chloé DArc", 40212, "cdarc"),
    Somebody("Jean-Baptiste de La Tour", 40213, "jb-delatour"),
    Somebody("Nguyễn Thị Ánh", 40214, "nguyen_anh"),
    Somebody("Ольга Иванова", 40215, "oivanova"),
    Somebody("张伟", 40216, "zhang.wei"),
    Somebody("محمد علي", 40217, "mali"),
    Somebody("Jean Martin", 40218, "jmartin"),
    Somebody("Jean Martin", 40219, "jmartin2"),
)
NOTEBOOK = "02_autograd.ipynb"


def moodle_folders(ending: str = "") -> Files:
    """`ending` is `_` before 4.1."""
    return {f"{s.name}_{s.number}_assignsubmission_file{ending}/{NOTEBOOK}": notebook() for s in CLASS}


def moodle_flat() -> Files:
    return {f"{s.name}_{s.number}_assignsubmission_file_{NOTEBOOK}": notebook() for s in CLASS}


def moodle_anonymous() -> Files:
    return {f"Participant_{s.number}_assignsubmission_file/{NOTEBOOK}": notebook() for s in CLASS}


def moodle_groups(nobodys: str = "Groupe par défaut") -> Files:
    files: dict[str, str | bytes] = {
        f"Groupe {n}_{n}_assignsubmission_file/{NOTEBOOK}": notebook() for n in (31, 32)
    }
    return {**files, f"{nobodys}_assignsubmission_file/{NOTEBOOK}": notebook()}


def canvas_name(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def canvas(file: str = NOTEBOOK) -> Files:
    names = {
        s.number: f"{canvas_name(s.name)}_{'LATE_' if s.user == 'cdarc' else ''}{s.number}" for s in CLASS
    }
    files = {
        f"{names[s.number]}_{900_000 + i}_{file}": notebook(f"n = {s.number}") for i, s in enumerate(CLASS)
    }
    return {**files, f"{names[40211]}_text.html": "<p>", f"{names[40212]}_link.html": "<a>"}


def canvas_anonymous() -> Files:
    return {
        "anon_Ab3xZ_900001_02_autograd.ipynb": notebook(),
        "LATE_anon_Qr7tY_900002_02_autograd.ipynb": notebook("y = 1"),
    }


GRADESCOPE_LIST = """---
submission_501:
  :submitters:
  - :name: Zoé Lefèvre
    :sid: '0021'
    :email: zoe@univ.fr
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-02 08:00:00.000000000 Z
  :score: 12.0
  :results: &1
    :tests: []
submission_502:
  :submitters:
  - :name: Jean Martin
    :sid:
    :email: jm@univ.fr
  - :name: Chloé D'Arc
    :sid: '0022'
    :email: cd@univ.fr
  :created_at: 2026-11-02 08:00:00 -08:00
submission_503:
  :submitters: []
"""


def gradescope(listed: str | bytes = GRADESCOPE_LIST) -> Files:
    files: dict[str, str | bytes] = {
        f"assignment_77_export/submission_{n}/{NOTEBOOK}": notebook(f"n = {n}") for n in (501, 502, 503)
    }
    return {**files, "assignment_77_export/submission_metadata.yml": listed} if listed else files


def blackboard(word: str = "attempt", label: str = "Name") -> Files:
    files: dict[str, str | bytes] = {}
    for s in CLASS:
        head = f"TP 1_autograd_{s.user}_{word}_2026-11-02-08-00-00"
        files[f"{head}_{NOTEBOOK}"] = notebook(f"n = {s.number}")
        files[f"{head}.txt"] = f"{label}: {s.name} ({s.user})\nAssignment: TP 1_autograd\n"
    return files


def nbgrader() -> Files:
    files: dict[str, str | bytes] = {}
    for s in CLASS:
        files[f"submitted/{s.user}/tp1/{NOTEBOOK}"] = notebook(f"n = {s.number}")
        files[f"submitted/{s.user}/tp1/timestamp.txt"] = "2026-11-02 08:00:00.000000 UTC"
    return files


def git(slug: str = "tp1", around: str = "") -> Files:
    files: dict[str, str | bytes] = {}
    for s in CLASS:
        files[f"{around}{slug}-{s.user}/{NOTEBOOK}"] = notebook(f"n = {s.number}")
        files[f"{around}{slug}-{s.user}/.git/HEAD"] = "ref: refs/heads/main\n"
        files[f"{around}{slug}-{s.user}/.git/objects/02_autograd.ipynb"] = notebook()
    return files


def plain() -> Files:
    return {f"{s.user}/{NOTEBOOK}": notebook(f"n = {s.number}") for s in CLASS}


def as_folder(files: Files, place: Path) -> Path:
    for path, content in files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def as_zip(files: Files, place: Path) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(zipped(files))
    return place


def zipped(files: Files, mode: int = 0, when: tuple[int, ...] = WHEN) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, when)  # type: ignore[arg-type]
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return stream.getvalue()
