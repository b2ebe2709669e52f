"""Where a live notebook is: told by JupyterLab, VS Code or Colab; paths of any system are read."""

from __future__ import annotations

import json
import sys
from pathlib import PurePosixPath, PureWindowsPath
from types import ModuleType, SimpleNamespace

import pytest

from grader.selfcheck.live.front_end import find_place, pure_path
from grader.selfcheck.public import choose
from tests.course import write
from tests.selfcheck.course import ID, RIGHT, notebook


def test_paths_are_read_as_their_own_system_writes_them():
    assert pure_path(r"c:\Users\Zoé\TP 1.ipynb") == PureWindowsPath(r"c:\Users\Zoé\TP 1.ipynb")
    assert pure_path(r"\\serveur\cours\TP1.ipynb").name == "TP1.ipynb"
    assert pure_path("C:/cours/TP1.ipynb").name == "TP1.ipynb"
    assert pure_path("/home/zoé/TP1.ipynb") == PurePosixPath("/home/zoé/TP1.ipynb")


@pytest.mark.parametrize("name", ["__vsc_ipynb_file__", "__session__"])
def test_a_notebook_that_is_a_file_tells_its_folder_and_its_exercise(name, tmp_path, monkeypatch, public):
    file = write(tmp_path / "elsewhere" / "TP1.ipynb", notebook(RIGHT))
    monkeypatch.chdir(tmp_path)
    place = find_place({name: str(file)})
    assert place.folders == (file.parent, tmp_path)
    assert place.content["metadata"]["grade"]["exercise"] == ID
    assert choose([public], place.content, place.name) is public


def test_a_windows_path_in_a_kernel_elsewhere_still_names_the_exercise(tmp_path, monkeypatch, public):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    place = find_place({"__vsc_ipynb_file__": rf"c:\cours\{ID}.ipynb"})
    assert (place.name.name, place.content, place.folders) == (f"{ID}.ipynb", None, (tmp_path,))
    assert choose([public], place.content, place.name) is public


def test_a_terminal_tells_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    place = find_place({})
    assert (place.name, place.content, place.folders) == (None, None, (tmp_path,))


@pytest.mark.parametrize("answers", [True, False])
def test_colab_is_asked_for_the_notebook_and_may_not_answer(answers, monkeypatch):
    def blocking_request(kind, request, timeout_sec):
        if not answers:
            raise TimeoutError
        assert kind == "get_ipynb"
        return {"ipynb": json.loads(notebook(RIGHT))}

    colab = ModuleType("google.colab")
    colab._message = SimpleNamespace(blocking_request=blocking_request)
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    place = find_place({})
    found = place.content and place.content["metadata"]["grade"]["exercise"]
    assert found == (ID if answers else None)
