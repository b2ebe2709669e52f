"""Moments as LMSs and people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.moments import in_zone, moment

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "told",
    [
        "2026-11-23 23:59",
        "2026-11-23T23:59:00",
        "2026-11-23-23-59-00",
        "23/11/2026 23:59",
        "23/11/2026 à 23h59",
        "Monday, 23 November 2026, 11:59 PM",
        "Monday, 23 November 2026, 23:59",
        "lundi 23 novembre 2026, 23:59",
        "lun. 23 nov. 2026 à 23:59",
        " 23 Nov 2026,\u202f11:59 pm ",
    ],
)
def test_one_moment_is_read_in_every_spelling(told: str) -> None:
    assert moment(told) == datetime(2026, 11, 23, 23, 59)


@pytest.mark.parametrize(
    ("told", "zone"),
    [
        ("2026-11-23T23:59:00Z", UTC),
        ("2026-11-23 23:59:00.593340058 Z", UTC),
        ("2026-11-23 23:59:00 UTC", UTC),
        ("2026-11-23 23:59:00 -07:00", timezone(timedelta(hours=-7))),
        ("2026-11-23T23:59+0100", timezone(timedelta(hours=1))),
        ("2026-11-23 23:59:00.5 Europe/Paris", PARIS),
    ],
)
def test_zone_that_is_told_is_kept(told: str, zone: timezone | ZoneInfo) -> None:
    assert moment(told) == datetime(2026, 11, 23, 23, 59, tzinfo=zone)


def test_midnight_and_noon_of_a_twelve_hour_clock() -> None:
    assert moment("1 March 2026, 12:05 AM") == datetime(2026, 3, 1, 0, 5)
    assert moment("1 March 2026, 12:05 PM") == datetime(2026, 3, 1, 12, 5)
    assert moment("1er mars 2026 à 0:05") == datetime(2026, 3, 1, 0, 5)


@pytest.mark.parametrize(
    "told",
    [
        *("", "-", "never", "2026-11-23", "23/11/2026", "2026-13-01 10:00", "2026-11-23 25:00"),
        *("31/02/2026 10:00", "11/23/2026 10:00", "23 Brumaire 2026, 10:00", "2026-11-23 10:00 Mars/Olympus"),
    ],
)
def test_what_is_no_moment_is_not_guessed(told: str) -> None:
    assert moment(told) is None


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_what_python_writes_is_read_again(at: datetime) -> None:
    assert moment(at.isoformat(timespec="seconds")) == at.replace(microsecond=0)
    assert moment(f"{at:%d/%m/%Y %H:%M}") == at.replace(second=0, microsecond=0)


def test_zone_of_the_course_is_taken_where_none_is_told() -> None:
    assert in_zone(datetime(2026, 7, 1, 12), PARIS).astimezone(UTC) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    told = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert in_zone(told, PARIS) is told
    assert in_zone(datetime(2026, 7, 1, 12), None).tzinfo is not None
