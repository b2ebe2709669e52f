"""People's names, compared whole."""

from __future__ import annotations

import unicodedata


def whole_name(name: str) -> str:
    """What two spellings of one name have in common: case, spaces and composition of letters do not count."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
