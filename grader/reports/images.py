"""Pictures from a student's kernel: only what is a PNG by its bytes, and of a sane size, is shown."""

from __future__ import annotations

import base64
import binascii
import struct

_MAGIC = b"\x89PNG\r\n\x1a\n"
_LARGEST_BYTES = 4 << 20
_MOST_PIXELS = 30_000_000


def png_data_uri(encoded: str) -> str | None:
    """A `data:` address made from base64 text, or None where it is no PNG that can be shown without harm."""
    if len(encoded) > _LARGEST_BYTES * 2:
        return None
    try:
        raw = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) > _LARGEST_BYTES or not raw.startswith(_MAGIC) or raw[12:16] != b"IHDR" or len(raw) < 33:
        return None
    width, height = struct.unpack(">II", raw[16:24])
    if not 0 < width * height <= _MOST_PIXELS:
        return None
    return f"data:image/png;base64,{base64.b64encode(raw).decode('ascii')}"
