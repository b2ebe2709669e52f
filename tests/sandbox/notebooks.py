"""Notebooks made of cells, and looks at what is left of kernels."""

import json
import os
from pathlib import Path


def notebook(*cells, kernel="python3"):
    """Each cell is its text, or a pair of text and tags."""
    made = []
    for number, cell in enumerate(cells):
        text, tags = cell if isinstance(cell, tuple) else (cell, [])
        made.append(
            {
                "cell_type": "code",
                "id": f"c{number}",
                "metadata": {"tags": tags} if tags else {},
                "source": text,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "saved by the student"}],
                "execution_count": 77,
            }
        )
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})


def outputs_of(execution, cell):
    return json.loads(execution.notebook)["cells"][cell]["outputs"]


def text_of(execution, cell):
    """All that a cell wrote to stdout and stderr."""
    return "".join("".join(o["text"]) for o in outputs_of(execution, cell) if o["output_type"] == "stream")


def processes_of_kernels():
    """Children of this process, and theirs, that serve kernels."""
    found, todo = [], [os.getpid()]
    while todo:
        for path in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            children = [int(pid) for pid in path.read_text().split()]
            todo += children
            found += [pid for pid in children if b"launch.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return found
