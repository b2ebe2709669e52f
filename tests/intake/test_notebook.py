from __future__ import annotations

import json
import warnings
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.i18n import render
from grader.intake.notebook import Reading, read_notebook
from tests.intake.conftest import notebook

CODE = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": 3}


def with_cells(*cells: Any, **more: Any) -> bytes:
    content = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **more}
    return json.dumps(content).encode()


def problem(raw: bytes) -> str:
    reading = read_notebook(raw)
    assert reading.notebook is None
    assert reading.text is None
    assert reading.problem is not None
    return render(reading.problem, "en")


def sources(reading: Reading) -> list[str]:
    assert reading.problem is None, reading.problem
    assert reading.notebook is not None
    assert reading.text is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nbformat.validate(nbformat.reads(reading.text, as_version=4))
    return [cell["source"] for cell in reading.notebook["cells"]]


def test_good_notebook_is_read_as_it_is() -> None:
    reading = read_notebook(notebook("a = 1", "print(a)").encode())
    assert sources(reading) == ["a = 1", "print(a)"]
    assert reading.notices == ()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\0" * 5000, "null bytes"),
        (b"not json at all", "not JSON (line 1, column 1)"),
        (b'{"cells": [],\n "metadata": nope}', "not JSON (line 2, column 14)"),
        (b'{"cells": [{"cell_type": "co', "cut off at line 1, column 26"),
        (notebook("print(1)").encode()[:-20], "cut off"),
        (b"[1, 2, 3]", "JSON, but not a notebook"),
        (b'"text"', "JSON, but not a notebook"),
        (b'{"a": 1}', "JSON, but not a notebook"),
        (b"PK\x03\x04 more", "zip archive"),
        (b"%PDF-1.7 more", "PDF"),
        (b"\x1f\x8b\x08 more", "compressed archive"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        (b'{\n<<<<<<< HEAD\n"cells": 1\n=======\n>>>>>>> other\n}', "merge"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (with_cells(), "no code cell"),
        (with_cells({"cell_type": "markdown", "metadata": {}, "source": "text"}), "no code cell"),
        (with_cells({"cell_type": "raw", "metadata": {}, "source": notebook()}), "pasted into one cell"),
        (with_cells(CODE, 7), "Cell 2 of the notebook is malformed"),
        (with_cells({"cell_type": "code", "source": 7}), "Cell 1 of the notebook is malformed"),
        (with_cells({"cell_type": "sound", "source": ""}), "Cell 1 of the notebook is malformed"),
        (json.dumps({"cells": {}, "nbformat": 4, "metadata": {}}).encode(), "cells cannot be read"),
        (with_cells(CODE, nbformat=5), "format 5 is newer"),
        (json.dumps({"worksheets": [7], "nbformat": 3, "metadata": {}}).encode(), "cells cannot be read"),
        (json.dumps({"worksheets": 7, "nbformat": 3, "metadata": {}}).encode(), "cells cannot be read"),
        (
            with_cells(CODE, metadata={"kernelspec": {"name": "ir", "language": "R"}}),
            "written for R, not Python",
        ),
        (with_cells(CODE, metadata={"kernelspec": {"name": "ir"}}), "written for R, not Python"),
        (with_cells(CODE, metadata={"kernelspec": {"name": "julia-1.9"}}), "written for Julia, not Python"),
        (with_cells(CODE, metadata={"language_info": {"name": "julia"}}), "written for julia, not Python"),
    ],
)
def test_what_is_no_python_notebook_says_why(raw: bytes, words: str) -> None:
    assert words in problem(raw)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {"name": "mon-env-torch", "display_name": "torch"}},
        {"kernelspec": {"name": "xpython", "language": "python"}},
        {"kernelspec": "broken", "language_info": 7},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_any_python_kernel_becomes_ours(metadata: dict[str, Any]) -> None:
    reading = read_notebook(with_cells(CODE, metadata=metadata))
    sources(reading)
    assert reading.notebook is not None
    assert reading.notebook["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_accents_survive_any_encoding(encoding: str) -> None:
    text = json.dumps(json.loads(notebook("# où ça été")), ensure_ascii=False)
    assert sources(read_notebook(text.encode(encoding))) == ["# où ça été"]


def test_other_encodings_leave_a_notice() -> None:
    text = json.dumps(json.loads(notebook("# é")), ensure_ascii=False)
    assert [
        len(read_notebook(text.encode(e)).notices) for e in ("utf-8", "utf-8-sig", "utf-16", "cp1252")
    ] == [0, 0, 1, 1]


def test_source_as_list_is_joined() -> None:
    assert sources(read_notebook(with_cells({**CODE, "source": ["a = 1\n", "b = 2"]}))) == ["a = 1\nb = 2"]


def test_missing_duplicate_and_malformed_ids_are_made_anew_and_always_the_same() -> None:
    cells = [{**CODE, "id": id_} for id_ in ("a", "a", "b c", None, 7, "cell-1")]
    ids = [[c["id"] for c in (read_notebook(with_cells(*cells)).notebook or {})["cells"]] for _ in range(2)]
    assert ids[0] == ids[1] == ["a", "cell-1", "cell-2", "cell-3", "cell-4", "cell-5"]


def test_grade_ids_and_tags_are_kept_and_other_metadata_dropped() -> None:
    metadata = {
        "nbgrader": {"grade_id": "train"},
        "tags": ["raises-exception", "raises-exception", 7, "a,b"],
        "name": 7,
        "collapsed": "x",
    }
    reading = read_notebook(with_cells({**CODE, "metadata": metadata}))
    sources(reading)
    assert reading.notebook is not None
    kept = reading.notebook["cells"][0]["metadata"]
    assert kept == {"nbgrader": {"grade_id": "train"}, "tags": ["raises-exception"]}


def test_saved_outputs_are_dropped() -> None:
    output = {"output_type": "display_data", "data": {"text/html": "<script>1</script>"}, "metadata": {}}
    reading = read_notebook(with_cells({**CODE, "outputs": [output, 7]}))
    sources(reading)
    assert reading.notebook is not None
    assert reading.notebook["cells"][0]["outputs"] == []


def test_nan_infinity_and_huge_numbers_do_no_harm() -> None:
    raw = with_cells(CODE)[:-1] + b', "a": NaN, "b": -Infinity, "c": 1e999, "d": ' + b"9" * 5000 + b"}"
    reading = read_notebook(raw)
    assert sources(reading) == ["x = 1"]
    json.loads(reading.text or "", parse_constant=pytest.fail)


def test_lone_surrogates_are_replaced() -> None:
    raw = b'{"cells": [{"cell_type": "code", "source": "s = \'\\ud800\'"}], "nbformat": 4, "metadata": {}}'
    reading = read_notebook(raw)
    assert reading.text is not None
    reading.text.encode("utf-8")


def test_nbformat_3_keeps_what_it_means() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Titre", "metadata": {}},
        {"cell_type": "markdown", "source": ["du ", "texte"]},
        {"cell_type": "code", "input": ["a = 1\n", "a"], "language": "python", "prompt_number": 2,
         "outputs": [{"output_type": "pyout", "text": "1"}], "metadata": {"nbgrader": {"grade_id": "train"}}},
    ]  # fmt: skip
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "TP"}, "worksheets": [{"cells": cells}]}
    reading = read_notebook(json.dumps(old).encode())
    assert sources(reading) == ["## Titre", "du texte", "a = 1\na"]
    assert reading.notebook is not None
    assert reading.notebook["cells"][2]["metadata"] == {"nbgrader": {"grade_id": "train"}}
    assert [render(n, "en") for n in reading.notices] == [
        "The notebook was of the old format 3; it was upgraded to format 4."
    ]


def test_nbformat_3_without_worksheet_has_no_code() -> None:
    assert "no code cell" in problem(b'{"nbformat": 3, "metadata": {}, "worksheets": []}')


def test_format_that_is_not_told_or_newer_in_the_small_is_read_with_a_notice() -> None:
    untold = json.dumps({"cells": [CODE]}).encode()
    assert sources(read_notebook(untold)) == ["x = 1"]
    assert len(read_notebook(untold).notices) == 1
    assert len(read_notebook(with_cells(CODE, nbformat_minor=9)).notices) == 1


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace")))
def test_no_bytes_crash_the_reader(raw: bytes) -> None:
    reading = read_notebook(raw)
    assert (reading.notebook is None) == (reading.problem is not None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "worksheets", "nbformat", "metadata", "cell_type", "source", "input", "id", "tags",
                         "nbgrader", "kernelspec", "language_info", "outputs", "nbformat_minor", "level"]),
        inner | st.sampled_from(["code", "markdown", "heading", 3, 4]), max_size=6),
    max_leaves=25,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["cells", "worksheets", "nbformat", "metadata"]), JSON | st.sampled_from([2, 3, 4])
    )
)
def test_no_json_crashes_the_reader(content: dict[str, Any]) -> None:
    reading = read_notebook(json.dumps(content).encode())
    assert (reading.notebook is None) == (reading.problem is not None)
    if reading.problem is None:
        sources(reading)
