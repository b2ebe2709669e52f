"""The choice of walls, and the trial that they must pass."""

import pytest

from grader.errors import SandboxUnavailableError
from grader.sandbox import choose_tier, selftest, tiers


def test_walls_hold_here():
    assert selftest.weakness("strong") is None


def test_trial_notices_that_there_are_no_walls():
    found = selftest.weakness("none")
    assert "secret could be read" in found
    assert "the tcp listener could be reached" in found
    assert "a process outside could be seen" in found


def test_strongest_tier_is_chosen():
    assert choose_tier("auto") == choose_tier("strong") == "strong"


def test_none_needs_no_trial():
    assert choose_tier("none") == "none"


@pytest.mark.parametrize("wanted", ["strong", "mid"])
def test_missing_bubblewrap_is_named_with_the_way_out(monkeypatch, tmp_path, wanted):
    monkeypatch.setenv("PATH", str(tmp_path))
    tiers.weakness.cache_clear()
    with pytest.raises(SandboxUnavailableError, match=r"apt install bubblewrap.*--sandbox none"):
        choose_tier(wanted)
    tiers.weakness.cache_clear()
