"""Moodle's download of an assignment: a folder for each participant, or all files side by side.

`<Full name>_<participant id>_assignsubmission_<plugin>/…` or `…_assignsubmission_<plugin>_<file>`; versions before
4.1 end the folder's name with `_`. Moodle takes `_` out of names, so the split is safe; people are joined by the id.
"""

from __future__ import annotations

import re

from grader.intake.files import Found
from grader.intake.layout import Owner, by_path
from grader.model.text import Text, say

_ENTRY = re.compile(
    r"^(?P<name>[^_]+)_(?P<pid>\d+)_assignsubmission_(?P<plugin>[a-z][a-z0-9]*)(?:_(?P<file>.*))?$"
)
_NO_GROUP = re.compile(r"^(?P<name>[^_]+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?$")


def _in_folders(found: Found) -> Owner | None:
    for depth, part in enumerate(found.parts[:-1]):
        inside = found.parts[depth + 1 :]
        match = _ENTRY.match(part)
        if match:
            kept = (match["file"],) if match["file"] else ()
            return Owner(
                student=match["pid"],
                name=_name(match),
                file_name=inside[-1],
                folders=(*kept, *inside[:-1]),
                refused=_refused(match["plugin"]),
            )
        match = _NO_GROUP.match(part)
        if match:
            return Owner(match["name"], match["name"], inside[-1], inside[:-1], _without_id())
    return None


def _side_by_side(found: Found) -> Owner | None:
    match = _ENTRY.match(found.parts[-1])
    if match:
        name = match["file"] or found.parts[-1]
        return Owner(match["pid"], _name(match), name, (), _refused(match["plugin"]))
    match = _NO_GROUP.match(found.parts[-1])
    if match:
        return Owner(match["name"], match["name"], match["file"] or "", (), _without_id())
    return None


def _name(match: re.Match[str]) -> str:
    """The name, with the number where Moodle calls everybody `Participant`, in French too."""
    name = match["name"].strip()
    return f"{name} {match['pid']}" if name == "Participant" else name


def _refused(plugin: str) -> Text | None:
    if plugin == "file":
        return None
    return say(
        "This was typed into Moodle and not handed in as a file ({plugin}); it is not graded.", plugin=plugin
    )


def _without_id() -> Text:
    return say("Moodle wrote no participant's number here (members of no group); nobody can be told from it.")


def _owner(found: Found, exercises: frozenset[str]) -> Owner | None:
    """An archive that lies side by side with the others' files is a folder, once it is opened."""
    return _in_folders(found) or _side_by_side(found)


MOODLE = by_path("moodle", _owner)
