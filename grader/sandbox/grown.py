"""A zygote that is a fork of another one and has imported more: what both need is imported once, and in memory once."""

from __future__ import annotations

import os

from grader.errors import KernelStartError
from grader.model.text import say
from grader.sandbox import pidfds
from grader.sandbox.zygote import END_S, Zygote

FORK_S = 20.0


class GrownZygote(Zygote):
    """Forked from `base`, where kernels have walls each of their own; it can outlive it.

    Raises KernelStartError when `base` does not bring it forth.
    """

    def __init__(self, base: Zygote, preload: tuple[str, ...]) -> None:
        with self._begin(base.tier, base.place) as theirs:
            try:
                base.grow(theirs, preload)
                self._hear(FORK_S)
            except OSError as error:
                self._control.close()
                raise KernelStartError(
                    say("The kernel could not be started: {error}.", error=str(error))
                ) from error

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._pidfd is not None and not pidfds.has_ended(self._pidfd)

    def close(self) -> None:
        """Hang up, and wait until it has ended."""
        self.hang_up()
        self._control.close()
        if self._pidfd is not None:
            if not pidfds.has_ended(self._pidfd, END_S):
                pidfds.kill(self._pidfd, END_S)
            os.close(self._pidfd)
            self._pidfd = None

    def forget(self) -> None:
        """In a fork of the grader: the zygote belongs to the parent."""
        self._control.close()

    def _last_words(self) -> str:
        return ""
