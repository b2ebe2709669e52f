"""Files appear whole or not at all, and what a killed writer left is removed."""

import subprocess
import sys

import pytest

from grader import disk
from grader.disk import whole_file

WRITE = """
import sys
from pathlib import Path
from grader.disk import whole_file
with whole_file(Path(sys.argv[1]) / "page.html") as stream:
    stream.write(b"half")
    stream.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def swept_anew():
    disk.sweep.cache_clear()
    yield
    disk.sweep.cache_clear()


@pytest.fixture
def writer(tmp_path):
    """Another process, which has written half a file there."""
    line = [sys.executable, "-c", WRITE, str(tmp_path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"writing\n"
        yield process
        process.kill()


def names(folder):
    return {path.name for path in folder.iterdir()}


def write(folder, name="page.html"):
    with whole_file(folder / name) as stream:
        stream.write(b"whole")


def test_half_a_file_has_not_its_name_yet(writer, tmp_path):
    assert "page.html" not in names(tmp_path)


def test_what_a_killed_writer_left_is_removed_by_the_next(writer, tmp_path):
    writer.kill()
    writer.wait()
    assert len(names(tmp_path)) == 1
    write(tmp_path)
    assert names(tmp_path) == {"page.html"}
    assert (tmp_path / "page.html").read_bytes() == b"whole"


def test_what_somebody_writes_to_stays(writer, tmp_path):
    write(tmp_path, "other.html")
    assert len(names(tmp_path)) == 2
    writer.communicate(b"")
    assert names(tmp_path) == {"page.html", "other.html"}
    assert (tmp_path / "page.html").read_bytes() == b"half"


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    write(tmp_path)
    with pytest.raises(TypeError), whole_file(tmp_path / "page.html") as stream:
        stream.write("no bytes")
    assert names(tmp_path) == {"page.html"}
    assert (tmp_path / "page.html").read_bytes() == b"whole"
