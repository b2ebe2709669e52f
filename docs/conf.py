"""The documentation site: `sphinx-build -W --keep-going docs docs/_build/html`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

project = "grade"
author = "the grade authors"
version = release = version_of("grade")
extensions = ["myst_parser", "generated_pages"]
root_doc = "index"
exclude_patterns = ["_build", "README.md"]  # README.md is the start page's text; index.md includes it
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
highlight_language = "none"

html_theme = "furo"
html_title = "grade"
html_show_sphinx = False
html_copy_source = False
html_static_path: list[str] = []
html_theme_options = {"navigation_with_keys": True, "footer_icons": []}
