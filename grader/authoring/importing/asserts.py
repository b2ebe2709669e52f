"""Which tests can become questions: those that compare what the student's code gives with a value written down.

`assert f(3) == 9` becomes the question `f(3)`, put to the student's kernel and to the reference's, compared outside.
The value written down is not used: the reference's answer is the truth. A test that only narrows the answer (`> 0`,
`isinstance`, `in`), expects an exception, or computes its verdict in the kernel is none: the first would become too
strict, and the others would let the student's own kernel judge.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from grader.authoring.importing.bindings import calls, last_name, names_in, statements_of, uses
from grader.authoring.importing.comparisons import Compared, compared_in, is_verdict
from grader.authoring.importing.material import Asked

AUTOTEST = re.compile(r"^([ \t]*)###\s*(?:HASHED\s+)?AUTOTEST\s+(.*)$", re.MULTILINE)
"""nbgrader's marks from which it makes assertions."""

_BUILTINS = frozenset(dir(builtins))


class Read(NamedTuple):
    """A test's code, as far as it could be understood."""

    asked: Asked | None
    rest: tuple[str, ...]
    """Statements that could not be carried over."""


def read_test(
    source: str, answers: AbstractSet[str], given: AbstractSet[str], *, last_is_value: bool = False
) -> Read:
    """Turn a test's code into one question; `answers` are the names that students define, `given` all others.

    With `last_is_value` the last expression's value is what the test compares (a doctest, an OK test).
    """
    try:
        return _read(source, answers, given, last_is_value)
    except RecursionError:
        return Read(None, (source.strip(),))


def _read(source: str, answers: AbstractSet[str], given: AbstractSet[str], last_is_value: bool) -> Read:
    statements = statements_of(source)
    if statements is None:
        return Read(None, (source.strip(),))
    lines: list[str] = []
    values: list[Compared] = []
    shown: list[str] = []
    rest: list[str] = []
    made: frozenset[str] = frozenset()
    body = list(_flat(statements))
    for place, statement in enumerate(body):
        is_last = last_is_value and place == len(body) - 1
        found = compared_in(statement, answers | made, is_last)
        if found is not None:
            values += found
            shown += [value.code for value in found]
        elif _is_preparation(statement, answers):
            # What was asked before is asked before, since this may give its names another meaning.
            _hold(shown, lines)
            lines.append(ast.unparse(statement))
            made = _made(statement, answers, made)
        elif not _says_nothing(statement):
            rest.append(ast.unparse(statement))
    if not values:
        return Read(None, (source.strip(),))
    last = shown[0] if len(shown) == 1 else "[" + ", ".join(shown) + "]"
    call = "\n".join([*lines, f"return {last}"]) if lines else last
    read, bound = names_in("\n".join([*lines, last]))
    if read - bound - answers - given - _BUILTINS:
        return Read(None, (source.strip(),))
    state = not any(calls(ast.parse(text), answers) for text in (*lines, last))
    asked = Asked(call, tuple(sorted(read & answers)), all(v.exact for v in values), state)
    return Read(asked, tuple(rest))


def written_as_tests(source: str, answers: AbstractSet[str]) -> str:
    """nbgrader's `### AUTOTEST a; b` compares the values of `a` and `b`: the same as assertions about them."""

    def assertions(match: re.Match[str]) -> str:
        parts = [part.strip() for part in match[2].split(";") if part.strip()]
        lines = [f"assert ({part}) == 0" if _asks(part, answers) else f"assert {part}" for part in parts]
        return "\n".join(match[1] + line for line in lines)

    return AUTOTEST.sub(assertions, source)


def _flat(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Otter's `def test_f(f): assert …`, whose arguments are the notebook's names, is its body."""
    tests = {s.name for s in statements if isinstance(s, ast.FunctionDef) and s.name.startswith("test")}
    for statement in statements:
        if isinstance(statement, ast.FunctionDef) and statement.name in tests:
            yield from statement.body
        elif not (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and isinstance(statement.value.func, ast.Name)
            and statement.value.func.id in tests
        ):
            yield statement


def _asks(expression: str, answers: AbstractSet[str]) -> bool:
    try:
        node = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return uses(node, answers) and not is_verdict(node)


def _is_preparation(statement: ast.stmt, answers: AbstractSet[str]) -> bool:
    """An import, or an assignment to a name of the test's own."""
    if isinstance(statement, ast.Import):
        return True
    if isinstance(statement, ast.ImportFrom):
        return all(alias.name != "*" for alias in statement.names)
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id not in answers for target in statement.targets
    )


def _hold(shown: list[str], lines: list[str]) -> None:
    """Give each value that was asked for so far a name of its own, where it has none."""
    for place, code in enumerate(shown):
        name = f"asked_{place + 1}"
        if code != name:
            lines.append(f"{name} = {code}")
            shown[place] = name


def _made(statement: ast.stmt, answers: AbstractSet[str], made: frozenset[str]) -> frozenset[str]:
    """Names of the test's own that stand for what an answer gave, after this statement."""
    if not isinstance(statement, ast.Assign):
        return made
    names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
    of_answers = uses(statement.value, answers | made) and not is_verdict(statement.value)
    return made | names if of_answers else made - names


def _says_nothing(statement: ast.stmt) -> bool:
    """A docstring, `pass`, or a word to the student."""
    if isinstance(statement, ast.Pass):
        return True
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call) and last_name(value.func) == "print"
    )
