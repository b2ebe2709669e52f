"""Cells as Python: IPython's own syntax hides nothing of what stands beside it."""

import ast

import pytest

from grader.criteria.names import stored_names
from grader.criteria.scopes import read
from grader.criteria.syntax import read_program
from grader.grading.placing import top_level_names
from grader.model.code_names import defined_names
from grader.model.evidence import SourceCell
from grader.model.notebook_code import parse, without_magics

GIVES_W = {
    "plain": "w = 1/0",
    "line magic": "%matplotlib inline\nw = 1/0",
    "cell magic": "%%time\nw = 1/0",
    "assigned shell": "files = !ls\nw = 1",
    "pip": "!pip install x\nw = 1",
    "captured": "%%capture out\nw = 1",
    "help": "w = 1\nw?",
    "indented magic": "if True:\n    %time w = 1",
    "target of with": "with open('f') as w:\n    pass",
    "walrus": "print(w := 1)",
    "import": "import numpy as w",
    "target of for": "for w in range(3): pass",
    "global": "def f():\n    global w\n    w = 1\nf()",
    "shell line that goes on": "!pip install \\\n    x y\nw = 1",
    "shell line with a quote": "!echo don't\nw = 1",
    "magic with a quote": "%cd it's\nw = 1",
    "assigned magic": "w = %pwd",
    "assigned shell to several": "w, v = !ls",
    "assigned into": "d['w'] = !ls\nw = 1",
    "timed with a result": "w = %time f(1)",
    "timed with options": "%time --no-raise-error w = 1",
    "no magic in a text": "%pwd\nw = '''\n%d of !x\n'''",
    "no magic in brackets": "%pwd\nw = (7\n     % 2)",
    "no help in a comment": "%pwd\ndef w():  # is it so?\n    pass",
    "help of a magic": "%time?\nw = 1",
    "called by itself": "/print 1\nw = 1",
    "prompts": ">>> %pwd\n>>> w = (1 +\n...      2)",
    "IPython's prompts": "In [3]: w = f(\n   ...:     1)\n",
    "pasted indented": "    %pwd\n    w = 1",
    "below an empty line": "\n%%time\nw = 1",
    "cell magic below a comment": "# timed\n%%time\nw = 1",
}
HIDES_W = {
    "another language": "%%bash\nw=1",
    "a file": "%%writefile w.py\nw = 1",
    "help of a cell magic": "%%time?",
    "another's magic": "%%timer\nw = 1",
    "inside a function": "%pwd\ndef f():\n    w = 1",
    "no Python": "w = = 1",
}


def readers(text):
    source = SourceCell(index=0, grade_id=None, text=text)
    program, code = read_program([source]), read([(0, text, False)])
    return {
        "names": "w" in stored_names(text),
        "placing": "w" in top_level_names(text),
        "code_names": "w" in defined_names([text]),
        "source": not program.broken,
        "scopes": not code.unreadable,
    }


@pytest.mark.parametrize("text", GIVES_W.values(), ids=GIVES_W)
def test_every_reader_sees_what_a_cell_with_magics_defines(text):
    assert set(readers(text).values()) == {True}, readers(text)


@pytest.mark.parametrize("text", HIDES_W.values(), ids=HIDES_W)
def test_what_is_not_the_notebooks_is_no_name_of_it(text):
    assert "w" not in stored_names(text)


@pytest.mark.parametrize("text", GIVES_W.values(), ids=GIVES_W)
def test_lines_stay_where_they_were(text):
    lines = [n.lineno for n in ast.walk(parse(text)) if "w" in (getattr(n, "id", ""), getattr(n, "name", ""))]
    shown = text.splitlines()
    assert all("w" in shown[line - 1] for line in lines)
    assert len(without_magics(text).splitlines() or [""]) <= max(1, len(shown))


def test_hostile_text_is_only_no_python():
    assert parse("%pwd\n" + "(" * 100_000) is None
    assert parse("%pwd\n\0") is None
    assert parse('"""' + "'" * 20_001 + "\n!ls") is None
