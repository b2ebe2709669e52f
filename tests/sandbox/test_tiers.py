"""The choice of walls, the trial that they must pass, and what each tier is like where it is the strongest."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.errors import SandboxUnavailableError
from grader.sandbox import choose_tier, rules, selftest, tiers
from grader.sandbox.kernel import open_kernel
from grader.sandbox.nursery import NURSERY
from tests.sandbox.conftest import LIMITS
from tests.sandbox.forbidding import EXPECTED, ROOT, running
from tests.sandbox.notebooks import notebook, text_of

ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}


def said(line, **more):
    run = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False, **more)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize("tier", ["strong", "mid"])
def test_walls_hold_here(tier):
    assert selftest.weakness(tier) is None


def test_walls_can_be_tried_by_two_threads_at_once():
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(selftest.weakness, ["strong", "strong"])) == [None, None]


def test_trial_notices_that_there_are_no_walls():
    found = str(selftest.weakness("none"))
    for words in (
        "secret could be read",
        "the tcp listener could be reached",
        "the named listener could be reached",
        "a process outside could be seen (environ)",
        "a process outside could be killed",
        "a file outside was changed",
    ):
        assert words in found


def test_strongest_tier_is_chosen():
    assert choose_tier("auto") == choose_tier("strong") == "strong"
    assert tiers.stronger("strong") == {}


def test_weaker_tier_is_taken_where_it_is_wanted():
    assert choose_tier("mid") == "mid"


def test_none_needs_no_trial():
    assert choose_tier("none") == "none"


@pytest.mark.parametrize("wanted", ["strong", "mid"])
def test_missing_bubblewrap_is_named_with_the_way_out(monkeypatch, tmp_path, wanted):
    monkeypatch.setenv("PATH", str(tmp_path))
    tiers.weakness.cache_clear()
    with pytest.raises(
        SandboxUnavailableError, match=r"apt install bubblewrap.*grade doctor.*--sandbox none"
    ):
        choose_tier(wanted)
    tiers.weakness.cache_clear()


MID_AND_PORTABLE = [
    ("nested", "ordinary"),
    ("all", "root"),
    pytest.param(("nested", "root"), marks=pytest.mark.nightly),
    pytest.param(("all", "ordinary"), marks=pytest.mark.nightly),
]
"""Each tier and each kind of user once in ordinary runs."""


@pytest.fixture(scope="module", params=MID_AND_PORTABLE, ids=" ".join)
def elsewhere(request, tmp_path_factory):
    """What `as_user` tells under each condition."""
    forbidden, user = request.param
    line = [*running(forbidden, user=user), sys.executable, "-P", "-m", "tests.sandbox.as_user", "killed"]
    return EXPECTED[forbidden], json.loads(
        said(line, env=ENVIRONMENT | {"TMPDIR": str(tmp_path_factory.mktemp("u"))})
    )


def test_auto_takes_the_strongest_that_holds_and_knows_why_not_more(elsewhere):
    tier, told = elsewhere
    assert told["tier"] == tier
    assert list(told["stronger"]) == list(tiers.WALLED[: tiers.WALLED.index(tier)])
    assert all("namespace" in reason for reason in told["stronger"].values())


def test_kernels_are_warm_and_answer_as_elsewhere(elsewhere):
    _, told = elsewhere
    assert told["weakness"] is None
    assert told["warm was warm"]
    for kernel in (told["warm"], told["again"]):
        assert kernel["cells"] == ["completed", "raised", "completed", "completed"]
        assert kernel["probe"] == "answered"
        assert kernel["answer"] == [2, 5]
        assert kernel["secret"] in ("PermissionError", "FileNotFoundError")
        assert kernel["uid"] != 0


def test_nothing_of_one_kernel_is_left_for_the_next(elsewhere):
    _, told = elsewhere
    assert told["again"]["left by another"] == "[]"
    assert told["processes"] == []


def test_nothing_is_left_at_the_end(elsewhere):
    assert elsewhere[1]["left"] == []


def test_killed_grader_takes_students_daemons_and_folders_along(elsewhere):
    _, told = elsewhere
    assert told["outlived"] == []
    assert told["left by the killed"] == []


HOLES = [
    ("strong", "all system calls", "a user namespace could be made"),
    ("strong", "the host's files", "/etc/passwd could be read"),
    ("mid", "all system calls", "a user namespace could be made"),
    ("mid", "the host's network", "the tcp listener could be reached"),
    ("mid", "the host's processes", "a process outside could be seen"),
    ("portable", "all system calls", "the named listener could be reached"),
    ("portable", "calls of another tier", "a file outside was changed"),
    ("portable", "files to read", "secret could be read"),
    ("portable", "files to write", "could be written to"),
    ("portable", "signals", "a process outside could be killed"),
    ("portable", "an old Landlock", "None"),
]


@pytest.mark.parametrize(("tier", "hole", "words"), HOLES)
def test_wall_with_a_hole_is_not_believed(tier, hole, words):
    forbidden = "all" if tier == "portable" else "nothing"
    line = [
        *running(forbidden, user="ordinary"),
        sys.executable,
        "-P",
        "-m",
        "tests.sandbox.breaking",
        tier,
        hole,
    ]
    assert words in said(line, env=ENVIRONMENT)


@pytest.mark.parametrize(
    ("tier", "words"), [("strong", "None"), ("mid", "no Landlock"), ("portable", "no Landlock")]
)
def test_landlock_is_needed_where_namespaces_do_not_do_its_work(tier, words):
    line = [
        *running("Landlock", user="ordinary"),
        sys.executable,
        "-P",
        "-m",
        "tests.sandbox.breaking",
        tier,
        "none",
    ]
    assert words in said(line, env=ENVIRONMENT)


REACH = """
import os, signal, multiprocessing, pathlib
def tried(call, *args):
    try:
        call(*args)
    except OSError as error:
        return type(error).__name__
    return 'reached'
zygote = min(int(p.name) for p in pathlib.Path('/proc').glob('[0-9]*') if int(p.name) > 1)
import resource
print(tried(os.kill, zygote, 9), tried(os.kill, os.getppid(), 19), tried(resource.prlimit, zygote, 7, (0, 0)))
print(tried(pathlib.Path(f'/proc/{zygote}/environ').read_bytes), tried(os.listdir, f'/proc/{zygote}/fd'))
print(tried(os.kill, -1, 19) if LIMITED else 'PermissionError')
"""
CHILDREN = """
import multiprocessing, time, os, signal
child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(99,))
child.start(); child.terminate(); child.join(); print(child.exitcode)
signal.signal(signal.SIGUSR1, lambda *_: print('heard'))
os.kill(os.getpid(), signal.SIGUSR1)
"""


@pytest.mark.parametrize("version", [4, 7])
def test_zygote_is_out_of_reach_and_children_are_not(monkeypatch, version):
    """Before its sixth version Landlock let signals pass, and the system call filter alone must hold them."""
    if rules.landlock_version() < version:
        pytest.skip("Landlock is older here")
    monkeypatch.setattr(rules, "landlock_version", lambda: version)
    zygote = NURSERY.get((), "mid", LIMITS)
    with open_kernel(tier="mid", limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(f"LIMITED = {version < 6}\n{REACH}", CHILDREN))
    assert set(text_of(execution, 0).split()) == {"PermissionError"}
    assert text_of(execution, 1).split() == ["-15", "heard"]
    assert NURSERY.get((), "mid", LIMITS) is zygote


def test_two_kernels_at_a_time_have_nothing_in_common():
    look = (
        "import os\n"
        "print(os.listdir('.'), os.listdir('/tmp'), sum(name.isdigit() for name in os.listdir('/proc')))"
    )
    with open_kernel(tier="mid", limits=LIMITS, seed=1) as one:
        one.execute(notebook("open('mine', 'w').close(); open('/tmp/mine', 'w').close()"))
        with open_kernel(tier="mid", limits=LIMITS, seed=1) as other:
            text = text_of(other.execute(notebook(look)), 0)
        assert text_of(one.execute(notebook("import os\nprint(os.path.exists('mine'))")), 0) == "True\n"
    assert "mine" not in text
    assert text.split()[-1] == "4"


@pytest.mark.parametrize(
    ("fill", "word"),
    [
        ("for n in range(30_000): open(f'/tmp/{n}', 'w').close()", "files"),
        ("import os\nfor n in range(30_000): os.mkdir(f'{n}')", "files"),
    ],
)
def test_too_many_files_end_the_kernel(fill, word):
    with open_kernel(tier="mid", limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(fill + "\nimport time\ntime.sleep(20)"))
        kernel._process.kill()
        assert kernel._process.exceeded() == word
    assert execution.ended == "disk_limit_exceeded"


FILLING = """
import sys
from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from tests.sandbox.notebooks import notebook
for fill in sys.argv[1:]:
    with open_kernel(tier="portable", limits=Limits(disk_bytes=8 << 20), seed=1) as kernel:
        execution = kernel.execute(notebook(fill + "\\nimport time\\ntime.sleep(20)"))
        kernel._process.kill()
        print(execution.ended, kernel._process.exceeded())
"""
FILLS = [
    "for n in range(8): open(f'{n}', 'wb').write(b'x' * (4 << 20))",
    "import os\nkept = []\nfor n in range(8):\n    kept.append(open('gone', 'wb', buffering=0))\n"
    "    kept[-1].write(b'x' * (4 << 20))\n    os.unlink('gone')",
    "import os\nfor n in range(30_000): os.mkdir(f'{n}')",
    "for n in range(3): open(f'{n}', 'wb').write(b'x' * (4 << 20))\nraise SystemExit",
]


def test_disk_of_the_host_is_watched():
    line = [*running("all", user="ordinary"), sys.executable, "-P", "-c", FILLING, *FILLS]
    told = said(line, env=ENVIRONMENT).splitlines()
    assert told[:3] == ["disk_limit_exceeded disk", "disk_limit_exceeded disk", "disk_limit_exceeded files"]
    assert told[3].endswith(" None")
