"""Canvas's download of an assignment: all files side by side, `<name>[_LATE]_<user id>_<file id>_<file>`.

Where marking is anonymous, `[LATE_]anon_<id>_<file id>_<file>`. Texts and links that were typed in are
`…_text.html` and `…_link.html`. The name is the sortable one in lower case, without spaces. A file that is handed in
again keeps its name and gets a number (`TP1-2.ipynb`) and a greater file id, which tells the newest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from grader.intake.files import Found
from grader.intake.layout import Layout, Opened, Owner
from grader.intake.names import is_notebook_name
from grader.model.text import say

_ENTRY = re.compile(
    r"^(?:(?P<name>(?!LATE_|anon_)\w+?)_(?P<late>LATE_)?(?P<uid>[1-9]\d*)|(?P<anonymous_late>LATE_)?anon_(?P<anon>[^\W_]+))"
    r"_(?:(?P<fid>[1-9]\d+)_(?P<file>.+)|(?P<kind>text|link)\.html)$"
)


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
    """Names of this form occur elsewhere too: all notebooks must have it, and the numbers must hold together."""
    entries = {place: match for file in found if (place := _entry(file)) and (match := _ENTRY.match(place))}
    notebooks = [file for file in found if is_notebook_name(file.parts[-1])]
    if not entries or not all(_entry(file) in entries for file in notebooks):
        return None
    files = [match["fid"] for match in entries.values() if match["fid"]]
    names: dict[str, set[str]] = defaultdict(set)
    for match in entries.values():
        names[_student(match)].add(match["name"] or "")
    if len(files) != len(set(files)) or any(len(own) > 1 for own in names.values()):
        return None
    return Opened(_owner)


def _entry(file: Found) -> str | None:
    """The name that Canvas gave: of the file, or of the archive that it lies in."""
    return next((part for part in file.parts[1:] if _ENTRY.match(part)), None)


def _student(match: re.Match[str]) -> str:
    return match["uid"] or f"anon_{match['anon']}"


def _owner(file: Found) -> Owner | None:
    for depth, part in enumerate(file.parts[1:], start=1):
        match = _ENTRY.match(part)
        if match is None:
            continue
        inside = file.parts[depth + 1 :]
        refused = say("This was typed into Canvas and not handed in as a file ({kind}); it is not graded.",
                      kind=match["kind"]) if match["kind"] else None  # fmt: skip
        return Owner(
            student=_student(match),
            name=match["name"] or f"anon {match['anon']}",
            file_name=inside[-1] if inside else match["file"] or part,
            folders=(match["file"], *inside[:-1]) if inside else (),
            refused=refused,
            late=bool(match["late"] or match["anonymous_late"]),
            attempt=int(match["fid"] or 0),
        )
    return None


CANVAS = Layout("canvas", _open)
