"""From older nbformats to 4, keeping what they mean."""

from __future__ import annotations

import copy
from typing import Any

import nbformat

from grader.model.text import Text, say

_NEWEST = 4
_NEWEST_MINOR = 5


class NotUpgradableError(ValueError):
    """The notebook's format cannot be read; `problem` says why, for people."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.msgid)
        self.problem = problem


def upgrade(content: dict[str, Any], notices: list[Text]) -> dict[str, Any]:
    """A notebook of format 4 with a list of cells; what was done is added to `notices`.

    Raises:
        NotUpgradableError: with words for the student.
    """
    major = content.get("nbformat")
    if not isinstance(major, int):
        major = _NEWEST if "cells" in content else 3
        notices.append(
            say("The notebook does not tell its format; it was read as format {version}.", version=major)
        )
    if major > _NEWEST:
        raise NotUpgradableError(
            say(
                "The notebook's format {version} is newer than what is known here (4)."
                " Save it as format 4, and hand in again.",
                version=major,
            )
        )
    if major < _NEWEST:
        content = _convert(content, major)
        notices.append(
            say("The notebook was of the old format {version}; it was upgraded to format 4.", version=major)
        )
    else:
        minor = content.get("nbformat_minor")
        if isinstance(minor, int) and minor > _NEWEST_MINOR:
            notices.append(
                say("The notebook's format 4.{minor} is newer than 4.5; it was read as 4.5.", minor=minor)
            )
    if not isinstance(content.get("cells"), list):
        raise NotUpgradableError(_broken())
    return content


def _convert(content: dict[str, Any], major: int) -> dict[str, Any]:
    old = copy.deepcopy(content)
    old["nbformat"] = major
    old.setdefault("metadata", {})
    for sheet in old.get("worksheets") or ():
        for cell in sheet.get("cells", ()) if isinstance(sheet, dict) else ():
            if isinstance(cell, dict):
                cell["outputs"] = []
                cell.setdefault("metadata", {})
    try:
        return dict(nbformat.convert(nbformat.from_dict(old), _NEWEST))
    except Exception as error:
        raise NotUpgradableError(_broken()) from error


def _broken() -> Text:
    return say(
        "The file looks like a notebook, but its cells cannot be read. Download it again, or hand in again."
    )
