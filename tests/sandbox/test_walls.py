"""Attacks from inside a kernel: each succeeds without walls, and fails behind them."""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, text_of

ATTACKS = {
    "read a planted secret": "print('REACHED' if open({secret!r}).read() else '')",
    "see the grader's code": "import os\nos.listdir({package!r})\nprint('REACHED')",
    "see the folder of the references": "import os\nprint('REACHED' if os.listdir({folder!r}) else '')",
    "read the users of this machine": "open('/etc/passwd').read()\nprint('REACHED')",
    "write beside the secret": "open({folder!r} + '/mine', 'w').write('x')\nprint('REACHED')",
    "write into the libraries": (
        "import torch, os\nname = os.path.dirname(torch.__file__) + '/written-by-test'\n"
        "open(name, 'w').write('x')\nos.unlink(name)\nprint('REACHED')"
    ),
    "connect to the loopback": (
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)\nprint('REACHED')"
    ),
    "connect to an abstract socket": (
        "import socket\nsocket.socket(socket.AF_UNIX).connect('\\0' + {name!r})\nprint('REACHED')"
    ),
    "see a process outside": (
        "import pathlib\n"
        "print('REACHED' if any({name!r} in p.read_text() for p in pathlib.Path('/proc').glob('[0-9]*/cmdline')"
        " if p.parent.name != str(__import__('os').getpid())) else '')"
    ),
    "see the grader's environment": "import os\nprint('REACHED' if 'GRADE_TEST_SECRET' in os.environ else '')",
    "be root": "import os\nprint('REACHED' if os.geteuid() == 0 else '')",
    "make a namespace": (
        "import subprocess\n"
        "print('REACHED' if subprocess.run(['unshare', '--user', 'true']).returncode == 0 else '')"
    ),
    "trace a process": (
        "import ctypes, os, time\nchild = os.fork()\n"
        "if not child:\n    time.sleep(5); os._exit(0)\n"
        "print('REACHED' if ctypes.CDLL(None).ptrace(16, child, 0, 0) == 0 else '')\n"
        "os.kill(child, 9); os.waitpid(child, 0)"
    ),
    "make a memory file": "import os\nos.memfd_create('x')\nprint('REACHED')",
}
ONLY_FROM_ROOT = {"be root"}
USES = {
    "own folder": "open('mine.txt', 'w').write('x'); print(open('mine.txt').read())",
    "temporary files": "import tempfile\nwith tempfile.NamedTemporaryFile('w') as f: f.write('x')\nprint('x')",
    "processes": "import subprocess\nprint(subprocess.check_output(['echo', 'x'], text=True))",
    "workers": (
        "import torch\nfrom torch.utils.data import DataLoader\n"
        "print('x', len(list(DataLoader(torch.zeros(8, 2), batch_size=2, num_workers=1))))"
    ),
    "loopback": (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname())\nprint('x')"
    ),
    "shell": "!echo x",
    "disk": "try:\n    open('big', 'wb').write(b'x' * 600_000_000)\nexcept OSError: print('x')",
}


@pytest.fixture(scope="module")
def targets(nothing_is_left):
    name = secrets.token_hex(8)
    folder = Path(nothing_is_left) / "targets"
    folder.mkdir(mode=0o777)
    (folder / "secret").write_text("the answers")
    os.environ["GRADE_TEST_SECRET"] = "answers"
    bystander = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()", name]
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen(bystander, stdin=subprocess.PIPE) as process,
    ):
        abstract.bind("\0" + name)
        abstract.listen()
        yield {
            "secret": str(folder / "secret"),
            "folder": str(folder),
            "package": str(Path(grader.__file__).parent),
            "port": tcp.getsockname()[1],
            "name": name,
        }
        process.kill()
    del os.environ["GRADE_TEST_SECRET"]
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def reached(tier, targets):
    cells = [attack.format(**targets) for attack in ATTACKS.values()]
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(*cells, *USES.values()))
    assert len(execution.cells) == len(cells) + len(USES)
    texts = [text_of(execution, index) for index in range(len(cells) + len(USES))]
    attacks = {name for name, text in zip(ATTACKS, texts, strict=False) if "REACHED" in text}
    return attacks, dict(zip(USES, texts[len(cells) :], strict=True))


@pytest.fixture(scope="module")
def behind_walls(tier, targets):
    return reached(tier, targets)


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_fails_behind_walls(behind_walls, attack):
    assert attack not in behind_walls[0]


@pytest.mark.parametrize("use", USES)
def test_honest_use_works_behind_walls(behind_walls, use):
    assert behind_walls[1][use].startswith("x")


def test_attacks_work_without_walls(targets):
    found, _ = reached("none", targets)
    possible = set(ATTACKS) - {"see the grader's environment"}
    assert found == (
        possible if os.geteuid() == 0 else possible - ONLY_FROM_ROOT - {"write into the libraries"}
    )


CROWD = [
    "import os, time\nmade = 0\ntry:\n    while made < 2000:\n"
    "        if not os.fork():\n            time.sleep(100); os._exit(0)\n        made += 1\n"
    "except OSError: print('stopped', made)",
    "import subprocess\nsubprocess.Popen(['setsid', 'sleep', '1000.25'])\nprint('left')",
]


def test_fork_bomb_is_stopped_and_nothing_outlives_the_kernel(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(CROWD[0]))
    assert "stopped" in text_of(execution, 0)


def test_daemon_does_not_outlive_the_kernel(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        assert text_of(kernel.execute(notebook(CROWD[1])), 0) == "left\n"
    names = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    assert b"sleep\x001000.25\x00" not in names
