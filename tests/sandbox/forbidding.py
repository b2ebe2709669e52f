"""Runs a command as another user, or under a system that forbids what stronger walls need: what `auto` meets elsewhere.

    line = [*running("all", user="ordinary"), sys.executable, "-m", "tests.sandbox.as_user"]
    subprocess.run(line, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT)

`forbidden` is one of

- `nothing`: the machine as it is, where `auto` takes `strong`;
- `nested`: user namespaces, but none with mounts inside another, as with Ubuntu 24.04's AppArmor rule: `mid`. A
  filter cannot count; it knows the zygote's forks by asking for a user and a mount namespace in one `unshare`, which
  bubblewrap never does;
- `Landlock`: that one layer, as a kernel that is older than 5.13: `strong`, and nothing below it;
- `all`: no namespace and no mount, as in a container of Docker's: `portable`. Root keeps only Docker's capabilities.

`user` is `root`, `ordinary` (a uid that nobody has), or None for whoever runs the tests. The command's TMPDIR is a
folder of its own, which vanishes with it, except for tests that run as an ordinary user already. Of root's home only
what Python and this repository need is seen, readable to everybody: root's kernels drop to an ordinary uid, too.

Run as a script, this file loads the filter and becomes the command.
"""

import errno
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ORDINARY = 61500
HOME_BYTES = 1 << 30
ROOTS_HOME = Path("/root")
DOCKERS_CAPABILITIES = (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT "
    "KILL AUDIT_WRITE"
)
DENIED_BY_DOCKER = (
    "unshare setns mount umount2 pivot_root open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr"
)
NAMESPACE_FLAGS = (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
NEWUSER_AND_NEWNS = 0x10020000
EXPECTED = {"nothing": "strong", "Landlock": "strong", "nested": "mid", "all": "portable"}
"""What `auto` takes under each condition."""


def running(forbidden, *, user=None):
    """The beginning of a command line; skips the test where only root can become that user."""
    import pytest

    me = "root" if os.geteuid() == 0 else "ordinary"
    if user == "root" != me:
        pytest.skip("only root can run as root")
    line = _as_root_sees(user or me, forbidden) if me == "root" else []
    if forbidden == "nothing":
        return line
    return [*line, sys.executable, "-P", str(Path(__file__)), forbidden]


def _as_root_sees(user, forbidden):
    """/proc stays the machine's own: where a part of it is covered, no user may mount another."""
    from grader.sandbox import bwrap

    line = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/"]
    line += ["--perms", "0755", "--size", str(HOME_BYTES), "--tmpfs", str(ROOTS_HOME)]
    needed = sorted({*bwrap.library_folders(), Path(sys.prefix), Path(sys.base_prefix), ROOT})
    for folder in (f for f in needed if f.is_relative_to(ROOTS_HOME)):
        for parent in reversed(folder.parents[: -len(ROOTS_HOME.parts)]):
            line += ["--perms", "0755", "--dir", str(parent)]
        line += ["--ro-bind", str(folder), str(folder)]
    temporary = str(ROOTS_HOME / "tmp")
    line += ["--perms", "1777", "--dir", temporary, "--setenv", "TMPDIR", temporary]
    if user == "root":
        if forbidden == "all":
            line += ["--cap-drop", "ALL"]
            for name in DOCKERS_CAPABILITIES.split():
                line += ["--cap-add", f"CAP_{name}"]
        return [*line, "--"]
    own = str(ORDINARY)
    line += ["--", "setpriv", "--reuid", own, "--regid", own, "--clear-groups"]
    return [*line, "--inh-caps=-all", "--"]


def _forbid(what):
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    if what == "nested":
        both = NEWUSER_AND_NEWNS
        rules.add_rule(refuse, "unshare", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, both, both))
    elif what == "Landlock":
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "landlock_create_ruleset")
    else:
        for name in DENIED_BY_DOCKER.split():
            rules.add_rule(refuse, name)
        for flag in NAMESPACE_FLAGS:
            rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()


if __name__ == "__main__":
    _forbid(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
