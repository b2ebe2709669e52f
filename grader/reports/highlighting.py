"""Python code as HTML with a few classes for colour; every piece of the student's text is escaped."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup, escape
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token

_LONGEST = 20_000
_CLASSES = (
    (Comment, "hc"),
    (String, "hs"),
    (Number, "hn"),
    (Keyword, "hk"),
    (Operator.Word, "hk"),
    (Name.Function, "hf"),
    (Name.Class, "hf"),
    (Name.Decorator, "hf"),
    (Name.Builtin, "hb"),
)


@lru_cache(maxsize=2000)
def highlighted(code: str) -> Markup:
    """The code, escaped and coloured; long code is only escaped, because lexers can be slow on hostile text."""
    if len(code) > _LONGEST:
        return escape(code)
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return Markup("").join(_span(kind, text) for kind, text in lexer.get_tokens(code))


def _span(kind: type[Token] | object, text: str) -> Markup:
    name = next((css for parent, css in _CLASSES if kind in parent), None)
    return escape(text) if name is None else Markup('<span class="{}">{}</span>').format(name, text)
