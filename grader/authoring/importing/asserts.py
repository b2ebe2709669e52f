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

from grader.authoring.importing.bindings import names_in, statements_of
from grader.authoring.importing.material import Asked

_NEAR = frozenset(
    ("allclose", "isclose", "assert_allclose", "assert_almost_equal", "assert_array_almost_equal")
)
_EQUAL = frozenset(("assert_equal", "assert_array_equal", "array_equal", "equal", "eq_"))


AUTOTEST = re.compile(r"^([ \t]*)###\s*(?:HASHED\s+)?AUTOTEST\s+(.*)$", re.MULTILINE)
"""nbgrader's marks from which it makes assertions."""

_BUILTINS = frozenset(dir(builtins))


class Read(NamedTuple):
    """A test's code, as far as it could be understood."""

    asked: Asked | None
    rest: tuple[str, ...]
    """Statements that could not be carried over."""


class _Value(NamedTuple):
    code: str
    exact: bool


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
    before: list[str] = []
    values: list[_Value] = []
    rest: list[str] = []
    body = list(_flat(statements))
    for place, statement in enumerate(body):
        is_last = last_is_value and place == len(body) - 1
        found = _values(statement, answers, is_last)
        if found is not None:
            values += found
        elif _is_preparation(statement, answers):
            before.append(ast.unparse(statement))
        elif not _says_nothing(statement):
            rest.append(ast.unparse(statement))
    if not values:
        return Read(None, (source.strip(),))
    shown = values[0].code if len(values) == 1 else "[" + ", ".join(value.code for value in values) + "]"
    call = "\n".join([*before, f"return {shown}"]) if before else shown
    read, bound = names_in("\n".join([*before, shown]))
    if read - bound - answers - given - _BUILTINS:
        return Read(None, (source.strip(),))
    state = not any(_calls(ast.parse(text), answers) for text in (*before, shown))
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


def _values(statement: ast.stmt, answers: AbstractSet[str], is_last: bool) -> list[_Value] | None:
    """What a statement compares with something written down."""
    if isinstance(statement, ast.Assert):
        return _compared(statement.test, answers)
    if isinstance(statement, ast.Expr):
        found = (
            _compared(statement.value, answers) if is_last or _is_comparing_call(statement.value) else None
        )
        if found is None and is_last and not _is_verdict(statement.value) and _uses(statement.value, answers):
            return [_Value(ast.unparse(statement.value), exact=True)]
        return found
    return None


def _compared(test: ast.expr, answers: AbstractSet[str]) -> list[_Value] | None:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        parts = [_compared(part, answers) for part in test.values]
        return None if None in parts else [value for part in parts if part for value in part]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.Eq | ast.Is):
            return _against(test.left, test.comparators[0], answers, exact=True)
        return _difference(test, answers)
    if isinstance(test, ast.Call):
        if isinstance(test.func, ast.Attribute) and test.func.attr == "all" and not test.args:
            return _compared(test.func.value, answers)
        name = _last_name(test.func)
        if name in ("all", "bool") and len(test.args) == 1 and not isinstance(test.args[0], ast.GeneratorExp):
            return _compared(test.args[0], answers)
        if name in _NEAR | _EQUAL and len(test.args) >= 2:
            return _against(test.args[0], test.args[1], answers, exact=name in _EQUAL)
    return None


def _difference(test: ast.Compare, answers: AbstractSet[str]) -> list[_Value] | None:
    """`abs(f(x) - 2) < 1e-6`."""
    left, right = test.left, test.comparators[0]
    if (
        isinstance(test.ops[0], ast.Lt | ast.LtE)
        and isinstance(left, ast.Call)
        and _last_name(left.func) == "abs"
        and len(left.args) == 1
        and isinstance(left.args[0], ast.BinOp)
        and isinstance(left.args[0].op, ast.Sub)
        and _is_written_down(right)
    ):
        return _against(left.args[0].left, left.args[0].right, answers, exact=False)
    return None


def _against(
    one: ast.expr, other: ast.expr, answers: AbstractSet[str], *, exact: bool
) -> list[_Value] | None:
    for asked, known in ((one, other), (other, one)):
        if _is_written_down(known) and _uses(asked, answers) and not _is_verdict(asked):
            code = ast.unparse(asked)
            is_set = isinstance(known, ast.Set) or (
                isinstance(known, ast.Call) and _last_name(known.func) == "set"
            )
            return [_Value(f"sorted({code})" if is_set else code, exact)]
    return None


def _is_written_down(node: ast.expr) -> bool:
    """A literal, or an array made of literals; no name of the notebook."""
    if isinstance(node, ast.Call):
        made = _last_name(node.func) in (
            "array",
            "tensor",
            "set",
            "frozenset",
            "sqrt",
            "zeros",
            "ones",
            "eye",
        )
        return made and all(_is_written_down(argument) for argument in node.args)
    if isinstance(node, ast.BinOp):
        return _is_written_down(node.left) and _is_written_down(node.right)
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return False
    return True


def _is_verdict(node: ast.expr) -> bool:
    """A value that the kernel has judged already, or one that is no data: a type."""
    if isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ):
        return True
    return isinstance(node, ast.Call) and _last_name(node.func) in (
        "isinstance", "issubclass", "hasattr", "callable", "type", "all", "any", "bool", "print", *_NEAR, *_EQUAL
    )  # fmt: skip


def _is_comparing_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func).startswith(("assert_", "eq_"))


def _uses(node: ast.AST, answers: AbstractSet[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in answers for n in ast.walk(node))


def _calls(node: ast.AST, answers: AbstractSet[str]) -> bool:
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    return any(_uses(function, answers) for function in calls)


def _asks(expression: str, answers: AbstractSet[str]) -> bool:
    try:
        node = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return _uses(node, answers) and not _is_verdict(node)


def _is_preparation(statement: ast.stmt, answers: AbstractSet[str]) -> bool:
    """An import, or an assignment to a name of the test's own."""
    if isinstance(statement, ast.Import):
        return True
    if isinstance(statement, ast.ImportFrom):
        return all(alias.name != "*" for alias in statement.names)
    return isinstance(statement, ast.Assign) and all(
        isinstance(target, ast.Name) and target.id not in answers for target in statement.targets
    )


def _says_nothing(statement: ast.stmt) -> bool:
    """A docstring, `pass`, or a word to the student."""
    if isinstance(statement, ast.Pass):
        return True
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call) and _last_name(value.func) == "print"
    )


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
