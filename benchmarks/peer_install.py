"""Installs the other graders into a virtual environment of their own, which shares torch with the one in use.

    python -m benchmarks.peer_install .peers

All that is installed here already (torch, Lightning, nbclient, …) is found through a `.pth` file and not fetched
again, so that all graders compute with the same libraries.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements-peers.txt"
WITH_COMMANDS = ("alembic", "nbclient")
"""Shared packages whose commands must be there too, run by the environment's own Python."""


def install(folder: Path) -> None:
    """Make the environment, or bring it up to date; raises CalledProcessError when pip fails."""
    venv.create(folder, with_pip=True, symlinks=True)
    python = folder / "bin" / "python"
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True).stdout.strip()
    Path(own, "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", REQUIREMENTS], check=True)
    pinned = [
        subprocess.run(
            [python, "-c", f"from importlib.metadata import version; print('{name}==' + version('{name}'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for name in WITH_COMMANDS
    ]
    subprocess.run([*pip, "--ignore-installed", "--no-deps", *pinned], check=True)


if __name__ == "__main__":
    install(Path(sys.argv[1]).absolute())
