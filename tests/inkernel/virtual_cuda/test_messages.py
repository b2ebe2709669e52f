"""What is refused is refused in the very words of a real GPU."""

from __future__ import annotations

import pytest

from tests.inkernel.virtual_cuda.messages import RECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_message_is_the_recorded_one(name: str, messages: dict[str, str]) -> None:
    assert messages[name] == RECORDED[name].message
