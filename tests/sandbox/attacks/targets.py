"""What attacks are aimed at: planted files, listeners and processes, which tell whether they were reached."""

import contextlib
import os
import secrets
import select
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
from pathlib import Path

import grader
from grader.sandbox import bwrap
from tests.sandbox.attacks.bare import condition

ROOT = Path(__file__).parents[3]
SECRET = "GRADE_ATTACK_SECRET"
"""A variable of the environment that the grader was started with."""
LONG_AGO = 1_000_000_000


class Leaks:
    """What a process that the grader starts carelessly would inherit: a secret in its environment, open files."""

    def __init__(self) -> None:
        self.word = os.environ[SECRET]
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process is there
        self.file.write(b"open to the grader")
        self.file.flush()
        self.sockets = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for one in (self.file, *self.sockets):
            os.set_inheritable(one.fileno(), True)


class Listeners:
    """Sockets of the grader's machine, of each kind that there is; they note what they hear."""

    def __init__(self, folder: Path) -> None:
        self.abstract = "grade-attack-" + secrets.token_hex(6)
        self.path = str(folder / "s")
        self.heard: list[bytes] = []
        self.tcp = socket.create_server(("", 0))
        self.tcp6 = _ipv6()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("", 0))
        self.streams = [self.tcp, *([self.tcp6] if self.tcp6 else [])]
        self.datagrams = [self.udp]
        for address in ("\0" + self.abstract, self.path):
            stream, datagram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            stream.bind(address)
            stream.listen()
            datagram.bind(address + "-datagrams")
            self.streams.append(stream)
            self.datagrams.append(datagram)
        for path in (self.path, self.path + "-datagrams"):
            Path(path).chmod(0o777)
        self._wake, self._woken = os.pipe()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        opened: list[socket.socket] = []
        while True:
            ready, _, _ = select.select([self._wake, *self.streams, *self.datagrams, *opened], [], [])
            if self._wake in ready:
                break
            for one in ready:
                if one in self.streams:
                    opened.append(one.accept()[0])
                    continue
                with contextlib.suppress(OSError):
                    data, sender = one.recvfrom(4096)
                    self.heard.append(data)
                    if one is self.udp:
                        one.sendto(data, sender)
                    if one in opened and not data:
                        opened.remove(one)
                        one.close()
        for one in (*opened, *self.streams, *self.datagrams):
            one.close()

    def close(self) -> None:
        os.write(self._woken, b"x")
        self._thread.join()
        os.close(self._wake)
        os.close(self._woken)


class Targets:
    """All that is planted for one kernel whose processes run as `uid`."""

    def __init__(self, uid: int, tier: str, leaks: Leaks) -> None:
        self.uid, self.tier, self.leaks, self.word = uid, tier, leaks, leaks.word
        self.folder = Path(tempfile.mkdtemp(prefix="grade-attacked-"))
        self.folder.chmod(0o777)
        self.listeners = Listeners(self.folder)
        self._fingerprints: dict[str, object] = {}
        self._victims: dict[str, tuple[subprocess.Popen[bytes], object]] = {}
        self.bystander = self._process()
        with contextlib.closing(sqlite3.connect(self.folder / "book.db")) as book:
            book.execute("create table grades as select 'student' as name, 20 as grade")
            book.commit()
        self._give(self.folder / "book.db")

    def __enter__(self) -> "Targets":
        return self

    def __exit__(self, *_: object) -> None:
        self.listeners.close()
        for victim in (self.bystander, *(one for one, _ in self._victims.values())):
            victim.kill()
            victim.wait()
            if victim.stdin:
                victim.stdin.close()
        shutil.rmtree(self.folder)

    @property
    def pids(self) -> set[int]:
        """The processes that are there to be attacked."""
        return {self.bystander.pid, *(victim.pid for victim, _ in self._victims.values())}

    def plant(self, key: str, *, victim: bool) -> dict[str, object]:
        """The targets of one attack: some its own, some shared by all."""
        own = self.folder / key
        own.mkdir()
        (own / "empty").mkdir()
        (own / "secret").write_text(f"the answers are {self.word}")
        (own / "submission.ipynb").write_text('{"cells": []}')
        for path in (*own.iterdir(), own):
            self._give(path)
            os.utime(path, (LONG_AGO, LONG_AGO))
        self._fingerprints[key] = fingerprint(own)
        found: dict[str, object] = {
            "attack": key,
            "tier": self.tier,
            "folder": str(own),
            "secret": str(own / "secret"),
            "submission": str(own / "submission.ipynb"),
        }
        if victim:
            process = self._process()
            self._victims[key] = (process, condition(process.pid))
            found["victim"] = process.pid
        return found | self._shared()

    def _shared(self) -> dict[str, object]:
        status = os.fstat(self.leaks.file.fileno())
        return {
            "word": self.word,
            "bystander": self.bystander.pid,
            "book": str(self.folder / "book.db"),
            "package": str(Path(grader.__file__).parent),
            "reference": str(ROOT / "reference"),
            "submissions": str(ROOT / "submissions"),
            "inkernel": [str(bwrap.INKERNEL), bwrap.INSIDE],
            "open_file": [status.st_dev, status.st_ino],
            "tcp": self.listeners.tcp.getsockname()[1],
            "tcp6": self.listeners.tcp6.getsockname()[1] if self.listeners.tcp6 else 0,
            "udp": self.listeners.udp.getsockname()[1],
            "abstract": self.listeners.abstract,
            "path": self.listeners.path,
            "address": own_address(),
            "not_beyond": os.getpid(),
            "may_gain": "NoNewPrivs:\t0" in Path("/proc/self/status").read_text(),
        }

    def changed(self, key: str) -> str:
        """How the attack's own folder differs from what was planted; empty when it does not."""
        now = fingerprint(self.folder / key)
        return "" if now == self._fingerprints[key] else f"{now}"

    def harmed(self, key: str) -> str:
        """How the attack's own victim fares; empty when it is well."""
        process, before = self._victims[key]
        now = condition(process.pid)
        if now == before:
            return ""
        return "the victim ended or was stopped" if now is None else "the victim was changed"

    def heard(self, key: str) -> str:
        """What the listeners heard from the attack."""
        return "it was heard" if any(key.encode() in data for data in self.listeners.heard) else ""

    def _process(self) -> subprocess.Popen[bytes]:
        become = {"user": self.uid, "group": self.uid, "extra_groups": []} if os.geteuid() == 0 else {}
        line = ["/bin/sh", "-c", "echo up; read -r never", self.word]
        process = subprocess.Popen(
            line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"WORD": self.word, "PATH": "/usr/bin:/bin"},
            start_new_session=True,
            **become,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.stdout.close()
        return process

    def _give(self, path: Path) -> None:
        """Let the kernel's own user do as it likes, so that only walls stand in between."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.uid)
        path.chmod(0o777 if path.is_dir() else 0o666)


def fingerprint(folder: Path) -> list[object]:
    """Everything about a folder that writing to it would change."""
    found: list[object] = []
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        marks = os.listxattr(path, follow_symlinks=False)
        what = (status.st_mode, status.st_uid, status.st_nlink, int(status.st_mtime), status.st_size, marks)
        found.append([str(path.relative_to(folder)), *what])
    return found


def own_address() -> str:
    """An address of this machine that is not the loopback's; empty when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return ""
        address = str(asking.getsockname()[0])
    return "" if address.startswith("127.") else address


def _ipv6() -> socket.socket | None:
    try:
        return socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        return None
