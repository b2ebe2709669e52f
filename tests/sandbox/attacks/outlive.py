"""Running on when the kernel has ended: what is left is looked for by a name that it cannot lose unseen.

Each process takes a name (`t["name"]`), which its forks inherit; what it executes has it in its environment.
"""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import in_child, take_name


@attack(seen="left")
def leave_a_daemon(t):
    import os
    import time

    def start():
        os.setsid()
        take_name(t["name"])
        if os.fork() == 0:
            time.sleep(100)

    in_child(start)


@attack(seen="left")
def leave_a_program(t):
    import os
    import subprocess

    environment = os.environ | {"GRADE_MARK": t["name"]}
    subprocess.Popen(["sleep", "100"], start_new_session=True, env=environment, stdin=-3, stdout=-3)


@attack(seen="left")
def leave_a_process_that_ignores_signals(t):
    import os
    import signal
    import time

    if os.fork() == 0:
        try:
            os.setsid()
            take_name(t["name"])
            for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            time.sleep(100)
        finally:
            os._exit(0)


@attack(seen="left")
def leave_a_stopped_process(t):
    import os
    import signal

    if os.fork() == 0:
        try:
            os.setsid()
            take_name(t["name"])
            os.kill(os.getpid(), signal.SIGSTOP)
        finally:
            os._exit(0)


@attack(seen="left")
def leave_a_process_that_runs_from_one_to_the_next(t):
    import os
    import time

    if os.fork() == 0:
        try:
            os.setsid()
            take_name(t["name"])
            until = time.monotonic() + 30
            while time.monotonic() < until:
                time.sleep(0.01)
                if os.fork():
                    break
        finally:
            os._exit(0)


@attack(seen="left", proof="bare", why="in tier `none` a kernel is killed with all its threads")
def leave_a_thread(t):
    import threading
    import time

    threading.Thread(target=time.sleep, args=(100,)).start()


@attack(seen="left", proof="bare", why="in tier `none` a kernel is killed, and does nothing at its end")
def sleep_at_the_end(t):
    import atexit
    import time

    atexit.register(time.sleep, 100)


@attack(seen="left", holds=frozenset({"kernel_died"}))
def end_the_kernel_and_leave_a_daemon(t):
    import os
    import time

    if os.fork() == 0:
        try:
            os.setsid()
            take_name(t["name"])
            time.sleep(100)
        finally:
            os._exit(0)
    time.sleep(0.5)
    os._exit(0)
