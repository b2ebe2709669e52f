"""`source`: the code's syntax tree uses what was asked for and avoids what was forbidden.

It looks into one function or class (and the helpers that it rests on), into some cells, or into all code.
What hides from the tree (`eval`, `exec`, a computed `getattr`) goes to a person. A function that is read is compared
with the one that the kernel has under its name, twice: once the notebook has run, and after what is asked before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from grader.criteria.asked_code import Asked, compare
from grader.criteria.compiled import compile_program
from grader.criteria.failure_words import NOT_FILLED_IN, ending_words
from grader.criteria.live_code import live_code_probe, read_live_code
from grader.criteria.names import did_you_mean
from grader.criteria.outcomes import accepted, failed, needs_review, not_filled_in, wrong_answer
from grader.criteria.search import Place, ends_with, find, find_hiding, reach
from grader.criteria.syntax import Definition, Program, read_program
from grader.model.base import Frozen
from grader.model.evidence import Evidence
from grader.model.execution import CellRun
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.rubric import Criterion
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict


class Rule(Frozen):
    """A name that must, or must not, be used, and the words for when that is not so."""

    name: str | tuple[str, ...] = Field(min_length=1)
    """`Trainer`, `autograd.grad`, `requires_grad=`, `for`…; of several, any one; see `grader.criteria.search`."""
    says: Bilingual
    """One sentence for the student."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names that satisfy the rule."""
        return (self.name,) if isinstance(self.name, str) else self.name


class Source(Criterion):
    """The code uses and avoids what it should."""

    kind: Literal["source"] = "source"
    function: str | None = None
    """A function, a class or `Class.method`, with the helpers that it rests on."""
    cells: tuple[str, ...] = ()
    """Grade ids of the cells to look into; with neither, all code cells."""
    uses: tuple[Rule, ...] = ()
    """All of these must be used."""
    avoids: tuple[Rule, ...] = ()
    """None of these may be used."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.uses and not self.avoids:
            raise ValueError(say("uses: neither uses nor avoids is given"))
        if self.function is not None and self.cells:
            raise ValueError(say("cells: not together with function"))
        return self

    @property
    def named_cells(self) -> tuple[str, ...]:
        """The cells to look into."""
        return self.cells

    @property
    def own_code(self) -> Mapping[str, str]:
        """The function to look into; of a method, its class."""
        return {"function": self.function.partition(".")[0]} if self.function else {}

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """What the function is, when the notebook has run, and when it has been called."""
        if self.function is None:
            return ()
        return tuple(
            live_code_probe(f"{self.id}/{place}", self.function, reads_state=first)
            for place, first in enumerate((True, False))
        )

    def judge(self, evidence: Evidence) -> Judgement:
        """Search the student's code, and compare it with what was asked."""
        program = read_program(evidence.source)
        note = _broken_note(program)
        asked = self._asked(program, evidence)
        read = self._search(program, evidence, None if asked is None else asked.root, note)
        if asked is None or read.verdict is Verdict.NEEDS_REVIEW:
            return read
        if asked.other:
            return _not_what_was_read(self.function, asked.other, note)
        if read.verdict is Verdict.ACCEPTED and (reasons := self._reasons(asked, program)):
            return _reaches_more(self.function, "\n".join(filter(None, (*reasons, note))))
        return read

    def _asked(self, program: Program, evidence: Evidence) -> Asked | None:
        """What the kernel has under the function's name: the first answer that differs, else the last."""
        if self.function is None or self.function not in program.every:
            return None
        lives = [read_live_code(o) for o in evidence.of(self.id) if o.outcome == "answered"]
        if not lives:
            return None
        compiled = compile_program(program)
        found = [
            Asked(program.definitions[self.function], unread=["What the kernel told of it cannot be read."])
            if live is None
            else compare(self.function, program, compiled, live)
            for live in lives
        ]
        return next((one for one in found if one.other or one.differs), found[-1])

    def _reasons(self, asked: Asked, program: Program) -> list[str]:
        """Why it cannot be accepted by what was read alone; for the staff."""
        reasons = [*asked.unread, *asked.replaced]
        for definition in reach(program, asked.beside):
            for name in (name for rule in self.avoids for name in rule.names):
                if place := find(name, definition, program):
                    reasons.append(f"Cell {place.cell + 1}, line {place.line} is reached, and uses {name}.")
            if place := find_hiding(definition):
                reasons.append(
                    f"Cell {place.cell + 1}, line {place.line} is reached, and hides from the tree."
                )
        for how, name in asked.libraries:
            if any(ends_with(name, avoided) for rule in self.avoids for avoided in rule.names):
                reasons.append(f"{name} is reached ({how}).")
        if asked.beside or asked.replaced:
            absent = (rule for rule in self.uses if _first(rule, asked.alive, program) is None)
            reasons += [f"What is reached does not use {' or '.join(rule.names)}." for rule in absent]
        return reasons

    def _search(self, program: Program, evidence: Evidence, root: Definition | None, note: str) -> Judgement:
        """Judge what is read; `root`: which of several definitions."""
        roots = self._roots(program) if root is None else [root]
        if not roots:
            return self._nowhere(program, evidence, note)
        found = reach(program, roots)
        unfilled = next((root for root in roots if _is_unfilled(root)), None)
        if unfilled is not None and (self.function or self.cells or _is_blank(evidence)):
            return not_filled_in(unfilled.cell)
        for rule in self.avoids:
            place = _first(rule, found, program)
            if place is not None:
                return wrong_answer(
                    say("{rule}", rule=rule.says),
                    where=_place_words(place, evidence),
                    hint=self.hint,
                    staff_note=note,
                    cell=place.cell,
                )
        absent = next((rule for rule in self.uses if _first(rule, found, program) is None), None)
        hidden = min(filter(None, (find_hiding(definition) for definition in found)), default=None)
        if hidden is not None:
            return _hidden(hidden, evidence, note)
        if absent is None:
            return accepted(say("The code uses and avoids what it should."), staff_note=note)
        if program.broken and self.function is None:
            return needs_review(
                say("A person looks at this: not all of your code could be read."), staff_note=note
            )
        return wrong_answer(
            say("{rule}", rule=absent.says),
            where=say("`{name}`", name=self.function) if self.function else None,
            hint=self.hint,
            staff_note="\n".join(filter(None, [f"Not found: {' or '.join(absent.names)}.", note])),
            cell=roots[0].cell if self.function else None,
        )

    def _roots(self, program: Program) -> list[Definition]:
        if self.function is not None:
            definition = program.definitions.get(self.function)
            return [] if definition is None else [definition]
        chosen = [c for c in program.cells if not self.cells or c.cell.grade_id in self.cells]
        return [Definition("", code.tree, code.cell.index) for code in chosen]

    def _nowhere(self, program: Program, evidence: Evidence, note: str) -> Judgement:
        """The function or the cells to look into are not there."""
        failure = _cell_that_broke(self.function, evidence)
        if failure is not None:
            return failed(
                Verdict.RUN_TIME_ERROR,
                say("The cell that should define `{name}` is not valid Python.", name=self.function or "?"),
                expected=say("code that Python can read"),
                got=ending_words(failure),
                where=say("Cell {cell} of the notebook", cell=failure.index + 1),
                hint=self.hint,
                staff_note=note,
                cell=failure.index,
            )
        hidden = [place for code in program.cells if (place := find_hiding(Definition("", code.tree, 0)))]
        if self.function is None or hidden or program.broken or self.function in program.aliases:
            return needs_review(
                say("A person looks at this: the code to look at was not found where it should be."),
                staff_note=note or f"Nothing to search for {self.function or self.cells}.",
            )
        meant = did_you_mean(self.function, program.definitions)
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("`{name}` is not defined in the notebook.", name=self.function)
            if meant is None
            else say("`{name}` is not defined; did you mean `{meant}`?", name=self.function, meant=meant),
            expected=say("the name `{name}`, exactly as the notebook gives it", name=self.function),
            got=say("no such name") if meant is None else say("a definition of `{name}`", name=meant),
            hint=self.hint,
        )


def _cell_that_broke(function: str | None, evidence: Evidence) -> CellRun | None:
    """The cell whose text starts to define a function, and that Python itself refused to read."""
    pattern = re.compile(
        rf"^\s*(?:def|class)\s+{re.escape((function or '').partition('.')[0])}\b", re.MULTILINE
    )
    texts = {cell.index: cell.text for cell in evidence.source}
    for run in evidence.execution.cells:
        refused = run.error is not None and run.error.name in ("SyntaxError", "IndentationError", "TabError")
        if function and refused and pattern.search(texts.get(run.index, "")):
            return run
    return None


def _first(rule: Rule, found: Sequence[Definition], program: Program) -> Place | None:
    for name in rule.names:
        for definition in found:
            place = find(name, definition, program)
            if place is not None:
                return place
    return None


def _place_words(place: Place, evidence: Evidence) -> Text:
    text = next((cell.text for cell in evidence.source if cell.index == place.cell), "")
    lines = text.splitlines()
    code = lines[place.line - 1].strip() if place.line <= len(lines) else ""
    return say(
        "Cell {cell} of the notebook, line {line}: {code}", cell=place.cell + 1, line=place.line, code=code
    )


def _not_what_was_read(function: str | None, other: str, note: str) -> Judgement:
    return needs_review(
        say(
            "A person looks at this: the `{name}` that was called is not the one that was read.",
            name=function or "?",
        ),
        staff_note="\n".join(filter(None, [other, note])),
    )


def _reaches_more(function: str | None, note: str) -> Judgement:
    return needs_review(
        say("A person looks at this: `{name}` reaches code that was not read with it.", name=function or "?"),
        staff_note=note,
    )


def _hidden(place: Place, evidence: Evidence, note: str) -> Judgement:
    return needs_review(
        say("A person looks at this: part of your code cannot be seen by only reading it."),
        where=_place_words(place, evidence),
        staff_note="\n".join(filter(None, ["Code that hides from the syntax tree; see `where`.", note])),
        cell=place.cell,
    )


def _is_unfilled(root: Definition) -> bool:
    """Whether the handout's `raise NotImplementedError` still stands there; one inside an `if` is the student's."""
    body = getattr(root.node, "body", None)
    return isinstance(body, list) and _raises_at_once(body)


def _raises_at_once(body: Sequence[ast.stmt]) -> bool:
    named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(
        (isinstance(s, ast.Raise) and _raised_name(s) == NOT_FILLED_IN)
        or (isinstance(s, named) and _raises_at_once(s.body))
        for s in body
    )


def _raised_name(statement: ast.Raise) -> str | None:
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return raised.id if isinstance(raised, ast.Name) else None


def _is_blank(evidence: Evidence) -> bool:
    """Whether every answer cell of code is as it was handed out."""
    asked = {text.strip() for text in evidence.handout.values() if "raise NotImplementedError" in text}
    return asked <= {cell.text.strip() for cell in evidence.source}


def _broken_note(program: Program) -> str:
    if not program.broken:
        return ""
    return f"Not Python, not searched: cells {', '.join(str(index + 1) for index in program.broken)}."
