"""Honest notebooks lose nothing behind walls: what they show is the same in every tier, as root and as anybody.

One kernel for each tier and kind of user runs one long notebook (`honest/notebook.txt`), as exercises run.
"""

import json
import os
import re
import subprocess
import sys
from functools import partial

import pytest

from tests.sandbox.forbidding import ROOT, running
from tests.sandbox.honest.uses import LOST, USES
from tests.sandbox.test_attacks import BEHIND, FORBIDDEN, USERS, told_once

WAIT_S = 300


def shown(tier, user, temporary):
    """Outputs by use."""
    as_it_is = user == "root" and FORBIDDEN[tier] == "nothing"
    line = [] if as_it_is else running(FORBIDDEN[tier], user=user)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "TMPDIR": str(temporary)}
    run = subprocess.run(
        [*line, sys.executable, "-P", "-m", "tests.sandbox.honest.driver", tier],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout)


@pytest.fixture(scope="session")
def seen(tmp_path_factory):
    """Outputs by tier and user; shared between the workers of one test session."""
    return partial(told_once, tmp_path_factory, shown)


def errors_of(outputs):
    return [output for output in outputs if output["output_type"] == "error"]


def plain(outputs):
    """Outputs without what differs between any two runs: durations, ids of processes, counts of executions."""
    text = json.dumps(outputs, sort_keys=True)
    text = re.sub(r'"execution_count": \d+', "", text)
    text = re.sub(r"\d+(\.\d+)?it/s|\d\d:\d\d", "", text)
    return re.sub(r"0x[0-9a-f]+|\b[0-9a-f]{32}\b|(?<=ipykernel_)\d+|/tmp/cells[^ :\"]*", "", text)


@pytest.mark.parametrize("use", USES, ids=lambda use: use.key)
def test_use_works_without_walls(seen, tier, use):
    outputs = seen("none", USERS[0])[use.key]
    assert bool(errors_of(outputs)) == (use.name == "an error"), outputs


@pytest.mark.parametrize(("tier_", "user"), BEHIND)
@pytest.mark.parametrize("use", USES, ids=lambda use: use.key)
def test_use_shows_the_same_behind_walls(seen, tier, tier_, user, use):
    outputs, expected = seen(tier_, user)[use.key], seen("none", USERS[0])[use.key]
    if tier_ in use.lost:
        assert plain(outputs) != plain(expected), f"{tier_} can do it after all: say so"
    else:
        assert plain(outputs) == plain(expected)


def test_what_is_lost_is_lost_for_a_use_that_is_there():
    assert set(LOST) <= {use.name for use in USES}


@pytest.mark.parametrize("name", LOST)
def test_what_is_lost_is_documented(name):
    documented = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    for tier_, why in LOST[name].items():
        assert f"| {name} | `{tier_}` | {why} |" in documented
