from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest

from grader.config import load_settings
from grader.errors import ConfigError
from grader.executors import LocalExecutor
from grader.executors.capacity import capacity
from grader.i18n import render
from grader.model.text import Text
from grader.pipeline import places
from grader.pipeline.places import open_executor, settle_tier
from tests.course import write


def told_of(folder: Path, **flags: object) -> list[str]:
    told: list[Text] = []
    settings = load_settings(flags, folder=folder, environment={})
    with open_executor(settings, "none", [], told.append) as executor:
        assert isinstance(executor, LocalExecutor)
    return [render(text, "en") for text in told]


def test_fewer_jobs_than_cores_are_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "capacity", partial(capacity, root=tmp_path))
    write(tmp_path / "proc/meminfo", "MemAvailable: 1000 kB\n")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3})
    (words,) = told_of(tmp_path)
    assert words.startswith("1 notebooks at a time, though there are 4 cores: 1 MB of memory are free")
    assert told_of(tmp_path, jobs=3) == []
    write(tmp_path / "proc/meminfo", "MemAvailable: 64000000 kB\n")
    assert told_of(tmp_path) == []


def test_cluster_without_the_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in [name for name in sys.modules if name.startswith("grader.executors.dask")]:
        monkeypatch.delitem(sys.modules, name)
    settings = load_settings({"dask": "tcp://head:8786"}, folder=tmp_path, environment={})
    with pytest.raises(ConfigError, match=r"grade\[dask\]"):
        settle_tier(settings)
