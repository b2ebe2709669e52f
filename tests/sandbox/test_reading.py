"""What of a student's notebook reaches the kernel, and what of the machine."""

import json
import sys
from pathlib import Path

import grader
from grader.model.rubric import Limits
from grader.sandbox import bwrap
from grader.sandbox.sources import read


def test_saved_outputs_and_odd_metadata_are_dropped():
    cells = [
        {"cell_type": "code", "source": ["a = 1\n", "b"], "metadata": {"tags": None}, "outputs": [1]},
        {"cell_type": "code", "source": "print('\ud800')", "execution_count": 3},
        {"cell_type": "markdown", "metadata": 5, "source": "words"},
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"widgets": {}}, "cells": cells})
    first, second, third = read(text).cells
    assert (first.source, first.outputs, first.metadata) == ("a = 1\nb", [], {})
    assert (second.source, second.execution_count) == ("print('?')", None)
    assert third.metadata == {}


def test_no_folder_of_the_project_is_bound():
    """But the virtual environment, which may lie inside the project and holds Python's libraries only."""
    project = Path(grader.__file__).parents[1]
    others = [f for f in bwrap.library_folders() if not f.is_relative_to(sys.prefix)]
    assert not any(project.is_relative_to(f) for f in bwrap.library_folders())
    assert not any(f.is_relative_to(project) for f in others)


def test_only_the_inkernel_folder_of_the_package_is_bound():
    line = bwrap.walls_of_zygote(Limits())
    bound = [line[i + 1] for i, word in enumerate(line) if word in ("--ro-bind", "--bind", "--ro-bind-try")]
    package = str(Path(grader.__file__).parent)
    assert [path for path in bound if path.startswith(package)] == [f"{package}/inkernel"]


def test_environment_is_small_and_without_a_gpu():
    environment = bwrap.environment(bwrap.HOME, "/tmp")
    assert environment["CUDA_VISIBLE_DEVICES"] == ""
    assert environment["PYTHONHASHSEED"] == "0"
    assert environment["OMP_NUM_THREADS"] == "1"
