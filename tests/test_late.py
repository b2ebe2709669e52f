"""`[late]` in `grader.toml`, and its table of extensions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from grader.config import Settings, load_settings
from grader.errors import ConfigError
from grader.late import late_policy, policy_doubts
from grader.model.late import LatePolicy


def settings(folder: Path, late: str, extensions: str | None = None) -> Settings:
    (folder / "grader.toml").write_text(f"[late]\n{late}\n", encoding="utf-8")
    if extensions is not None:
        (folder / "extensions.csv").write_text(extensions, encoding="utf-8")
    return load_settings({}, folder=folder, environment={})


def policy(folder: Path, late: str, extensions: str | None = None) -> LatePolicy:
    found = late_policy(settings(folder, late, extensions))
    assert found is not None
    return found


def test_no_table_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_text("seed = 1\n", encoding="utf-8")
    assert late_policy(load_settings({}, folder=tmp_path, environment={})) is None


def test_all_keys_are_read(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        "deadline = 2026-11-23 23:59:00\ntimezone = 'Europe/Paris'\ngrace_minutes = 15\npercent_per_day = 2.5\n"
        "at_most_percent = 50\ncloses_after_days = 7\ndeadlines = {'02_b' = 2026-12-01T12:00:00Z}\n",
    )
    assert found.deadline is not None
    assert found.deadline.astimezone(UTC) == datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
    assert found.deadlines["02_b"] == datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert (found.grace_minutes, found.percent_per_day) == (15, Decimal("2.5"))
    assert (found.at_most_percent, found.closes_after_days) == (50, 7)


def test_date_alone_ends_with_its_last_second(tmp_path: Path) -> None:
    found = policy(tmp_path, "deadline = 2026-11-23\ntimezone = 'UTC'")
    assert found.deadline == datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


def test_tables_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_text(
        "[late]\ntimes = ['t.csv', '01_a=w.csv']\nextensions = 'e.csv'\n", encoding="utf-8"
    )
    (tmp_path / "below").mkdir()
    late = load_settings({}, folder=tmp_path / "below", environment={}).late
    assert late is not None
    assert late.times == (str(tmp_path / "t.csv"), f"01_a={tmp_path / 'w.csv'}")
    assert late.extensions == tmp_path / "e.csv"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        ("deadline = '2026-11-23'", r"late\.deadline: expected a date and a time without quotes"),
        ("deadlines = {a = 3}", r"late\.deadlines\.a: expected a date and a time"),
        ("timezone = 'Europe/Atlantis'", r"late\.timezone: expected a time zone"),
        ("percent_per_day = 110", r"late\.percent_per_day: expected less than or equal to 100"),
        ("grace_minutes = -1", r"late\.grace_minutes: expected greater than or equal to 0"),
        ("percent_per_dya = 10", r"late\.percent_per_dya: unknown key; did you mean 'percent_per_day'\?"),
    ],
)
def test_fault_is_named_with_its_key(tmp_path: Path, late: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        settings(tmp_path, late)


EXTENSIONS = "extensions = 'extensions.csv'\ntimezone = 'UTC'"


def test_extensions_are_read_with_either_column(tmp_path: Path) -> None:
    found = policy(
        tmp_path, EXTENSIONS, "student;exercise;until;days\n12;01_a;30/11/2026 23:59;\nZoé Lefèvre;;;1,5\n"
    )
    first, second = found.extensions
    assert (first.student, first.exercise) == ("12", "01_a")
    assert first.until == datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert (second.student, second.exercise, second.days) == ("Zoé Lefèvre", "", Decimal("1.5"))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "has a line of titles"),
        ("student,why\n12,ill\n", "has a line of titles"),
        ("student,until\n12,soon\n", "line 2: expected either 'until'"),
        ("student,until,days\n12,2026-11-30 23:59,2\n", "line 2: expected either 'until'"),
        ("student,until,days\n12,,\n", "line 2: expected either 'until'"),
        ("student,days\n12,-3\n", "line 2: expected either 'until'"),
    ],
)
def test_fault_in_the_extensions_is_named_with_its_line(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        policy(tmp_path, EXTENSIONS, table)
    assert "extensions.csv" in str(raised.value)


def test_missing_table_of_extensions_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"extensions\.csv: cannot be read"):
        policy(tmp_path, EXTENSIONS)


def test_what_fits_nobody_is_told(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        EXTENSIONS + "\ndeadlines = {'01_aa' = 2026-11-23}",
        "student,days\n12,1\nZoé Lefevre,1\nJean Martin,1\n",
    )
    people = {"12": "Zoé Lefèvre", "13": "Jean Martin", "14": "Jean Martin"}
    exercise, nobody, several = map(str, policy_doubts(found, people, ["01_a"]))
    assert "01_aa" in exercise
    assert "did you mean '01_a'?" in exercise
    assert "Zoé Lefevre" in nobody
    assert "did you mean 'Zoé Lefèvre'?" in nobody
    assert "Jean Martin, as several students are called" in several
