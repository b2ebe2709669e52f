"""Attacks on the walls: each is shown to work where its wall is missing, and fails behind it.

One process for each tier and kind of user tries them all (`attacks/driver.py`); the tests here hand out what it saw.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from tests.once import made_once
from tests.sandbox.attacks import leftovers
from tests.sandbox.attacks.answers import FORGERIES
from tests.sandbox.attacks.catalogue import ATTACKS
from tests.sandbox.forbidding import ORDINARY, ROOT, running

USERS = ("root", "ordinary") if os.geteuid() == 0 else ("ordinary",)
FORBIDDEN = {"none": "nothing", "strong": "nothing", "mid": "nested", "portable": "all"}
"""What the system forbids where each tier is attacked: all that stronger tiers need."""
TIERS = ("strong", "mid", "portable")
AT_ONCE = {("none", "root"), ("strong", "root"), ("portable", "ordinary")}
"""Tiers and users of ordinary test runs; the others' turn is at night."""


def _turns(*tiers):
    """Tiers and users, each for an ordinary run or for the night."""
    return [
        pytest.param(
            tier,
            user,
            id=f"{tier}-{user}",
            marks=() if (tier, user) in AT_ONCE or len(USERS) == 1 else (pytest.mark.nightly,),
        )
        for tier in tiers
        for user in USERS
    ]


BEHIND = _turns(*TIERS)
WITHOUT = _turns("none")
WAIT_S = 500
MOST_MEGABYTES = 300
"""Of the process that judges: less than the floods would have made of it."""


def attacked(tier, user, folder):
    """What the driver says, run by this kind of user."""
    as_it_is = user == "root" and FORBIDDEN[tier] == "nothing"
    line = [] if as_it_is else running(FORBIDDEN[tier], user=user)
    line = [*line, sys.executable, "-P", "-m", "tests.sandbox.attacks.driver", tier]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "TMPDIR": str(folder)}
    run = subprocess.run(
        line, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    told = json.loads(run.stdout.splitlines()[-1])
    told["left"] += [f"process {pid} outside" for pid in leftovers.still_there(told["word"])]
    return told


def told_once(factory, tell, tier, user):
    """What `tell` says of a tier and user, with a folder that everybody may enter; once a test session."""

    def write(path):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as temporary:
            Path(temporary).chmod(0o777)  # so that nothing but walls is in the way
            path.write_text(json.dumps(tell(tier, user, temporary)))

    return json.loads(made_once(factory, f"{tell.__name__}-{tier}-{user}.json", write).read_text())


@pytest.fixture(scope="session")
def seen(tmp_path_factory):
    """Outcomes by tier and user; shared between the workers of one test session."""
    return partial(told_once, tmp_path_factory, attacked)


@pytest.mark.parametrize(("tier_", "user"), WITHOUT)
@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.proof != "nowhere"], ids=lambda a: a.key)
def test_attack_works_where_the_wall_is_missing(seen, tier, tier_, user, attack):
    if attack.proof == "root" and user != "root":
        pytest.skip(f"only root can show it: {attack.why}")
    outcome = seen(tier_, user)["outcomes"][attack.key]
    if "absent" in outcome:
        pytest.skip(f"not on this machine: {outcome['absent']}")
    assert outcome.get("reached"), outcome


@pytest.mark.parametrize(("tier_", "user"), BEHIND)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.key)
def test_attack_is_held(seen, tier, tier_, user, attack):
    outcome = seen(tier_, user)["outcomes"][attack.key]
    assert "untried" not in outcome, outcome
    if attack.held_in(tier_):
        assert not outcome["reached"], outcome
    else:
        assert outcome["reached"], f"{tier_} holds it after all: say so"


@pytest.mark.parametrize(("tier_", "user"), BEHIND)
@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda f: f.key)
def test_forged_answer_is_only_data_or_refused(seen, tier, tier_, user, forgery):
    found = seen(tier_, user)["answers"][forgery.key]
    assert found["fooled"], "the forgery would fool nobody"
    assert found["outcome"] == ("refused" if forgery.refused else "answered"), found
    assert forgery.refused in (found["detail"] or "")
    assert found["value"] == forgery.becomes


@pytest.mark.parametrize(("tier_", "user"), BEHIND)
def test_grader_stays_small(seen, tier, tier_, user):
    assert seen(tier_, user)["megabytes"] < MOST_MEGABYTES


@pytest.mark.parametrize(("tier_", "user"), [*BEHIND, *WITHOUT])
def test_nothing_is_left(seen, tier, tier_, user):
    assert seen(tier_, user)["left"] == []


@pytest.mark.parametrize(("tier_", "user"), WITHOUT)
def test_attacks_ran_as_this_user(seen, tier, tier_, user):
    uid = seen(tier_, user)["uid"]
    assert (uid == 0) == (user == "root")
    assert user == "root" or os.geteuid() != 0 or uid == ORDINARY


def test_what_is_not_held_is_documented():
    documented = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    _, _, table = documented.partition("| attack | tier | what is reached |\n|---|---|---|\n")
    rows = {f"| {a.name} | `{tier_}` | {why} |" for a in ATTACKS for tier_, why in a.not_held.items()}
    assert set(table.partition("\n\n")[0].splitlines()) == rows


def test_what_is_not_shown_or_not_held_has_its_reason():
    assert [a.key for a in ATTACKS if a.proof != "none" and not a.why] == []
    assert len({a.key for a in ATTACKS}) == len(ATTACKS)
