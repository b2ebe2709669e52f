"""What the machine lacks that a notebook asked for, and how it is told: nobody's fault, and no points either way."""

from __future__ import annotations

from typing import Literal, get_args

from grader.model.base import Frozen
from grader.model.judgement import Judgement
from grader.model.text import Text, say
from grader.model.verdict import Verdict

Kind = Literal["package", "unknown", "python", "library", "network", "screen"]


class Lack(Frozen):
    """One thing that was not there."""

    kind: Kind
    """`package`: a well-known module that is not installed; `unknown`: a module of a name that is not known; `python`:
    a module of Python's own; `library`: one of the system's."""
    name: str = ""
    """Of the module or library, as it was asked for."""

    @property
    def words(self) -> Text:
        """What is the case; a part of a sentence."""
        match self.kind:
            case "package":
                return say("`{module}` cannot be imported where notebooks are graded", module=self.name)
            case "python":
                return say("the Python that notebooks are graded with lacks `{module}`", module=self.name)
            case "library":
                return say("the library `{module}` is missing where notebooks are graded", module=self.name)
            case "network":
                return say("there is no internet where notebooks are graded")
            case "screen":
                return say("there is no screen where notebooks are graded")
            case _:
                return say("there is no module `{module}` where notebooks are graded", module=self.name)


def waits(judgement: Judgement, lack: Lack, cell: int | None, seen: str) -> Judgement:
    """A judgement that waits for a person, in the place of the machine's own, which goes into the staff's note.

    `cell`: index of the one that stopped, or None where a function did when it was called; `seen`: for the staff.
    """
    if cell is None:
        summary = say("Not judged yet: {lack}. A person will look at it.", lack=lack.words)
    else:
        summary = say(
            "Not judged yet: cell {cell} stopped, since {lack}. A person will look at it.",
            cell=cell + 1,
            lack=lack.words,
        )
    told = f"Without this it would be {judgement.verdict}: {judgement.summary}"
    return Judgement(
        verdict=Verdict.NEEDS_REVIEW,
        score=None,
        summary=summary,
        staff_note="\n".join(part for part in (seen, told, judgement.staff_note) if part),
        cell=judgement.cell if cell is None else cell,
    )


def lack_of(judgement: Judgement) -> Lack | None:
    """What a judgement waits for because the machine lacks it, read from its words; None for other judgements."""
    told = judgement.summary.args.get("lack")
    if judgement.verdict is not Verdict.NEEDS_REVIEW or not isinstance(told, Text):
        return None
    found = (Lack(kind=kind, name=str(told.args.get("module", ""))) for kind in get_args(Kind))
    return next((lack for lack in found if lack.words == told), None)
