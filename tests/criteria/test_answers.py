import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.criteria.answers import first_fault, student_fault
from grader.criteria.failure_words import error_words
from grader.criteria.matches_reference import MatchesReference
from grader.criteria.names import did_you_mean, stored_names
from grader.i18n import render
from grader.model.execution import CellRun
from grader.model.probe import Observation
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.criteria.builders import (
    answered,
    cell_raised,
    cells,
    evidence,
    execution,
    make,
    missing,
    raised,
    words,
)

CRITERION = make(MatchesReference, call="f(x)", cases=1)
ASKED = "task.word/0"


def fault(*observations, **rest):
    return student_fault(CRITERION, evidence(observations, **rest))


def ended(outcome, **rest):
    return Observation(probe=ASKED, outcome=outcome, **rest)


def test_an_answer_is_no_fault():
    assert fault(answered(ASKED, 1.0)) is None


def test_a_missing_name_is_not_attempted():
    judgement = fault(missing(ASKED, "losses"))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert "`losses` is not defined" in words(judgement)


@pytest.mark.parametrize(
    ("name", "defined"),
    [
        ("XORNet", "XorNet"),
        ("modele", "modèle"),
        ("losses", "loses"),
        ("make_xor", "makeXor"),
        ("train", "trian"),
    ],
)
def test_a_near_name_is_asked_for(name, defined):
    assert did_you_mean(name, ["x", "torch", defined]) == defined
    judgement = fault(missing(ASKED, name, [defined]))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert f"did you mean `{defined}`?" in words(judgement)


@pytest.mark.parametrize(("name", "defined"), [("w", "b"), ("lr", "l"), ("mse", "msg"), ("train", "model")])
def test_another_name_is_not_asked_for(name, defined):
    assert did_you_mean(name, [defined]) is None


@given(st.text(), st.lists(st.text()))
def test_did_you_mean_never_gives_the_name_itself_nor_one_not_defined(name, defined):
    meant = did_you_mean(name, defined)
    assert meant is None or (meant != name and meant in defined)


@pytest.mark.parametrize("magic", ["", "%matplotlib inline\n", "!pip install torch\n", "%%time\n", "x?\n"])
def test_a_name_whose_cell_failed_says_so(magic):
    judgement = fault(
        missing(ASKED, "losses"),
        source=cells("x = 1", f"{magic}w, b, losses = train(x)"),
        ran=execution(cell_raised(1, "ZeroDivisionError", "division by zero")),
    )
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert judgement.cell == 1
    assert "Cell 2" in words(judgement)
    assert "ZeroDivisionError" in words(judgement)


def test_a_name_whose_cell_ran_out_of_time_has_that_verdict():
    judgement = fault(
        missing(ASKED, "losses"),
        source=cells("losses = train(x)"),
        ran=execution(CellRun(index=0, ended="time_limit_exceeded")),
    )
    assert judgement.verdict is Verdict.TIME_LIMIT_EXCEEDED


def test_a_name_whose_cell_is_not_filled_in_is_not_attempted():
    judgement = fault(
        missing(ASKED, "losses"),
        source=cells("raise NotImplementedError('')\nlosses = []"),
        ran=execution(cell_raised(0, "NotImplementedError")),
    )
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert "not been filled in" in words(judgement)


def test_not_implemented_is_not_attempted():
    judgement = fault(raised(ASKED, "NotImplementedError", "à compléter", cell=4))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert judgement.cell == 4


@pytest.mark.parametrize(
    "message",
    [
        'Module [Line] is missing the required "forward" function',
        "Could not run 'aten::add.out' with arguments from the 'SparseCPU' backend",
    ],
)
def test_what_pytorch_cannot_do_is_not_told_as_a_cell_not_filled_in(message):
    judgement = fault(raised(ASKED, "NotImplementedError", message, cell=4))
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "not been filled in" not in words(judgement)


def test_an_error_is_told_with_its_place():
    judgement = fault(raised(ASKED, "KeyError", "'a'", cell=2, line=7, source_line="    y = d['a']"))
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "Cell 3 of the notebook, line 7: y = d['a']" in words(judgement)


@pytest.mark.parametrize(
    ("name", "message", "word"),
    [
        ("NameError", "name 'x' is not defined", "`x` is not defined when"),
        ("TypeError", "train() got an unexpected keyword argument 'lr'", "other arguments"),
        ("TypeError", "train() takes 2 positional arguments but 3 were given", "other arguments"),
        ("TypeError", "unsupported operand type(s) for *: 'NoneType' and 'int'", "None turned up"),
        ("TypeError", "'Tensor' object is not callable", "called like one"),
        ("AttributeError", "'NoneType' object has no attribute 'data'", "None turned up"),
        ("AttributeError", "'Tensor' object has no attribute 'gard'", "no attribute `gard`"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (4x2 and 3x1)", "shapes"),
        ("RuntimeError", "The size of tensor a (3) must match the size of tensor b (4)", "shapes"),
        ("RuntimeError", "Trying to backward through the graph a second time", "second time"),
        (
            "RuntimeError",
            "a leaf Variable that requires grad is being used in an in-place operation.",
            "no_grad",
        ),
        ("RuntimeError", "grad can be implicitly created only for scalar outputs", "scalar"),
        ("RuntimeError", "Can't call numpy() on Tensor that requires grad. Use tensor.detach()", "Detach"),
        (
            "RuntimeError",
            "expected m1 and m2 to have the same dtype, but got: float != double",
            "another dtype",
        ),
        ("RuntimeError", "Expected all tensors to be on the same device", "device"),
        ("RecursionError", "maximum recursion depth exceeded", "deeper than"),
        (
            "UnboundLocalError",
            "cannot access local variable 'w' where it is not",
            "`w` has no value",
        ),
        ("SystemExit", "0", "exit()"),
    ],
)
def test_common_errors_have_plain_words(name, message, word):
    judgement = fault(raised(ASKED, name, message))
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert word in words(judgement)


def test_a_detached_loss_is_a_wrong_answer():
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    assert fault(raised(ASKED, "RuntimeError", message)).verdict is Verdict.WRONG_ANSWER


def test_an_error_message_does_not_carry_hidden_numbers():
    told = error_words("ValueError", "got -0.12345 and 1e-3 for shape (4x2)\nsecond line")
    assert told == "ValueError: got … and … for shape (4x2)"
    assert len(error_words("E", "x" * 1000)) < 210


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        ("timed_out", Verdict.TIME_LIMIT_EXCEEDED),
        ("out_of_memory", Verdict.MEMORY_LIMIT_EXCEEDED),
        ("refused", Verdict.WRONG_ANSWER),
        ("kernel_died", Verdict.RUN_TIME_ERROR),
    ],
)
def test_each_outcome_has_its_verdict_and_a_note(outcome, verdict):
    judgement = fault(ended(outcome, detail="two answers"))
    assert judgement.verdict is verdict
    assert judgement.score == 0
    assert "two answers" in judgement.staff_note


def test_a_kernel_that_the_notebook_killed_says_which_cell():
    judgement = fault(
        ended("kernel_died"),
        ran=execution(CellRun(index=3, ended="memory_limit_exceeded"), detail=say("more than 4 GB")),
    )
    assert judgement.verdict is Verdict.MEMORY_LIMIT_EXCEEDED
    assert "Cell 4" in words(judgement)
    assert "more than 4 GB" in words(judgement)


def test_a_cell_that_raised_before_is_not_taken_for_the_one_that_killed_the_kernel():
    ran = execution(
        cell_raised(1, "NameError"), CellRun(index=3, ended="kernel_died"), detail=say("Cell 2 raised.")
    )
    judgement = fault(ended("kernel_died"), ran=ran)
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "Cell 4" in words(judgement)
    assert "the kernel died" in words(judgement)
    assert "Cell 2" not in words(judgement)


@pytest.mark.parametrize("outcome", ["timed_out", "out_of_memory"])
def test_a_kernel_that_another_part_killed_goes_to_a_person(outcome):
    other = Observation(probe="train.steps/0", outcome=outcome)
    judgement = fault(other, ended("kernel_died"))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "train.steps/0" in judgement.staff_note


def test_a_reference_that_did_not_answer_is_the_graders_fault():
    judgement = first_fault(
        CRITERION, evidence([answered(ASKED, 1.0)], [raised(ASKED, "ValueError", "boom")])
    )
    assert judgement.verdict is Verdict.JUDGE_ERROR
    assert judgement.score is None
    assert "boom" in judgement.staff_note
    assert "boom" not in words(judgement)


def test_a_criterion_that_was_not_asked_is_the_graders_fault():
    assert fault().verdict is Verdict.JUDGE_ERROR


def test_a_hint_of_the_rubric_is_what_to_look_at():
    hinted = make(MatchesReference, call="f(x)", hint={"fr": "Voyez x.", "en": "See x."})
    judgement = student_fault(hinted, evidence([ended("timed_out")]))
    assert render(judgement.look_at, "en") == "See x."
    assert render(judgement.look_at, "fr") == "Voyez x."


def test_names_that_a_cell_gives_a_value():
    assert stored_names("import x\na, b = 1, 2\ndef f(): pass\nclass G: pass\nfor i in a: j = i") == {
        *("x", "a", "b", "f", "G", "i", "j")
    }
    assert stored_names("not python (") == set()
