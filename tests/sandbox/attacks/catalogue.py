"""All attacks."""

from tests.sandbox.attacks import (  # noqa: F401  importing a family adds its attacks
    escape,
    exhaust,
    forge,
    network,
    outlive,
    read,
    siblings,
    signals,
    write,
)
from tests.sandbox.attacks.attack import ATTACKS

__all__ = ["ATTACKS"]
