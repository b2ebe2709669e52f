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
from pathlib import Path

import grader
from grader.errors import SandboxUnavailableError
from grader.model.rubric import Limits

PYTHON = sys.executable
HOME = "/home/student"
INSIDE = "/run/grade/inkernel"
FIRST_ORDINARY_ID = 0x70000000
"""When the grader is root, kernels get uids and gids from here on, which belong to nobody: one each, because the
number of processes is limited by uid."""
IDS_OF_ONE_GRADER = 256
DEV_SHM_BYTES = 256 << 20
SYSTEM = ("/usr", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
LINKS = ("/bin", "/sbin", "/lib", "/lib64")
INKERNEL = Path(grader.__file__).parent / "inkernel"
ADVICE = (
    "The strong sandbox needs bubblewrap 0.8 or newer: `apt install bubblewrap`. "
    "`--sandbox none` runs student code without walls."
)


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


def environment(home: str) -> dict[str, str]:
    """The whole environment of a kernel; nothing of the grader's own comes along."""
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
        "TMPDIR": "/tmp" if home == HOME else home,  # noqa: S108 - the kernel's own tmpfs
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
        **({"PYTHONPATH": ":".join(extra)} if extra else {}),
    }


def walls(limits: Limits, command: list[str]) -> list[str]:
    """The command line that runs `command` behind walls, with inherited descriptors left open."""
    if os.geteuid() == 0:
        line = [_tool("bwrap"), *_NAMESPACES, "--die-with-parent", *_BECOMING_ORDINARY]
        return [*line, *_inside(limits, INKERNEL), *_ordinary(), *command]
    line = [_tool("bwrap"), *_NAMESPACES, "--die-with-parent", "--unshare-user", "--cap-drop", "ALL"]
    return [*line, *_inside(limits, INKERNEL), *command]


def walls_of_zygote(limits: Limits, command: list[str]) -> list[str]:
    """The same for a process that makes namespaces of its own, which takes an ordinary user from the start.

    So root makes the mounts first, becomes ordinary, and only then builds the walls. Nothing ties the zygote to the
    thread that starts it: it ends when its socket closes.
    """
    walled = [_tool("bwrap"), *_NAMESPACES, "--unshare-user", "--cap-drop", "ALL"]
    if os.geteuid() != 0:
        return [*walled, *_inside(limits, INKERNEL), *command]
    outer = [_tool("bwrap"), *_BECOMING_ORDINARY, "--dev-bind", "/dev", "/dev", "--bind", "/proc", "/proc"]
    outer += ["--perms", "0755", "--dir", "/tmp"]  # noqa: S108 - where the inner bubblewrap starts to build
    outer += [*_system(INKERNEL), "--remount-ro", "/", "--", *_ordinary()]
    return [*outer, *walled, *_inside(limits, Path(INSIDE)), *command]


_NAMESPACES = (
    *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--new-session", "--clearenv", "--hostname", "sandbox"),
)
_IDS = itertools.count()
_BECOMING_ORDINARY = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")


def _inside(limits: Limits, inkernel: Path) -> list[str]:
    """Mounts and environment, up to the command."""
    line = [*_scratch(limits), *_system(inkernel)]
    for name, value in environment(HOME).items():
        line += ["--setenv", name, value]
    return [*line, "--chdir", HOME, "--remount-ro", "/dev", "--remount-ro", "/", "--"]


def _system(inkernel: Path) -> list[str]:
    line: list[str] = []
    made: set[Path] = set()
    folders = [*library_folders(), Path(INSIDE)]
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
    for folder in library_folders():
        line += ["--ro-bind", str(folder), str(folder)]
    package = INKERNEL.parent
    if inkernel == INKERNEL and any(
        package.is_relative_to(folder) for folder in (*library_folders(), Path("/usr"))
    ):
        line += ["--size", "4096", "--tmpfs", str(package), "--remount-ro", str(package)]
    line += ["--ro-bind", str(inkernel), INSIDE]
    return [*line, "--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]


def _scratch(limits: Limits) -> list[str]:
    line = ["--proc", "/proc", "--dev", "/dev", "--perms", "0755", "--dir", str(Path(HOME).parent)]
    for path, size in (("/dev/shm", DEV_SHM_BYTES), ("/tmp", limits.disk_bytes), (HOME, limits.disk_bytes)):  # noqa: S108
        line += ["--perms", "0777", "--size", str(size), "--tmpfs", path]
    return line


def _ordinary() -> list[str]:
    own = os.getpid() % (1 << 20) * IDS_OF_ONE_GRADER
    user = str(FIRST_ORDINARY_ID + own + next(_IDS) % IDS_OF_ONE_GRADER)
    return [
        *(_tool("setpriv"), "--reuid", user, "--regid", user, "--clear-groups"),
        *("--inh-caps=-all", "--no-new-privs", "--"),
    ]


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SandboxUnavailableError(ADVICE)
    return found
