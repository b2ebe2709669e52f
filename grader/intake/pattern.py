"""`--pattern`: a layout that the teacher describes, for downloads of which none is known.

`{name}_{student}/**/{exercise}.ipynb`: `{student}` is needed; `{name}` and `{exercise}` are told where they stand;
`*` stands for anything but `/`, `**/` for any folders. It is held against the end of each path below what was given.
"""

from __future__ import annotations

import re

from grader.errors import IntakeError
from grader.intake.files import Found, nfc
from grader.intake.layout import Layout, Opened, Owner
from grader.model.text import Text, say

_FIELDS = ("student", "name", "exercise")
_PIECES = re.compile(
    r"\{(?P<field>[^{}]*)\}|(?P<folders>\*\*/)|(?P<some>\*+)|(?P<brace>[{}])|(?P<text>[^{}*]+)"
)


def pattern_layout(pattern: str) -> Layout:
    """The layout that a pattern describes.

    Raises:
        IntakeError: it has no `{student}`, an unknown or repeated field, or an open brace.
    """
    fits = re.compile(_expression(pattern), re.IGNORECASE)

    def owner(file: Found) -> Owner | None:
        match = fits.match("/" + "/".join(file.parts[1:]))
        if match is None:
            return None
        told = {key: value.strip() for key, value in match.groupdict().items() if value}
        return Owner(
            student=told["student"],
            name=told.get("name", told["student"]),
            file_name=file.parts[-1],
            folders=file.parts[1:-1],
            exercise=told.get("exercise", ""),
        )

    return Layout("pattern", lambda found, exercises: Opened(owner))


def _expression(pattern: str) -> str:
    seen: list[str] = []
    pieces: list[str] = []
    for piece in _PIECES.finditer(nfc(pattern.strip().removeprefix("./").lstrip("/"))):
        field = piece["field"]
        if field is not None:
            if field not in _FIELDS:
                known = ", ".join(f"{{{f}}}" for f in _FIELDS)
                raise _wrong(
                    pattern, say("the fields are {known}, not {field}", known=known, field=f"{{{field}}}")
                )
            if field in seen:
                raise _wrong(pattern, say("{field} stands in it twice", field=f"{{{field}}}"))
            seen.append(field)
            pieces.append(rf"(?P<{field}>[^/]*?[^/\s][^/]*?)")
        elif piece["folders"]:
            pieces.append("(?:[^/]+/)*")
        elif piece["some"]:
            pieces.append("[^/]*?")
        elif piece["brace"]:
            raise _wrong(pattern, say("a brace is not closed, or not opened"))
        else:
            pieces.append(re.escape(piece["text"]))
    if "student" not in seen:
        raise _wrong(pattern, say("{field} is missing", field="{student}"))
    return "^(?:/[^/]+)*?/" + "".join(pieces) + "$"


def _wrong(pattern: str, why: Text) -> IntakeError:
    return IntakeError(
        say(
            "--pattern '{pattern}': {why}. An example: '{{name}}_{{student}}/{{exercise}}.ipynb'.",
            pattern=pattern,
            why=why,
        )
    )
