"""Messages that no kernel sends: student code has the connection's key, and can send any.

They must hurt nobody but their own notebook; that is judged by whether the grader goes on. Forged answers are in
`answers.py`.
"""

import IPython

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import replier, sender

LITTLE = {"cell_s": 10, "total_s": 30, "output_bytes": 100_000}
RAISED = frozenset({"raised"})
ENDED = frozenset({"output_limit_exceeded", "memory_limit_exceeded", "kernel_died"})
BE_DONE = """
replier()({"status": "ok", "execution_count": 1})
sender()("status", {"execution_state": "idle"})
import time
time.sleep(0.5)
"""
BELIEVING = "tier `none` listens as carefully as all others; Jupyter's own client does not"


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING)
def send_outputs_without_content(t):
    send = sender()
    for kind, content in (
        ("stream", {}),
        ("stream", {"name": []}),
        ("display_data", {"data": 3}),
        ("error", {"traceback": 5}),
    ):
        send(kind, content)


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING)
def send_deeply_nested_outputs(t):
    tree = {}
    for _ in range(900):
        tree = {"x": tree}
    sender()("display_data", {"data": {"application/json": tree}, "metadata": {}})


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING)
def say_that_it_is_done_before_it_is(t):
    import time

    sender()("status", {"execution_state": "idle"})
    time.sleep(0.5)
    print("late")


@attack(limits=LITTLE, proof="jupyter", why=BELIEVING, holds=RAISED, then="1 / 0")
def reply_that_it_went_well_before_it_fails(t):
    replier()({"status": "ok", "execution_count": 1})
    return "a cell that fails is said to have gone well"


@attack(limits=LITTLE, proof="jupyter", why=BELIEVING, holds=RAISED, then=f"{BE_DONE}\n1 / 0")
def reply_and_be_idle_before_it_fails(t):
    return "a cell that fails is said to be done and to have gone well"


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING)
def send_what_is_no_json(t):
    import hashlib
    import hmac

    kernel = IPython.get_ipython().kernel
    parts = [b"{", b"[[" * 50_000, b"\xff", b"{}"]
    signature = hmac.new(kernel.session.key, digestmod=hashlib.sha256)
    for part in parts:
        signature.update(part)
    kernel.iopub_socket.send_multipart([b"stream", b"<IDS|MSG>", signature.hexdigest().encode(), *parts])


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING)
def send_what_is_no_message(t):
    for parts in ([b"a", b"b"], [b""], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"1", b"2", b"3", b"4"]):
        IPython.get_ipython().kernel.iopub_socket.send_multipart(parts)


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING, holds=ENDED, alone=True)
def send_messages_without_number(t):
    socket = IPython.get_ipython().kernel.iopub_socket
    for _ in range(5_000):
        socket.send_multipart([b"a", b"b"])


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING, holds=ENDED, alone=True)
def send_a_message_of_many_parts(t):
    import time

    import zmq

    socket = IPython.get_ipython().kernel.iopub_thread.socket
    for _ in range(300):
        socket.send(bytes(1_000_000), zmq.SNDMORE)
    socket.send(b"")
    time.sleep(1)  # for it to be sent


@attack(limits=LITTLE, seen="grader", proof="jupyter", why=BELIEVING, holds=ENDED, alone=True)
def reply_without_content(t):
    replier()({})
