"""A git repository for each student, side by side: `<assignment>-<user>`, as GitHub Classroom names them.

The assignment is what all repositories' names begin with, up to a hyphen; where there is only one repository, and
the folder around it does not tell (`<assignment>-submissions`), its whole name stands for the student.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from grader.intake.files import GIT_FOLDER, Found
from grader.intake.layout import Layout, Opened, Owner
from grader.intake.names import is_notebook_name
from grader.model.text import say

_AROUND = "-submissions"
_TOP = 2
"""Parts of a marker's path where the folder that was given is itself a repository."""


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
    """Repositories lie side by side, and every notebook in one; else some students keep theirs under git, no more."""
    places = {file.parts[:-1] for file in found if file.parts[-1] == GIT_FOLDER and len(file.parts) > _TOP}
    repositories = {place for place in places if not any(place[:n] in places for n in range(1, len(place)))}
    around = {place[:-1] for place in repositories}
    notebooks = [file.parts for file in found if is_notebook_name(file.parts[-1])]
    depth = len(next(iter(repositories), ()))
    if len(around) != 1 or not all(parts[:depth] in repositories for parts in notebooks):
        return None
    slug = _slug(around.pop()[-1], [place[-1] for place in repositories])

    def owner(file: Found) -> Owner | None:
        if file.parts[:depth] not in repositories or len(file.parts) == depth:
            return None
        folder = file.parts[depth - 1]
        student = folder.removeprefix(slug)
        *folders, name = file.parts[depth:]
        return Owner(student, student, name, (folder, *folders))

    named = say("Students are named by what follows `{slug}` in their folders' names.", slug=slug)
    return Opened(owner, (named,) if slug else ())


def _slug(around: str, names: Sequence[str]) -> str:
    """What all names have before their user, with the hyphen; nothing where that is not known."""
    told = around.removesuffix(_AROUND) + "-"
    if around.endswith(_AROUND) and all(name.startswith(told) and name != told for name in names):
        return told
    if len(names) == 1:
        return ""
    columns = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    common = "".join(letters[0] for letters in columns)
    return common[: common.rfind("-") + 1]


GIT = Layout("git", _open)
