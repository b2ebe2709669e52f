"""Moments as LMSs and people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import get_month_names

_ISO = re.compile(
    r"^(?P<date>\d{4}-\d{2}-\d{2})(?:[ T](?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?"
    r"(?: ?(?P<offset>Z|UTC|[+-]\d{2}:?\d{2})| (?P<zone>[A-Z]\w+/[\w/+-]+))?)?$"
)
_DASHES = re.compile(r"^(\d{4}-\d{2}-\d{2})-(\d{2})-(\d{2})-(\d{2})$")
_SLASHES = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?: (?:à )?(\d{1,2})[:h](\d{2})(?::(\d{2}))?)?$")
_WORDS = re.compile(
    r"^(?:\w+\.?,? )?(?P<day>\d{1,2})(?:er)? (?P<month>[^\W\d]+)\.? (?P<year>\d{4}),? (?:à )?"
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?$"
)


def moment(text: str) -> datetime | None:
    """A moment as an LMS or a person writes it; without a zone where it tells none. None where it is no moment.

    ISO 8601 with or without a zone, `23/11/2026 23:59` (the day first), Moodle's `Monday, 23 November 2026, 11:59 PM`
    and `lundi 23 novembre 2026, 23:59`, nbgrader's `2026-11-23 23:59:10.5 Europe/Paris`, Blackboard's
    `2026-11-23-23-59-10`. A date without a time is no moment. Guessing parsers are not
    used: a day taken for a month would cost points.
    """
    told = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
    try:
        if match := _ISO.match(told):
            return _iso(match)
        if match := _DASHES.match(told):
            return datetime.fromisoformat(f"{match[1]} {match[2]}:{match[3]}:{match[4]}")
        if (match := _SLASHES.match(told)) and match[4]:
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            return datetime(year, month, day, hour, minute, second)
        if match := _WORDS.match(told):
            return _in_words(match)
    except (ValueError, ZoneInfoNotFoundError):  # a month 13, an hour 25, a zone of no atlas
        return None
    return None


def _iso(match: re.Match[str]) -> datetime | None:
    if match["time"] is None:
        return None
    offset = {"Z": "+00:00", "UTC": "+00:00", None: ""}.get(match["offset"], match["offset"])
    found = datetime.fromisoformat(f"{match['date']} {match['time']:0>5}{offset}")
    return found.replace(tzinfo=ZoneInfo(match["zone"])) if match["zone"] else found


def _in_words(match: re.Match[str]) -> datetime | None:
    month = _months().get(match["month"].casefold())
    if month is None:
        return None
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    day, minute, second = (int(match[part] or 0) for part in ("day", "minute", "second"))
    return datetime(int(match["year"]), month, day, hour, minute, second)


@cache
def _months() -> Mapping[str, int]:
    return {
        name.casefold().rstrip("."): number
        for language in ("en", "fr")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    }


def in_zone(at: datetime, zone: tzinfo | None) -> datetime:
    """The moment with a zone: its own, else this one, else the machine's."""
    if at.tzinfo is not None:
        return at
    return at.astimezone() if zone is None else at.replace(tzinfo=zone)
