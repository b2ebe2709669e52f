from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.config import Settings, language_of, load_settings
from grader.errors import ConfigError
from grader.i18n import render


def load(folder: Path, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    return load_settings(flags, folder=folder, environment=environment or {})


def write(folder: Path, text: str) -> None:
    (folder / "grader.toml").write_text(text, encoding="utf-8")


def test_defaults_lie_in_the_current_folder(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.exercises == tmp_path / "exercises"
    assert settings.reference == tmp_path / "reference"
    assert settings.out == tmp_path / "report"
    assert settings.db == f"sqlite:///{tmp_path}/grades.db"
    assert (settings.seed, settings.sandbox) == (0, "auto")
    assert (settings.jobs, settings.dask) == (None, None)


def test_flags_win_over_environment_over_file_over_defaults(tmp_path: Path) -> None:
    write(tmp_path, "seed = 1\njobs = 3\nlang = 'fr'\n")
    environment = {"GRADE_SEED": "2", "GRADE_JOBS": "4", "GRADE_DEBUG": "1"}
    settings = load(tmp_path, environment, seed=5, jobs=None)
    assert (settings.seed, settings.jobs, settings.lang, settings.sandbox) == (5, 4, "fr", "auto")


def test_file_is_found_upward_and_its_paths_are_its_own(tmp_path: Path) -> None:
    write(tmp_path, "reference = 'secret/reference'\ndb = 'sqlite:///marks.db'\n")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = load(below, out=Path("here"))
    assert settings.reference == tmp_path / "secret" / "reference"
    assert settings.exercises == tmp_path / "exercises"
    assert settings.db == f"sqlite:///{tmp_path}/marks.db"
    assert settings.out == below / "here"


@pytest.mark.parametrize("db", ["marks.db", "sqlite:///marks.db"])
def test_grade_book_is_a_url_or_a_path(tmp_path: Path, db: str) -> None:
    assert load(tmp_path, db=db).db == f"sqlite:///{tmp_path}/marks.db"
    assert load(tmp_path, db="/srv/marks.db").db == "sqlite:////srv/marks.db"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("refrence = 'x'", r"grader\.toml: refrence: unknown key; did you mean 'reference'\?"),
        ("zzz = 1", "unknown key; expected one of exercises, reference"),
        ("jobs = 'many'", r"grader\.toml: jobs: expected .*integer.* got 'many'"),
        ("sandbox = 'weak'", r"sandbox: expected 'auto', 'strong', 'mid', 'portable' or 'none', got 'weak'"),
        ("jobs = ", "is not valid TOML"),
    ],
)
def test_fault_in_the_file_is_named_with_key_and_expectation(tmp_path: Path, text: str, words: str) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=words):
        load(tmp_path)


def test_fault_in_the_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"GRADE_JOBS: expected .* got '0'"):
        load(tmp_path, {"GRADE_JOBS": "0"})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("tcp://head:8786", "tcp://head:8786"),
        ("tls://10.0.0.1:8786", "tls://10.0.0.1:8786"),
        ("head.lab.example:8786", "tcp://head.lab.example:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
        ("/srv/scheduler.json", "/srv/scheduler.json"),
    ],
)
def test_scheduler_is_an_address_or_a_file(tmp_path: Path, given: str, meant: str) -> None:
    assert load(tmp_path, {"GRADE_DASK": given}).dask == meant


def test_empty_flag_brings_grading_back_to_this_machine(tmp_path: Path) -> None:
    write(tmp_path, "dask = 'head:8786'")
    assert load(tmp_path).dask == "tcp://head:8786"
    assert load(tmp_path, dask="").dask is None


def test_scheduler_file_is_taken_from_where_it_was_named(tmp_path: Path) -> None:
    write(tmp_path, "dask = 'run/scheduler.json'")
    (tmp_path / "below").mkdir()
    assert load(tmp_path / "below").dask == str(tmp_path / "run" / "scheduler.json")


@pytest.mark.parametrize(
    "given", ["head", "tcp://head", "http://head:8786", "tcp://head:port", "tcp://a b:1"]
)
def test_address_that_is_none_is_named_with_what_is_expected(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match=r"--dask: expected tcp://HOST:PORT, .* got"):
        load(tmp_path, dask=given)


def test_real_gpu_is_a_switch_in_every_place(tmp_path: Path) -> None:
    assert load(tmp_path).real_gpu is False
    write(tmp_path, "real_gpu = true")
    assert load(tmp_path).real_gpu is True
    assert load(tmp_path, {"GRADE_REAL_GPU": "0"}).real_gpu is False
    assert load(tmp_path, {"GRADE_REAL_GPU": "0"}, real_gpu=True).real_gpu is True
    with pytest.raises(ConfigError, match=r"GRADE_REAL_GPU: expected .*boolean.* got 'perhaps'"):
        load(tmp_path, {"GRADE_REAL_GPU": "perhaps"})


def test_fault_in_a_flag_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--seed: expected .* got -1"):
        load(tmp_path, seed=-1)


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_language_to_complain_in_is_known_where_other_settings_are_wrong(tmp_path: Path) -> None:
    write(tmp_path, "lang = 'fr'\nsede = 'x'\n")
    assert language_of(folder=tmp_path, environment={}) == "fr"
    assert language_of(folder=tmp_path, environment={"GRADE_LANG": "en"}) == "en"
    assert language_of("fr", folder=tmp_path, environment={"GRADE_LANG": "en"}) == "fr"
    assert language_of(folder=tmp_path, environment={"GRADE_LANG": "de"}) == "fr"
    write(tmp_path, "lang = ")
    assert language_of(folder=tmp_path, environment={"GRADE_LANG": "fr"}) == "fr"
    assert language_of(folder=tmp_path, environment={}) == Settings().lang


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"seed": -1}, "--seed : attendu : un nombre supérieur ou égal à 0 ; reçu : -1."),
        ({"jobs": "many"}, "--jobs : attendu : un entier, or la chaîne n’en est pas un ; reçu : 'many'."),
        ({"sandbox": "no"}, "'portable' ou 'none' ; reçu : 'no'."),
        ({"dask": "head"}, "--dask : attendu : tcp://HOST:PORT, tls://HOST:PORT ou le fichier *.json d’un"),
    ],
)
def test_fault_is_told_in_french_too(tmp_path: Path, flags: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, **flags)
    assert words in render(caught.value.text, "fr").replace("\u202f", " ")


def test_what_lies_in_the_current_folder_is_told_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "reference = 'secret'\n")
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"db": "marks.db", "out": str(tmp_path / "report")}, environment={})
    assert (settings.reference, settings.exercises) == (Path("secret"), Path("exercises"))
    assert (settings.out, settings.db) == (Path("report"), "sqlite:///marks.db")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    settings = load_settings({"out": "report", "db": "/srv/marks.db"}, environment={})
    assert (settings.reference, settings.out) == (tmp_path / "secret", Path("report"))
    assert settings.db == "sqlite:////srv/marks.db"
