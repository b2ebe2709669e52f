"""The archive with which Gradescope runs this grader: `setup.sh` makes the machine, `run_autograder` each grade.

Source of the places: Gradescope's documents on autograders. The submission lies in `/autograder/submission`, the
archive's content in `/autograder/source`, and the results are read from `/autograder/results/results.json`.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.disk import whole_file
from grader.model.text import Language

_WHEN = (1980, 1, 1, 0, 0, 0)
_RUNNABLE = 0o755
_PLAIN = 0o644

SETUP = """#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. Choose a base image with Python 3.11 or newer.
set -euo pipefail
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {{
    echo 'Python 3.11 or newer is needed.'
    exit 1
}}
apt-get update
apt-get install -y --no-install-recommends python3-venv bubblewrap libseccomp2
python3 -m venv /opt/grade
/opt/grade/bin/pip install --no-cache-dir torch --index-url https://download.pytorch.org/whl/cpu
/opt/grade/bin/pip install --no-cache-dir "/autograder/source/{wheel}[course,lightning]"
# Solutions and rubrics are for root alone; what students wrote runs as somebody else.
chmod -R go-rwx /autograder/source
"""

RUN = """#!/usr/bin/env bash
# Gradescope runs this for each submission. Without results.json, it tells the staff that grading failed.
set -uo pipefail
here="${{AUTOGRADER:-/autograder}}"
grade="${{GRADE:-/opt/grade/bin/grade}}"
work="$(mktemp -d)"
mkdir -p "$work/handed-in/student" "$here/results"
cp -RP "$here/submission/." "$work/handed-in/student/"
cd "$work"
"$grade" run "$work/handed-in" --pattern '{{student}}/**/*' --exercises "$here/source/exercises" \
    --reference "$here/source/reference" --db "$work/grades.db" --out "$work/report" --jobs 1 --lang {lang}
"$grade" export gradescope --single "$here/results/results.json" --db "$work/grades.db" --lang {lang}{options}
"""


def write_autograder(
    path: Path,
    wheel: tuple[str, bytes],
    folders: Mapping[str, Path],
    exercises: Sequence[str],
    language: Language,
    *,
    without_manual: bool,
) -> None:
    """Write the archive: both scripts, the package, and of each folder what the exercises need.

    Raises: OSError.
    """
    name, content = wheel
    options = " --without-manual" if without_manual else ""
    with whole_file(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.format(wheel=name).encode(), _RUNNABLE)
        _add(archive, "run_autograder", RUN.format(lang=language, options=options).encode(), _RUNNABLE)
        _add(archive, name, content, _PLAIN)
        for folder, place in folders.items():
            for exercise in sorted(exercises):
                for file in sorted((place / exercise).rglob("*")):
                    below = file.relative_to(place)
                    if file.is_file() and not any(part.startswith(".") for part in below.parts):
                        _add(archive, f"{folder}/{below.as_posix()}", file.read_bytes(), _PLAIN)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, mode: int) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.external_attr = (0o100000 | mode) << 16
    archive.writestr(info, content, zipfile.ZIP_DEFLATED)
