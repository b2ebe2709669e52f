"""Standard streams that lose nothing of what programs and C libraries write.

ipykernel passes on what arrives at descriptors 1 and 2 in a thread of its own, and a cell may have ended before that
thread has looked: then nobody takes its output for the cell's any more. It also splits letters of several bytes.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import select
import struct
import termios
import threading
from typing import Any

from ipykernel.iostream import OutStream


class WholeStream(OutStream):
    """One of the two streams of a notebook."""

    _fid: int

    def _setup_stream_redirects(self, name: str) -> None:
        self._passing_on = threading.Lock()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        super()._setup_stream_redirects(name)  # type: ignore[no-untyped-call]

    def _watch_pipe_fd(self) -> None:
        poll: Any = select.poll()
        poll.register(self._fid, select.POLLIN)
        while self._should_watch and all(event & select.POLLIN for _, event in poll.poll()):
            self.pass_on()

    def pass_on(self) -> None:
        """Publish what has been written to the descriptor until now."""
        with self._passing_on:
            (waiting,) = struct.unpack("i", fcntl.ioctl(self._fid, termios.FIONREAD, bytes(4)))
            if waiting:
                self.write(self._decoder.decode(os.read(self._fid, waiting)))


def pass_all_on(*streams: Any) -> None:
    """Publish what programs wrote, on those of the streams that are ours."""
    for stream in streams:
        if isinstance(stream, WholeStream):
            stream.pass_on()
