"""From what a kernel answered to what may be spoken of.

A student's code sees the hidden inputs of its questions, and can put them into whatever it raises or returns: into a
message in letters, a class's name, a key, the text of a line. So of these only that is kept which the code did not
compute: known messages of libraries, constants of the notebook's own text, and places in our copy of it. The
traceback stays whole, for the staff.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from grader import modules
from grader.grading.concealing.library_messages import COMPILED, FRAGMENTS
from grader.grading.concealing.library_names import ERRORS, TYPES
from grader.grading.concealing.own_text import GAP, OwnText, identifiers
from grader.grading.lacks import lack_behind
from grader.model.evidence import SourceCell
from grader.model.judgement import Judgement
from grader.model.notebook_code import parse
from grader.model.probe import Entries, Items, Leaf, Observation, Opaque, Probe, RaisedError, Value
from grader.model.rubric import Criterion
from grader.model.text import Bilingual, Text

MOST_NUMBERS = 6
"""Sizes in one message; of more, none is shown."""
MOST_DIMENSIONS = 4
"""Of a shape that came back; of one with more, no size is shown."""
_NUMBER = re.compile(r"\d+", re.ASCII)
_MADE_OF = re.compile(
    r"(?:(?:list|tuple) of )?(?:Tensor|Parameter|ndarray|float|int|bool|complex|numpy scalar|number|nothing)s?"
)
_BUILT_IN = frozenset(dir(builtins))


class Concealing:
    """Of one notebook's answers to questions whose inputs are hidden."""

    def __init__(
        self,
        cells: Sequence[SourceCell],
        criteria: Sequence[Criterion],
        questions: Mapping[str, tuple[Probe, ...]],
    ) -> None:
        self._own = OwnText(cells)
        public = {c.id for c in criteria if c.public}
        self._probes = {probe.id: probe for probes in questions.values() for probe in probes}
        self._open = {
            probe.id
            for id_, probes in questions.items()
            for probe in probes
            if id_ in public and not probe.inputs and not probe.arguments
        }

    def of(self, seen: Observation) -> Observation:
        """The same without what could hold a hidden input; whole where the question has none."""
        probe = self._probes.get(seen.probe)
        if probe is None or probe.id in self._open:
            return seen
        error = None if seen.error is None else self._error(seen.error, probe)
        value = None if seen.value is None else self._value(seen.value)
        return seen.model_copy(update={"error": error, "value": value})

    def lacking(self, seen: Observation) -> Observation:
        """As it came where it speaks of what the machine lacks, by a name that it did not make up; else concealed."""
        lack = lack_behind(seen.error.name, seen.error.message) if seen.error is not None else None
        return seen if lack is not None and (not lack.name or self._is_module(lack.name)) else self.of(seen)

    def worded(self, judgement: Judgement, probes: Sequence[Probe]) -> Judgement:
        """The same without sizes of what came back that neither the questions nor the notebook's text know."""
        if judgement.got is None or not any(p.id in self._probes and p.id not in self._open for p in probes):
            return judgement
        asked: frozenset[int] = frozenset().union(*map(_sizes, probes))
        known = (
            self._own.numbers
            | asked
            | {a * b for a in asked for b in asked}
            | {a + b for a in asked for b in asked}
        )
        return judgement.model_copy(update={"got": _sized(judgement.got, known)})

    def _error(self, error: RaisedError, probe: Probe) -> RaisedError:
        line = self._own.line(error.cell, error.line)
        place = {"source_line": line} if line is not None else {"cell": None, "line": None, "source_line": ""}
        statement = self._own.statement(error.cell, error.line) if line is not None else None
        message = self._message(error, statement, probe)
        return error.model_copy(
            update={
                "name": error.name if self._is_class(error.name) else "Exception",
                "message": message or "",
                "withheld": message is None,
                "traceback": error.traceback
                if error.message in error.traceback
                else f"{error.traceback}\n{error.name}: {error.message}",
                **place,
            }
        )

    def _message(self, error: RaisedError, statement: ast.stmt | None, probe: Probe) -> str | None:
        """What may be read of a message; None where that is nothing."""
        message = error.message.strip()
        if not message:
            return ""
        if isinstance(statement, ast.Raise | ast.Assert) and not _is_bare(statement):
            said = message.strip("'") if error.name == "KeyError" else error.message
            own = self._own.shown(said, statement)
            if own is not None or error.name != "NameError":
                return own  # where no part is constant, all was computed
        asked = parse(probe.code)
        near = frozenset(
            identifiers(asked if statement is None and asked is not None else statement or ast.Pass())
        )
        sizes = self._own.numbers | _sizes(probe)
        for pattern, constant, kinds in COMPILED:
            if kinds == ("key",) and error.name != "KeyError":
                continue
            found = pattern.fullmatch(message)
            if found is not None:
                shown = [
                    self._part(kind, part, near, sizes)
                    for kind, part in zip(kinds, found.groups(), strict=True)
                ]
                if any(
                    kind in ("name", "key", "type", "call") and part == GAP
                    for kind, part in zip(kinds, shown, strict=True)
                ):
                    break
                if len(_NUMBER.findall(" ".join(shown))) > MOST_NUMBERS:
                    shown = [_NUMBER.sub(GAP, part) for part in shown]
                return "".join(a + b for a, b in zip(constant, (*shown, ""), strict=True))
        fragment = next((words for words in FRAGMENTS if words in message), None)
        return None if fragment is None else f"{GAP} {fragment} {GAP}"

    def _part(self, kind: str, part: str, near: frozenset[str], sizes: frozenset[int]) -> str:
        match kind:
            case "n" | "shape":
                return _NUMBER.sub(lambda n: _known(n[0], sizes), part)
            case "d" | "dtype" | "device" | "op":
                return part
            case "type":
                return part if self._is_type(part) else GAP
            case "call":
                known = (
                    self._own.functions
                    | self._own.classes
                    | _BUILT_IN
                    | {"__init__", "forward", "<lambda>"}
                    | near
                )
                return part if set(part.replace("<locals>.", "").split(".")) <= known else GAP
            case "name":
                return part if part in near or part in self._parameters else GAP
            case "key":
                is_own = part.strip("'") in self._own.words or (
                    part.isdigit() and int(part) in self._own.numbers
                )
                return part if is_own else GAP
            case _:
                return GAP

    @property
    def _parameters(self) -> frozenset[str]:
        """Names that a call may be short of, or that a library's own call has."""
        return self._own.arguments | {"input", "self", "other", "tensor", "target", "params", "lr"}

    def _is_type(self, name: str) -> bool:
        return name in _BUILT_IN or name in TYPES or name in self._own.classes or self._is_module(name)

    def _is_class(self, name: str) -> bool:
        return name in _BUILT_IN or name in ERRORS or name in self._own.classes

    def _is_module(self, name: str) -> bool:
        top = modules.top_of(name)
        is_known = modules.package_of(top) is not None or modules.belongs_to_python(top)
        return name in self._own.names or (is_known and top == name)

    def _value(self, value: Value) -> Value:
        match value:
            case Opaque(class_name=name) if not self._is_type(name) and not _MADE_OF.match(name):
                return Opaque(class_name=GAP)
            case Leaf(made_of=kind) if not _MADE_OF.fullmatch(kind):
                return value.model_copy(update={"made_of": "object"})
            case Items(items=items):
                return value.model_copy(update={"items": tuple(map(self._value, items))})
            case Entries(entries=entries):
                return Entries(entries={key: self._value(one) for key, one in entries.items()})
            case _:
                return value


def _sizes(probe: Probe) -> frozenset[int]:
    """Those of the question's inputs, and their counts of elements; and whole numbers in its code."""
    shapes = [array.shape for array in probe.inputs.values()]
    tree = parse(probe.code)
    written = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)] if tree is not None else []
    return frozenset(
        [0, 1, *(size for shape in shapes for size in shape), *map(math.prod, shapes)]
        + [value for value in written if type(value) is int]
    )


def _sized(text: Text, known: AbstractSet[int]) -> Text:
    """A message without the sizes and counts that are not known."""
    args: dict[str, int | float | str | Text | Bilingual] = {}
    for name, value in text.args.items():
        is_count = name == "count" and "wrong" not in text.args
        if isinstance(value, Text):
            args[name] = _sized(value, known)
        elif name == "shape" and isinstance(value, str):
            args[name] = _known_sizes(value, known)
        else:
            args[name] = GAP if is_count and isinstance(value, int) and value not in known else value
    return text.model_copy(update={"args": args})


def _known_sizes(shape: str, known: AbstractSet[int]) -> str:
    if shape.count(",") >= MOST_DIMENSIONS:
        return f"[{GAP}]"
    return _NUMBER.sub(lambda n: _known(n[0], known), shape)


def _known(number: str, known: AbstractSet[int]) -> str:
    return number if int(number) in known and not (number[0] == "0" and len(number) > 1) else GAP


def _is_bare(statement: ast.stmt) -> bool:
    """Whether it raises once more what was caught."""
    return isinstance(statement, ast.Raise) and statement.exc is None
