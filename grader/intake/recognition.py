"""Which layout files are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.intake.files import Found
from grader.intake.layout import Layout, Opened, OwnerOf
from grader.intake.layouts import LAYOUTS
from grader.model.submission import SetAside


def recognise(
    found: Sequence[Found | SetAside], exercises: frozenset[str], described: Layout | None
) -> tuple[Layout, Opened]:
    """The layout that was described, else the first that the files fit.

    Where they show no LMS, the name of a folder that could not be entered may still.
    """
    files = [file for file in found if isinstance(file, Found)]
    folders = [below for file in found if isinstance(file, SetAside) for below in _inside(file)]
    layouts = LAYOUTS[:-1] if described is None else (described,)
    for shown in (files, folders):
        for layout in layouts:
            opened = layout.open(shown, exercises)
            if opened is not None:
                return layout, opened
    plain = LAYOUTS[-1].open(files, exercises)
    assert plain is not None, "plain is how all is laid out that is laid out in no other way"
    return LAYOUTS[-1], plain


def with_owner(unopened: SetAside, owner: OwnerOf) -> SetAside:
    """The same, with the one whose it is where its place tells."""
    whose = next(filter(None, map(owner, _inside(unopened))), None)
    if whose is None:
        return unopened
    return unopened.model_copy(update={"student": whose.student, "name": whose.name})


def _inside(unopened: SetAside) -> tuple[Found, Found]:
    """What could not be opened, as if it were a folder with a file in it, and as if it were a file."""
    place = ("", *unopened.path.split("/"))
    folder = Found(key="", parts=(*place, ""), mtime_ns=0, size=0, read=lambda limit: b"")
    return folder, replace(folder, parts=place)
