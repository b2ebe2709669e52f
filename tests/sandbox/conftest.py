"""Real kernels for tests: few, because each costs seconds."""

import tempfile

import pytest

from grader.model.rubric import Limits
from grader.sandbox import choose_tier
from tests.sandbox.notebooks import processes_of_kernels

LIMITS = Limits(cell_s=60, total_s=180, output_bytes=200_000, memory_bytes=3 << 30)


@pytest.fixture(scope="session")
def tier():
    return choose_tier("auto")


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t")
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    before = set(processes_of_kernels())
    yield folder
    tempfile.tempdir = usual
    assert set(processes_of_kernels()) - before == set()
    assert list(folder.iterdir()) == []
