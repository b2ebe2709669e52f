"""An installation in /tmp, which every kernel has for itself: shown again, read-only, and warm kernels work."""

import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from tests.conftest import ROOT

SCRIPT = """
import sys
import nbformat
import nbformat.v4 as v4
from grader.model.rubric import Limits
from grader.sandbox import choose_tier, open_kernel
from grader.sandbox.nursery import NURSERY

ATTEMPT = '''
import sys
try:
    open(sys.prefix + "/planted", "w")
    print("breached")
except OSError:
    print("held", sys.prefix)
'''

if __name__ == "__main__":
    print(choose_tier("auto"), NURSERY.weakness(()), NURSERY.get(()) is not None)
    with open_kernel(tier="strong", limits=Limits(), seed=0) as kernel:
        print(kernel.execute(nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell(ATTEMPT)]))).notebook)
"""


def test_warm_kernels_see_their_libraries_and_cannot_change_them() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        venv.create(folder, with_pip=False, symlinks=True)
        libraries = Path(sysconfig.get_path("purelib", vars={"base": folder}))
        shown = "\n".join([sysconfig.get_path("purelib"), str(ROOT)])
        (libraries / "shown.pth").write_text(shown, encoding="utf-8")
        script = Path(folder) / "script.py"
        script.write_text(SCRIPT, encoding="utf-8")
        done = subprocess.run(
            [f"{folder}/bin/python", str(script)],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
        )
        assert "strong None True" in done.stdout, done.stdout + done.stderr
        assert f"held {folder}" in done.stdout
