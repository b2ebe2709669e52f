"""Ending or disturbing other processes: judged by how those fare."""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import libc


@attack(seen="victim")
def kill_a_bystander(t):
    import os

    os.kill(t["victim"], 9)


@attack(seen="victim")
def kill_a_bystander_by_a_descriptor(t):
    import os
    import signal

    signal.pidfd_send_signal(os.pidfd_open(t["victim"]), 9)


@attack(seen="victim")
def kill_a_bystander_by_its_thread(t):
    libc.syscall(200, t["victim"], 9)  # tkill


@attack(seen="victim")
def kill_a_bystander_by_the_owner_of_a_pipe(t):
    import fcntl
    import os

    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, t["victim"])
    fcntl.fcntl(read, 10, 15)  # F_SETSIG
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC)
    os.write(write, b"x")


@attack(seen="victim")
def kill_the_group_of_a_bystander(t):
    import os

    os.killpg(t["victim"], 9)


@attack(seen="victim")
def stop_a_bystander(t):
    import os

    os.kill(t["victim"], 19)


@attack(seen="victim")
def slow_a_bystander_down(t):
    import os

    os.setpriority(os.PRIO_PROCESS, t["victim"], 19)


@attack(proof="namespace", why="without walls it would slow others on this machine down", seen="victim")
def slow_all_processes_of_its_user_down(t):
    import os

    os.setpriority(os.PRIO_USER, 0, os.getpriority(os.PRIO_USER, 0) + 1)


@attack(seen="victim")
def bind_a_bystander_to_an_idle_class(t):
    import os

    os.sched_setscheduler(t["victim"], os.SCHED_IDLE, os.sched_param(0))


@attack(seen="victim")
def limit_a_bystander(t):
    import resource

    resource.prlimit(t["victim"], resource.RLIMIT_CORE, (0, 0))


@attack(seen="victim")
def confine_a_bystander_to_one_processor(t):
    import os

    os.sched_setaffinity(t["victim"], {min(os.sched_getaffinity(0))})


@attack(
    proof="namespace",
    why="without walls it would end everything that runs on this machine",
    seen="victim",
)
def kill_everyone(t):
    import os

    os.kill(-1, 9)


@attack(seen="victim")  # in tier `none` another process stands in for it
def kill_the_grader(t):
    import os

    for pid in set(t["graders"]) - {os.getpid()}:
        try:
            os.kill(pid, 10)
        except OSError:
            continue


@attack(seen="victim")  # in tier `none` another process stands in for it
def kill_the_zygote(t):
    import os

    for pid in set(t["zygotes"]) - {os.getpid()}:
        try:
            os.kill(pid, 10)
        except OSError:
            continue


@attack(
    proof="nowhere",
    why="the system keeps a first process from signals that it has no handler for; what follows it dies with it",
)
def kill_the_first_process(t):
    import os

    for number in (10, 15, 9):
        os.kill(1, number)


@attack(proof="bare", why="in tier `none` the parent is the grader itself", seen="victim")
def kill_its_parents(t):
    import os

    parents, pid = [], os.getppid()
    while pid > 1 and pid != t["not_beyond"]:
        parents.append(pid)
        with open(f"/proc/{pid}/stat") as stream:
            pid = int(stream.read().rpartition(")")[2].split()[1])
    for parent in parents:
        os.kill(parent, 9)
