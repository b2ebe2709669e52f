"""What the virtual device did since it was installed: how often it was used, and what it refused."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MOST_REFUSED = 20


@dataclass
class Record:
    """Counts of events."""

    operators: int = 0
    """Operators that ran on the device."""
    to_device: int = 0
    """Copies from the host to the device."""
    to_host: int = 0
    """Copies from the device to the host."""
    waits: int = 0
    """Times that the host asked for one number: `item()`, `float()`, `bool()`."""
    refused: list[str] = field(default_factory=list)
    """What could not be done, the first of each."""

    def refuse(self, what: str) -> None:
        """Note what could not be done."""
        if what not in self.refused and len(self.refused) < MOST_REFUSED:
            self.refused.append(what)

    def clear(self) -> None:
        """Begin anew."""
        self.__init__()  # type: ignore[misc]

    def as_entries(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


RECORD = Record()
