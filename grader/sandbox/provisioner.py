"""What Jupyter's own machinery sees of a kernel: a manager whose provisioner hands out a `Handle`."""

from __future__ import annotations

import asyncio
import secrets
import signal
from typing import Any

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Type

from grader.sandbox.client import CappedClient
from grader.sandbox.handle import Handle

POLL_S = 0.02


class Provisioner(KernelProvisionerBase):
    """One kernel process behind jupyter_client's interface; it starts and ends elsewhere."""

    process: Handle
    key: str

    @property
    def has_process(self) -> bool:
        """Whether there is a process to speak of."""
        return True

    async def poll(self) -> int | None:
        """None while the kernel runs."""
        return None if self.process.alive() else 1

    async def wait(self) -> int | None:
        """Return once the kernel has ended."""
        while self.process.alive():
            await asyncio.sleep(POLL_S)
        return 0

    async def send_signal(self, signum: int) -> None:
        """Interrupt; any other signal ends the kernel."""
        if signum == signal.SIGINT:
            self.process.interrupt()
        elif signum:
            self.process.kill()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and all that it started."""
        self.process.kill()

    async def terminate(self, restart: bool = False) -> None:
        """End it; nothing in it is asked to agree."""
        self.process.kill()

    async def cleanup(self, restart: bool = False) -> None:
        """Leave the process's folder to its owner."""

    async def launch_kernel(self, cmd: list[str], **_: Any) -> Any:
        """Tell where the kernel listens."""
        info: Any = self.process.connection(self.key)
        self.connection_info = info
        return self.connection_info


class Manager(AsyncKernelManager):
    """jupyter_client's manager for one kernel process; the kernel that a notebook names does not matter."""

    client_class = Type(CappedClient)  # type: ignore[assignment]
    client_factory = Type(CappedClient)

    def __init__(self, process: Handle, key: str) -> None:
        super().__init__(context=zmq.asyncio.Context())
        self.kernel_id = secrets.token_hex(8)
        self._nominal = KernelSpec(argv=[], display_name="Python 3", language="python")
        self._process, self._key = process, key

    @property
    def kernel_spec(self) -> KernelSpec:
        """A specification that starts nothing."""
        return self._nominal

    async def _async_pre_start_kernel(self, **_: Any) -> tuple[list[str], dict[str, Any]]:
        self.shutting_down = False
        self._launch_args = {}
        provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self._nominal, parent=self)
        provisioner.process, provisioner.key = self._process, self._key
        self.provisioner = provisioner
        return [], {}

    def write_connection_file(self, **_: Any) -> None:
        """Write none: it would hold the kernel's key."""

    def _connect_control_socket(self) -> None:
        """Connect none: kernels are killed, not asked."""
