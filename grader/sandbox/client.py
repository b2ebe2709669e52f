"""A Jupyter client that a hostile kernel cannot hurt: sizes are capped, malformed messages are only counted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.connect import channel_socket_types
from traitlets import Type

from grader.errors import KernelStartError
from grader.model.text import say

MOST_FRAME_BYTES = 16 << 20
MOST_QUEUED = 256
MOST_MALFORMED = 50
READY_S = 60.0
STRAGGLERS_S = 0.01
CONTENT_FRAME = 4
"""Of signature, header, parent header, metadata, content, buffers."""


class CappedChannel(AsyncZMQSocketChannel):
    """A channel whose messages always have the parts that readers rely on."""

    malformed = 0

    async def _recv(self, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        frames = await self.socket.recv_multipart(**kwargs)
        try:
            _, parts = self.session.feed_identities(frames)
            message: dict[str, Any] = self.session.deserialize(parts)
        except Exception:  # noqa: BLE001  any failure to parse what a student's process sent
            message = {}
        if not _well_formed(message):
            self.malformed += 1
            return {"header": {}, "msg_type": "", "parent_header": {}, "content": {}, "buffers": []}
        message["content_bytes"] = len(parts[CONTENT_FRAME])
        message["bytes"] = sum(len(frame) for frame in frames)
        return message


class ShellChannel(CappedChannel):
    """Notes which requests the kernel says to have failed: student code can reply in its place, and be the first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.failures: dict[str, dict[str, Any]] = {}
        """By request; what was replied."""

    async def _recv(self, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        message = await super()._recv(**kwargs)
        if message["msg_type"] == "execute_reply" and message["content"].get("status") == "error":
            self.failures.setdefault(str(message["parent_header"].get("msg_id")), message["content"])
        return message


def _well_formed(message: dict[str, Any]) -> bool:
    parts = (message.get(key) for key in ("header", "parent_header", "content", "metadata"))
    return isinstance(message.get("msg_type"), str) and all(isinstance(part, dict) for part in parts)


class CappedClient(AsyncKernelClient):
    """A client for one kernel; it never reconnects, has no heartbeat and no stdin."""

    shell_channel_class = Type(ShellChannel)
    iopub_channel_class = Type(CappedChannel)
    stdin_channel_class = Type(CappedChannel)
    control_channel_class = Type(CappedChannel)

    asked = ""
    """The latest request to execute something."""
    disconnected = False
    """Whether the kernel's end of the outputs closed: it ended, or broke the protocol."""
    _watch: asyncio.Task[None] | None = None
    _monitor: Any = None

    def start_channels(self, *_: Any, **__: Any) -> None:
        """Open shell and iopub, and watch the latter for a disconnection."""
        super().start_channels(stdin=False, hb=False, control=False)
        self._monitor = self.iopub_channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._watch = asyncio.get_running_loop().create_task(self._note_disconnection(self._monitor))

    def stop_channels(self) -> None:
        """Close what was opened."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._monitor is not None:
            self.iopub_channel.socket.disable_monitor()
            self._monitor.close(linger=0)
            self._monitor = None
        for channel in (self._shell_channel, self._iopub_channel):
            if channel is not None:
                channel.stop()

    def execute(self, *args: Any, **kwargs: Any) -> str:
        """Send a request to execute; which one it was is kept."""
        self.asked = super().execute(*args, **kwargs)
        return self.asked

    async def hear_out(self) -> None:
        """Take the replies that came after the first to the latest request."""
        until = time.monotonic() + STRAGGLERS_S
        with contextlib.suppress(Empty):
            while (left := until - time.monotonic()) > 0:
                await self.shell_channel.get_msg(timeout=left)

    def broken(self) -> bool:
        """Whether the kernel sent too many messages that nobody can read."""
        channels = (self.shell_channel, self.iopub_channel)
        return bool(sum(channel.malformed for channel in channels) > MOST_MALFORMED)

    async def wait_for_ready(self, timeout: float | None = READY_S) -> None:
        """Wait until outputs arrive and the kernel answers; raises KernelStartError when it does not."""
        deadline = time.monotonic() + (timeout or READY_S)
        try:
            await self._await_message(self.iopub_channel, deadline, "iopub_welcome")
            asked = self.kernel_info()
            await self._await_message(self.shell_channel, deadline, "kernel_info_reply", asked)
            await self._await_message(self.iopub_channel, deadline, "status", asked, state="idle")
        except Empty:
            raise KernelStartError(say("The kernel started, but did not answer.")) from None

    async def _await_message(
        self, channel: Any, deadline: float, kind: str, parent: str = "", state: str = ""
    ) -> None:
        while True:
            if self.disconnected:
                raise Empty
            message = await channel.get_msg(timeout=max(0.0, min(1.0, deadline - time.monotonic())))
            fits = not parent or message["parent_header"].get("msg_id") == parent
            fits = fits and (not state or message["content"].get("execution_state") == state)
            if message["msg_type"] == kind and fits:
                return

    async def _note_disconnection(self, monitor: Any) -> None:
        await monitor.recv_multipart()
        self.disconnected = True

    def _create_connected_socket(self, channel: str, identity: bytes | None = None) -> Any:
        socket = self.context.socket(channel_socket_types[channel])
        socket.linger = 0
        socket.setsockopt(zmq.MAXMSGSIZE, MOST_FRAME_BYTES)
        socket.setsockopt(zmq.RCVHWM, MOST_QUEUED)
        socket.setsockopt(zmq.RECONNECT_IVL, -1)
        if identity:
            socket.identity = identity
        socket.connect(self._make_url(channel))
        return socket
