"""What the command `grade` starts, and `python -m grader`: Ctrl-C is quiet while the program is being read, too."""

from __future__ import annotations

import sys


def main() -> None:
    """Read the program and run it; ends the process with its exit code."""
    try:
        from grader.cli import main as command
    except KeyboardInterrupt:
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
