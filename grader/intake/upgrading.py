"""From older nbformats to 4, keeping what they mean."""

from __future__ import annotations

from typing import Any

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
    """Worksheets one after the other; headings become markdown; nbformat's own converter logs and raises anything."""
    sheets = content.get("worksheets") if major > 1 else [content]
    if not isinstance(sheets, list):
        raise NotUpgradableError(_broken())
    cells: list[Any] = []
    for sheet in sheets:
        inside = sheet.get("cells", []) if isinstance(sheet, dict) else None
        if not isinstance(inside, list):
            raise NotUpgradableError(_broken())
        cells += [_convert_cell(cell) if isinstance(cell, dict) else cell for cell in inside]
    return {"metadata": content.get("metadata"), "cells": cells}


def _convert_cell(cell: dict[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    kept = {"metadata": cell.get("metadata")}
    if kind == "code":
        return {
            **kept,
            "cell_type": "code",
            "source": cell.get("input", cell.get("source", cell.get("code", ""))),
        }
    source = cell.get("source", cell.get("text", ""))
    if kind == "heading":
        level = cell.get("level")
        marks = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        source = f"{marks} {''.join(map(str, source)) if isinstance(source, list) else source}"
    return {**kept, "cell_type": "raw" if kind == "raw" else "markdown", "source": source}


def _broken() -> Text:
    return say(
        "The file looks like a notebook, but its cells cannot be read. Download it again, or hand in again."
    )
