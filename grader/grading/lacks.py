"""Tells what the machine lacked from what the student did wrong: the points that hang on the former wait for a person.

A cell that stopped at a missing module took with it the names that it would have given, and so did the cells that
missed these. Nobody loses points by that, and nobody gets any. A module's misspelt name, or a name that an installed
module does not have, is the student's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader import modules
from grader.criteria.names import stored_names
from grader.criteria.runs import Runs
from grader.criteria.source import Source
from grader.model.code_names import names_left
from grader.model.evidence import SourceCell
from grader.model.execution import CellError, CellRun, Execution
from grader.model.judgement import Judgement
from grader.model.lack import Lack, waits
from grader.model.notebook_code import parse
from grader.model.probe import Observation, Probe, RaisedError
from grader.model.rubric import Criterion
from grader.model.verdict import Verdict

NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")
NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")
STUDENTS_OWN = re.compile(r"cannot import name|attempted relative import|partially initialized module")
LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
OPTIONAL = (
    re.compile(r"(IProgress) not found"),
    re.compile(r"optional dependency '([\w.-]+)'"),
    re.compile(r"(?:pip|conda) install (?:-\S+ )*[`'\"]?([\w.-]*\w)"),
    re.compile(
        r"(?:requires?|needs?|of) (?:the )?[`'\"]?([\w-]+)[`'\"]?(?: package| library| module| to be|[,.]| \(|$)"
    ),
    re.compile(r"[`'\"]?([\w-]+)[`'\"]? (?:is not installed|must be installed|is required|not available)"),
    re.compile(r"[Nn]either [`'\"]([\w-]+)[`'\"] nor"),
)
"""How libraries say that a package is missing which only some of them need."""
CALLED = {"IProgress": "ipywidgets"}
OFFLINE = re.compile(
    r"name resolution|Name or service not known|nodename nor servname|Network is unreachable"
    r"|Failed to establish a new connection|Could not resolve host",
    re.IGNORECASE,
)
INSTALLER = re.compile(r"Command .*\b(?:pip|conda|apt|apt-get|wget|curl)\b.* returned non-zero exit status")
NO_SCREEN = re.compile(
    r"no display name and no \$DISPLAY|[Cc]annot connect to (?:X|display)|could not connect to display"
)
IN_CELL = re.compile(r"Cell In\[\d+\], line (\d+)")


def lack_behind(name: str, message: str) -> Lack | None:
    """What the machine lacked where an exception of this class and message says so; None where it is the student's."""
    if name == "ModuleNotFoundError":
        found = NO_MODULE.search(message)
        return _missing_module(found[1]) if found is not None else _optional(message)
    if name == "ImportError":
        library = LIBRARY.search(message)
        if library is not None:
            return Lack(kind="library", name=library[1])
        return None if STUDENTS_OWN.search(message) else _optional(message)
    if name == "CalledProcessError" and INSTALLER.search(message):
        return Lack(kind="network")
    if name == "TclError" and NO_SCREEN.search(message):
        return Lack(kind="screen")
    if name == "ExecutableNotFound":
        return Lack(kind="library", name="graphviz")
    return Lack(kind="network") if OFFLINE.search(message) else None


def _missing_module(module: str) -> Lack | None:
    """None for a slip: near the name of a known module, or a part that an installed one does not have."""
    if modules.is_installed(module) and "." in module and not modules.is_shared(module):
        return None
    if modules.meant_module(module) is not None:
        return None
    if modules.package_of(module) is not None:
        return Lack(kind="package", name=module)
    top = modules.top_of(module)
    return Lack(kind="python" if modules.belongs_to_python(top.lstrip("_")) else "unknown", name=module)


def _optional(message: str) -> Lack | None:
    """A package that a library asked for in words of its own, or None where no known one is named."""
    for pattern in OPTIONAL:
        for word in pattern.findall(message):
            module = modules.module_of(CALLED.get(word, word))
            if module is not None:
                return Lack(kind="package", name=module)
    return None


@dataclass(frozen=True)
class Stop:
    """Why something is not there."""

    lack: Lack
    cell: int | None
    """Index of the cell that stopped; None where a function did when it was called."""
    seen: str
    """The error and the line that it came from, for the staff."""

    def waits(self, judgement: Judgement) -> Judgement:
        """A judgement that waits, in the place of this one."""
        return waits(judgement, self.lack, self.cell, self.seen)


@dataclass
class Lacks:
    """What one run of a notebook missed: the cells that stopped, and the names that went with them."""

    execution: Execution
    source: Sequence[SourceCell]
    cells: dict[int, Stop] = field(default_factory=dict)
    names: dict[str, Stop] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = {cell.index: cell.text for cell in self.source}
        for run in self.execution.cells:
            text = texts.get(run.index, "")
            stop = self._why(run, text)
            if stop is not None:
                self.cells[run.index] = stop
                self.names |= dict.fromkeys(_names_from(text, _line(run)), stop)
            elif run.ended == "completed" and self.names:
                given = stored_names(text)
                self.names = {name: stop for name, stop in self.names.items() if name not in given}

    def excused(
        self,
        judgement: Judgement,
        criterion: Criterion,
        probes: Sequence[Probe],
        answers: Mapping[str, Observation],
    ) -> Judgement:
        """The same judgement; or one that waits, where points were lost by what the machine lacks."""
        if judgement.score is None or judgement.score == 1:
            return judgement
        if isinstance(criterion, Source) and judgement.verdict is Verdict.WRONG_ANSWER:
            return judgement  # it was found in the code, whatever ran
        stops = [self._behind(answers[probe.id]) for probe in probes if probe.id in answers]
        required = [name for probe in probes for name in probe.requires]
        stops += [self.names.get(name) for name in required]
        if judgement.cell is not None and not required and (probes or isinstance(criterion, Runs)):
            stops.append(self.cells.get(judgement.cell))  # it asks for no name: its cell has to tell
        stop = next((stop for stop in stops if stop is not None), None)
        return judgement if stop is None else stop.waits(judgement)

    def _why(self, run: CellRun, text: str) -> Stop | None:
        """Why a cell stopped, where that is nobody's fault."""
        if run.error is None or run.intended:
            return None
        lack = lack_behind(run.error.name, run.error.message)
        if lack is None:
            return self._missed(run.error)
        line, lines = _line(run), text.splitlines()
        where = f", line {line}: {lines[line - 1].strip()}" if line is not None and line <= len(lines) else ""
        return Stop(lack, run.index, f"{run.error.name}: {run.error.message}\nCell {run.index + 1}{where}")

    def _behind(self, answer: Observation) -> Stop | None:
        """Why a question was not answered, where that is nobody's fault."""
        if answer.missing is not None:
            return self.names.get(answer.missing)
        if answer.error is None:
            return None
        lack = lack_behind(answer.error.name, answer.error.message)
        if lack is None:
            return self._missed(answer.error)
        seen = f"{answer.error.name}: {answer.error.message}\n{answer.error.source_line}".strip()
        return Stop(lack, None, seen)

    def _missed(self, error: CellError | RaisedError) -> Stop | None:
        """Why a name was not there that an error speaks of."""
        found = NOT_DEFINED.search(error.message) if error.name == "NameError" else None
        return self.names.get(found[1]) if found is not None else None


def _line(run: CellRun) -> int | None:
    """The line of the cell that was run last, from 1."""
    found = IN_CELL.search(run.error.traceback if run.error is not None else "")
    return int(found[1]) if found is not None else None


def _names_from(text: str, line: int | None) -> set[str]:
    """Names that a cell would have given from this line on."""
    tree = parse(text)
    if tree is None:
        return set()
    rest = [node for node in tree.body if line is None or (node.end_lineno or 0) >= line]
    return names_left(ast.Module(rest, []))
