"""Times `%check` in a live kernel: `python -m benchmarks.selfcheck KIT NOTEBOOK`; about a minute.

KIT is an exercise's `<id>.check.json`, NOTEBOOK one whose cells are run first, one by one, as a student would. Printed
for each task, and for all of them: the wall time from sending the cell to its end, the first time and the median of
five more, and the kernel's own CPU time, which other work on the machine does not stretch, likewise.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_client.manager import KernelManager


class Cost(NamedTuple):
    """Of one cell."""

    wall_s: float
    cpu_s: float


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
        loading = cost(client, "%load_ext grader")
        print(f"%load_ext grader: {loading.wall_s:.2f} s, CPU {loading.cpu_s:.2f} s")
        for cell in cells:
            if cell["cell_type"] == "code":
                run(client, "".join(cell["source"]))
        print("| task | first, s | then, s | first, CPU s | then, CPU s |\n|---|---|---|---|---|")
        for task in [*tasks, ""]:
            first, *later = (cost(client, f"%check --kit {kit.resolve()} {task}") for _ in range(6))
            wall, cpu = (statistics.median(costs) for costs in zip(*later, strict=True))
            print(f"| `{task or 'all'}` | {first.wall_s:.2f} | {wall:.2f} | {first.cpu_s:.2f} | {cpu:.2f} |")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def cost(client: Any, code: str) -> Cost:
    """Run one cell."""
    before = cpu_s(client)
    began = time.perf_counter()
    run(client, code)
    wall_s = time.perf_counter() - began
    return Cost(wall_s, cpu_s(client) - before)


def cpu_s(client: Any) -> float:
    """CPU seconds that the kernel has used."""
    told = run(client, "import time as _time; print(_time.process_time())")
    return float("".join(message["content"]["text"] for message in told if message["msg_type"] == "stream"))


def run(client: Any, code: str) -> list[dict[str, Any]]:
    """The messages that a cell led to."""
    heard: list[dict[str, Any]] = []
    client.execute_interactive(code, output_hook=heard.append, timeout=600)
    return heard


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
