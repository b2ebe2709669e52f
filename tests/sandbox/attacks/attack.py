"""An attack: what student code tries, and how it is shown that nothing but a wall stops it.

Attacks are functions of one argument, `t`: the targets that were planted for them (see `targets.py`). Their source
goes into a kernel, behind that of `inside.py`; whatever else they need they import. What an attack returns is what it
reached; nothing, or an exception, means that it was held. `NotImplementedError` says that this machine has no such
thing to attack.
"""

import inspect
import json
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.sandbox.attacks import inside

Proof = Literal["none", "root", "bare", "dropped", "namespace", "jupyter", "nowhere"]
"""Where the attack works, because the wall is missing.

- `none`: in a kernel of tier `none`, with limits that are wide;
- `root`: the same, but only for root;
- `bare`: in a child of the grader's that nobody cleaned up for;
- `dropped`: the same, and where the grader is root, the child became an ordinary user;
- `namespace`: in a child that is root of namespaces of its own, where it is too dangerous anywhere else;
- `jupyter`: in a notebook that Jupyter itself runs;
- `nowhere`: it cannot be shown, for the reason given.
"""
Seen = Literal["", "folder", "victim", "heard", "left", "ended", "grader"]
"""Who tells what was reached: the attack itself, or what is seen outside of it.

- `folder`: the attack's own folder changed;
- `victim`: the attack's own victim ended or changed;
- `heard`: the grader's listeners heard it;
- `left`: something runs on when the kernel has ended;
- `ended`: how the execution of its cell ended;
- `grader`: whether the grader, or Jupyter in its place, could go on.
"""
TOLD = re.compile(r"TOLD (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    """One attack."""

    name: str
    family: str
    source: str
    proof: Proof = "none"
    why: str = ""
    """Why it is not shown in tier `none`."""
    seen: Seen = ""
    not_held: Mapping[str, str] = field(default_factory=dict)
    """Tier to what is reached there; empty for an attack that is held everywhere."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """What the kernel may use, where the attack is on a limit; it gets a kernel of its own."""
    alone: bool = False
    """It needs a kernel of its own, which it may end."""
    then: str = ""
    """What its cell does when it was tried."""
    holds: frozenset[str] = frozenset()
    """How its cell may end where it is held, beside `completed`."""

    @property
    def key(self) -> str:
        """Its name as one word."""
        return self.name.replace(" ", "_")

    def cell(self, targets: Mapping[str, Any]) -> str:
        """The cell that tries it, and prints what it reached."""
        return f"{self.source}\nattempt({self.key}, {json.dumps(targets)!r})\n{self.then}"

    def held_in(self, tier: str) -> bool:
        """Whether the tier's walls hold it."""
        return tier not in self.not_held


def preamble(name: str) -> str:
    """The first cell; all processes that come from it carry the name."""
    return f"{Path(inside.__file__).read_text()}\nMARK = {name!r}\ntake_name(MARK)\n"


ATTACKS: list[Attack] = []


def attack(**more: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the function one of the attacks; its module is its family, its name says what it does."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        source = textwrap.dedent(inspect.getsource(function))
        source = source[source.index(f"def {function.__name__}(") :]
        name = function.__name__.replace("_", " ")
        ATTACKS.append(Attack(name, function.__module__.rpartition(".")[2], source, **more))
        return function

    return add


def told(text: str) -> dict[str, dict[str, str]]:
    """What attacks printed, by key."""
    return {found["attack"]: found for found in map(json.loads, TOLD.findall(text))}
