"""Times `%check` in a live kernel: `python -m benchmarks.selfcheck KIT NOTEBOOK`; about a minute.

KIT is an exercise's `<id>.check.json`, NOTEBOOK one whose cells are run first, one by one, as a student would. Printed
is, for each task and for all of them, the wall time from sending the cell to its end: the first time, then the median
of five.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager


def main(kit: Path, notebook: Path) -> None:
    """Run the notebook in a kernel of its own, and check it there."""
    tasks = [task["id"] for task in json.loads(kit.read_text("utf-8"))["rubric"]["tasks"]]
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        print(f"%load_ext grader: {seconds(client, '%load_ext grader'):.2f} s")
        for cell in cells:
            if cell["cell_type"] == "code":
                seconds(client, "".join(cell["source"]))
        print("| task | first, s | then, s |\n|---|---|---|")
        for task in [*tasks, ""]:
            first, *later = (seconds(client, f"%check --kit {kit.resolve()} {task}") for _ in range(6))
            print(f"| `{task or 'all'}` | {first:.2f} | {statistics.median(later):.2f} |")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds(client: Any, code: str) -> float:
    """Wall time of one cell."""
    began = time.perf_counter()
    client.execute_interactive(code, output_hook=lambda _: None, timeout=600)
    return time.perf_counter() - began


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
