"""Makes the pictures of the documentation: `python docs/screenshots.py`, after `grade submissions/`.

Opens pages of `report/` (or of the folder given) in headless Chromium, and writes `docs/images/*.png`.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image

IMAGES = Path(__file__).parent / "images"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
COLOURS = 128
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_MOVE = """const from = document.getElementById(%s).getBoundingClientRect().top;
document.body.style.marginTop = `${24 - from}px`;"""


class Shot(NamedTuple):
    """One picture: how its page is shown."""

    name: str
    page: str
    """Below the report's folder; `{student}` is the one of `STUDENT`."""
    language: str = "fr"
    dark: bool = False
    width: int = 1200
    height: int = 1000
    at: str = ""
    """The id of the element that stands at the top."""


STUDENT = "Chloé DArc"
FEEDBACK = "students/{student}/02_autograd.html"
SHOTS = (
    Shot("class", "index.html", language="en", height=900, at="grades"),
    Shot("class-dark", "index.html", dark=True, height=900, at="mistakes"),
    Shot("feedback", FEEDBACK, height=900),
    Shot("feedback-cell", FEEDBACK, width=1700, height=620, at="cell-7"),
)


def main() -> int:
    """Make all pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", nargs="?", type=Path, default=Path("report"), help="default: report/")
    report = parser.parse_args().report
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        sys.exit("No Chromium on this machine: apt install chromium")
    if not (report / "results.json").exists():
        sys.exit(
            f"{report}/results.json is not there: run `grade submissions/` first, or name the report's folder."
        )
    entries = json.loads((report / "results.json").read_text(encoding="utf-8"))["reports"]
    student = next((e["student"] for e in entries if e["name"] == STUDENT), None)
    if student is None:
        sys.exit(f"{report} holds nothing of {STUDENT}: it must be a report of the whole sample class.")
    IMAGES.mkdir(exist_ok=True)
    for shot in SHOTS:
        page = (report / shot.page.format(student=student)).read_text(encoding="utf-8")
        picture = few_colours(photograph(chromium, prepared(page, shot), shot))
        (IMAGES / f"{shot.name}.png").write_bytes(picture)
        print(f"docs/images/{shot.name}.png: {len(picture) / 1000:.0f} kB")
    return 0


def prepared(page: str, shot: Shot) -> str:
    """The page in the language wanted, moved up; for that a script of ours may run in it."""
    chosen = f'id="language-{shot.language}"'
    page = _POLICY.sub("", page).replace(" checked", "").replace(chosen, f"{chosen} checked")
    return (
        page.replace("</body>", f"<script>{_MOVE % json.dumps(shot.at)}</script></body>") if shot.at else page
    )


def photograph(chromium: str, page: str, shot: Shot) -> bytes:
    """A PNG of what a window of that size shows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8")
        subprocess.run(
            [
                chromium,
                *(
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--hide-scrollbars",
                ),
                *(f"--user-data-dir={folder / 'profile'}", f"--window-size={shot.width},{shot.height}"),
                f"--blink-settings=preferredColorScheme={0 if shot.dark else 1}",
                f"--screenshot={folder / 'page.png'}",
                (folder / "page.html").as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        return (folder / "page.png").read_bytes()


def few_colours(png: bytes) -> bytes:
    """The same picture with a palette: a quarter of the bytes."""
    stream = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True
    )
    return stream.getvalue()


if __name__ == "__main__":
    sys.exit(main())
