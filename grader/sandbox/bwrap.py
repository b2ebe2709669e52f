"""The command line that builds the walls: one bubblewrap around one process.

As root, bubblewrap makes the mounts as real root (the interpreter may lie where only root may look) and keeps only
what it takes to become an ordinary uid, which `setpriv` does before anything else runs. As an ordinary user it makes
a user namespace of its own.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

import grader
from grader.errors import SandboxUnavailableError
from grader.model.rubric import Limits
from grader.model.text import say
from grader.sandbox.folders import FIRST_ORDINARY_ID
from grader.sandbox.gpus import Gpu

PYTHON = sys.executable
HOME = "/home/student"
INSIDE = "/run/grade/inkernel"
IDS_OF_ONE_GRADER = 256
DEV_SHM_BYTES = 256 << 20
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
LINKS = ("/bin", "/sbin", "/lib", "/lib64")
INKERNEL = Path(grader.__file__).parent / "inkernel"
ADVICE = say("The tiers strong and mid need bubblewrap 0.8 or newer: `apt install bubblewrap`.")


def library_folders() -> list[Path]:
    """The folders that Python and its libraries need, outermost first; nothing of the project among them."""
    paths = sysconfig.get_paths()
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent}
    wanted |= {Path(paths[key]) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    wanted |= {Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages")}
    found: list[Path] = []
    for folder in sorted({path for path in wanted if path.is_dir()}, key=lambda p: (len(p.parts), str(p))):
        if not any(folder.is_relative_to(other) for other in (*found, Path("/usr"))):
            found.append(folder)
    return found


def environment(home: str, temporary: str, gpu: Gpu | None = None) -> dict[str, str]:
    """The whole environment of a kernel; nothing of the grader's own comes along. No GPU is seen but `gpu`."""
    own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    extra = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages") and p not in own]
    return {
        "HOME": home,
        "USER": "student",
        "LOGNAME": "student",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "TMPDIR": temporary,
        "IPYTHONDIR": f"{home}/.ipython",
        "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "TORCH_HOME": f"{home}/.torch",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "TQDM_MININTERVAL": "1",
        "JOBLIB_MULTIPROCESSING": "0",
        "PIP_RETRIES": "0",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **({"PYTHONPATH": ":".join(extra)} if extra else {}),
        **({} if gpu is None else gpu.environment),
    }


def walls_of_zygote(limits: Limits, *, nested: bool = False, gpu: Gpu | None = None) -> list[str]:
    """The beginning of a command line that runs behind walls, with inherited descriptors left open.

    `nested`: for a process that makes namespaces of its own, which takes an ordinary user from the start: so root makes
    the mounts first, becomes ordinary, and only then builds the walls. Nothing ties the zygote to the thread that
    starts it: it ends when its socket closes. `gpu`: what is let in for a kernel that computes on it.
    """
    walled = [_tool("bwrap"), *_NAMESPACES, "--unshare-user", "--cap-drop", "ALL"]
    if os.geteuid() != 0:
        return [*walled, *_inside(limits, INKERNEL, gpu)]
    if not nested:
        return [
            _tool("bwrap"),
            *_NAMESPACES,
            *_BECOMING_ORDINARY,
            *_inside(limits, INKERNEL, gpu),
            *_ordinary(),
        ]
    outer = [_tool("bwrap"), *_BECOMING_ORDINARY, "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    outer += ["--perms", "0755", "--dir", "/tmp"]  # noqa: S108 - where the inner bubblewrap starts to build
    outer += [*_system(INKERNEL, gpu), "--remount-ro", "/", "--", *_ordinary()]
    return [*outer, *walled, *_inside(limits, Path(INSIDE), gpu)]


def ordinary_id() -> int:
    """A uid and gid that belongs to nobody."""
    own = os.getpid() % (1 << 20) * IDS_OF_ONE_GRADER
    return FIRST_ORDINARY_ID + own + next(_IDS) % IDS_OF_ONE_GRADER


_NAMESPACES = (
    *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--new-session", "--clearenv", "--hostname", "sandbox"),
)
_IDS = itertools.count()
_BECOMING_ORDINARY = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")


def _inside(limits: Limits, inkernel: Path, gpu: Gpu | None) -> list[str]:
    """Mounts and environment, up to the command."""
    line = [*_scratch(limits), *_system(inkernel, gpu)]
    for node in () if gpu is None else gpu.nodes:
        line += ["--dev-bind", node, node]
    for name, value in environment(HOME, "/tmp", gpu).items():  # noqa: S108
        line += ["--setenv", name, value]
    return [*line, "--chdir", HOME, "--remount-ro", "/dev", "--remount-ro", "/", "--"]


def _system(inkernel: Path, gpu: Gpu | None) -> list[str]:
    line: list[str] = []
    made: set[Path] = set()
    drivers = [] if gpu is None else _not_yet_there(map(Path, gpu.folders))
    folders = [*library_folders(), *drivers, Path(INSIDE)]
    for folder in [*folders, Path("/etc/any"), Path("/sys/devices/system/cpu")]:
        for parent in reversed(folder.parents[:-1]):
            if parent not in made:
                made.add(parent)
                line += ["--perms", "0755", "--dir", str(parent)]
    for path in SYSTEM:
        line += ["--ro-bind-try", path, path]
    for link in LINKS:
        if Path(link).is_symlink():
            line += ["--symlink", os.readlink(link), link]
        elif Path(link).is_dir():
            line += ["--ro-bind", link, link]
    for folder in (*library_folders(), *drivers):
        line += ["--ro-bind", str(folder), str(folder)]
    package = INKERNEL.parent
    if inkernel == INKERNEL and any(
        package.is_relative_to(folder) for folder in (*library_folders(), Path("/usr"))
    ):
        line += ["--size", "4096", "--tmpfs", str(package), "--remount-ro", str(package)]
    line += ["--ro-bind", str(inkernel), INSIDE]
    return [*line, "--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]


def _not_yet_there(folders: Iterable[Path]) -> list[Path]:
    seen = (*library_folders(), Path(SYSTEM[0]))
    return [folder for folder in folders if not any(folder.is_relative_to(other) for other in seen)]


def _scratch(limits: Limits) -> list[str]:
    line = ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", str(Path(HOME).parent)]
    for path, size in (("/dev/shm", DEV_SHM_BYTES), ("/tmp", limits.disk_bytes), (HOME, limits.disk_bytes)):  # noqa: S108
        line += ["--perms", "0777", "--size", str(size), "--tmpfs", path]
    return line


def _ordinary() -> list[str]:
    user = str(ordinary_id())
    return [
        *(_tool("setpriv"), "--reuid", user, "--regid", user, "--clear-groups"),
        *("--inh-caps=-all", "--no-new-privs", "--"),
    ]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SandboxUnavailableError(ADVICE)
    return found
