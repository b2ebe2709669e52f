"""Writes the pages that are made from the code, before Sphinx looks for pages; git does not see them.

`reference/` is made from commands, criteria and models, `project/` from the documents at the repository's top.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from command_pages import commands_page
from criterion_pages import criteria_page, rubric_page
from format_pages import formats_page
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).parents[2]
TOP = {"README.md": "readme", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
PAGES = {
    "commands": commands_page,
    "criteria": criteria_page,
    "rubric": rubric_page,
    "formats": formats_page,
}
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#)([^)#\s]+)(#[^)\s]*)?\)")
_GLOB = re.compile(r"^([\w/-]*\*)\n", re.MULTILINE)
"""A line of a table of contents; one that matches nothing is left out, since Sphinx warns of it."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """What Sphinx calls."""
    app.connect("builder-inited", lambda app: write_pages(Path(app.srcdir)))
    app.connect("source-read", _read)
    app.connect("include-read", _include)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(docs: Path) -> None:
    """Write all of them; one that is the same already is not touched, so that Sphinx need not read it again."""
    for name, page in PAGES.items():
        _write(docs / "reference" / f"{name}.md", page())
    for file, name in TOP.items():
        _write(docs / "project" / f"{name}.md", (ROOT / file).read_text(encoding="utf-8"))


def linked(text: str, *, folder: Path, place: Path, docs: Path) -> str:
    """A page's Markdown whose links fit the site.

    `folder` is where the text's links start from, `place` the folder of its page. Links to pages and files of the
    documentation stay; those to a document at the repository's top lead to its page; of others only the words are left.
    """

    def target(match: re.Match[str]) -> str:
        sign, words, path, part = match[1], match[2], match[3], match[4] or ""
        meant = (folder / path).resolve()
        if not meant.exists():
            return match[0]
        if meant.parent == ROOT and meant.name in TOP:
            meant = docs / "project" / f"{TOP[meant.name]}.md"
        if meant == docs / "README.md":
            meant = docs / "index.md"
        if not meant.is_relative_to(docs):
            return words
        return f"{sign}[{words}]({Path(os.path.relpath(meant, place)).as_posix()}{part})"

    return _LINK.sub(target, text)


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    docs = Path(app.srcdir)
    place = (docs / name).parent
    if name == app.config.root_doc:
        source[0] = _GLOB.sub(lambda line: line[0] if any(docs.glob(f"{line[1]}.md")) else "", source[0])
    if place.name != "reference":
        folder = ROOT if place.name == "project" else place
        source[0] = linked(source[0], folder=folder, place=place, docs=docs)


def _include(app: Sphinx, path: Path, name: str, source: list[str]) -> None:
    docs = Path(app.srcdir)
    source[0] = linked(source[0], folder=(docs / path).parent, place=(docs / name).parent, docs=docs)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
