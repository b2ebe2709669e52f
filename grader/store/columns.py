"""Column types: exact decimals, instants, and models as compressed JSON."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, LargeBinary, String, TypeDecorator


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal as its digits: SQLite would make a float of it."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """A moment, always in UTC, as ISO 8601 text: sorts as text and keeps its zone."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To the database; a naive datetime is refused, for nobody knows which hour it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime, without a zone: {value}")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        return None if value is None else datetime.fromisoformat(value)


class Compressed(TypeDecorator[str]):
    """Long text (JSON, notebooks) through zlib: a tenth of the size, the same bytes for the same text."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """To the database."""
        return None if value is None else zlib.compress(value.encode("utf-8"), level=6)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """From the database."""
        return None if value is None else zlib.decompress(value).decode("utf-8")
