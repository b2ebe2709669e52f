"""What the command `grade` starts, and `python -m grader`: Ctrl-C is quiet at the very beginning and end, too."""

from __future__ import annotations

import atexit
import signal
import sys


def main() -> None:
    """Read the program and run it; ends the process with its exit code."""
    # Called last of all at the exit. Python then takes its own answer to Ctrl-C away, before it lets go of all else:
    # a run that was complete would end by the signal.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    try:
        from grader.cli import main as command
    except KeyboardInterrupt:
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
