"""Runs one attack where its wall is missing: `python bare.py JSON`, without a kernel, in whatever it is started in.

Prints what the attack told, and how its victim (a process that this one starts beside it) fared.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def condition(pid):
    """What an attack on a process may change about it; None when it has ended or was stopped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state in "TtZX":
            return None
        limits = Path(f"/proc/{pid}/limits").read_text()
        affinity = sorted(os.sched_getaffinity(pid))
        return [os.getpriority(os.PRIO_PROCESS, pid), os.sched_getscheduler(pid), affinity, limits]
    except (FileNotFoundError, ProcessLookupError):
        return None


def main():
    asked = json.loads(sys.argv[1])
    with subprocess.Popen(["sleep", "60"], stdin=-3, stdout=-3, stderr=-3, start_new_session=True) as victim:
        time.sleep(0.05)  # until it has the name and the limits that it keeps
        before = condition(victim.pid)
        targets = asked["targets"] | {"victim": victim.pid}
        scope = {"__name__": "__main__"}
        exec(asked["preamble"], scope)
        child = os.fork()
        if child == 0:
            if asked["become"] is not None:
                os.setgroups([])
                os.setresgid(*3 * [asked["become"]])
                os.setresuid(*3 * [asked["become"]])
            exec(asked["source"], scope)
            scope["attempt"](scope[asked["key"]], json.dumps(targets))
            sys.exit(0)
        os.waitpid(child, 0)
        print("VICTIM", json.dumps(condition(victim.pid) == before), flush=True)
        victim.kill()


if __name__ == "__main__":
    main()
