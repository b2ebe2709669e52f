"""Long text that waits: a class's notebooks are all read before the first is graded."""

from __future__ import annotations

import zlib
from typing import Self

from pydantic import ConfigDict

from grader.model.base import Frozen


class Packed(Frozen):
    """A text in a fifth of its memory, or less."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    body: bytes
    """Its UTF-8 through zlib."""

    @classmethod
    def of(cls, text: str) -> Self:
        """The same text, whatever it is."""
        return cls(body=zlib.compress(text.encode("utf-8", "surrogatepass")))

    @property
    def text(self) -> str:
        """Unpacked anew each time."""
        return zlib.decompress(self.body).decode("utf-8", "surrogatepass")
