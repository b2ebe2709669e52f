"""What attacks use: goes into the kernel, or whatever they run in, before they do. It imports nothing of ours."""

import ctypes
import json
import os
import signal
import time
from contextlib import suppress

with suppress(ImportError):  # where there is no kernel
    import IPython

libc = ctypes.CDLL(None, use_errno=True)


def take_name(name):
    """Give this process and its forks a name to be found by, and what they execute a variable."""
    os.environ["GRADE_MARK"] = name
    libc.prctl(15, name.encode(), 0, 0, 0)


def attempt(attack, targets):
    """Try an attack, and print what it reached."""
    try:
        found = attack(json.loads(targets))
        told = {"reached": str(found)[:200]} if found else {"held": "nothing was reached"}
    except NotImplementedError as error:
        told = {"absent": str(error)}
    except BaseException as error:  # noqa: BLE001  whatever stopped it is told
        told = {"held": f"{type(error).__name__}: {error}"[:300]}
    print("TOLD", json.dumps({"attack": attack.__name__, **told}), flush=True)


def in_child(function):
    """Whether the function, called in a fork, returned something true."""
    child = os.fork()
    if not child:
        try:
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class Sleeper:
    """A fork that calls a function, or nothing, and then sleeps: ended with the context."""

    def __init__(self, function=None):
        self.function = function

    def __enter__(self):
        self.pid = os.fork()
        if not self.pid:
            try:
                if self.function:
                    self.function()
                time.sleep(60)
            finally:
                os._exit(0)
        return self.pid

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def sender():
    """Sends a message of any kind and content as the kernel's own."""
    kernel = IPython.get_ipython().kernel
    return lambda kind, content: kernel.session.send(
        kernel.iopub_socket, kind, content, parent=kernel.get_parent()
    )


def replier():
    """Sends a reply to the request that is under way, as the kernel's own."""
    kernel = IPython.get_ipython().kernel
    parent, ident = kernel.get_parent(), kernel._parent_ident["shell"]
    socket = kernel.shell_channel_thread.manager.get_subshell_to_shell_channel_socket(None)
    return lambda content: kernel.session.send(socket, "execute_reply", content, parent=parent, ident=ident)


def checked(result):
    """The result of a call of the C library; OSError when it failed."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
