"""A real Chromium that opens a page of ours, without a window, and tells what it found there."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_ANSWER = re.compile(r'<pre id="answer">(.*?)</pre>', re.DOTALL)
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def needs_chromium() -> str:
    """The program; skips the test where there is none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    return CHROMIUM


def needs_axe() -> str:
    """The source of axe-core, which examines a page for accessibility."""
    if find_spec("axe_core_python") is None:
        pytest.skip("axe-core-python is not installed (extra `dev`)")
    return (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")


def ask(page: str, script: str, folder: Path, *, dark: bool = False, width: int = 1300) -> Any:
    """What the body of an async function returns in the page, without the policy that would forbid it to run."""
    open_page = _POLICY.sub("", page)
    assert open_page != page
    probe = f"""<script>(async () => {{
      let told;
      try {{ told = await (async () => {{ {script} }})(); }} catch (error) {{ told = {{error: String(error)}}; }}
      const answer = document.createElement("pre");
      answer.id = "answer";
      answer.textContent = JSON.stringify(told);
      document.body.append(answer);
    }})()</script>"""
    file = folder / "page.html"
    file.write_text(open_page.replace("</body>", probe + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            needs_chromium(),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom"),
            *(f"--user-data-dir={folder / 'profile'}", f"--window-size={width},1000"),
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--virtual-time-budget=60000",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    found = _ANSWER.search(done.stdout)
    assert found, done.stdout[-500:] + done.stderr[-500:]
    return json.loads(html.unescape(found[1]))
