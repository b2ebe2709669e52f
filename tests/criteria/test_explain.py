"""Each message about an error: a case that it is right of, and one with nearly the same text that it is not said of."""

import pytest

from grader.criteria.explain import Place, explain
from grader.i18n import render


def told(name: str, message: str, place: Place = "cell") -> str:
    known = explain(name, message, place)
    if known is None:
        return ""
    return " ".join(render(text, "en") for text in (known.summary, known.look_at) if text is not None)


@pytest.mark.parametrize(
    ("name", "message", "word", "near_miss"),
    [
        (
            "AttributeError",
            "'float' object has no attribute 'backward'",
            "plain value",
            "'MSELoss' object has no attribute 'backward'",
        ),
        (
            "TypeError",
            "unsupported operand type(s) for *: 'NoneType' and 'int'",
            "None turned up",
            "bad argument: expected NoneType, got Tensor",
        ),
        (
            "TypeError",
            "'Tensor' object is not callable",
            "called like one",
            "the second argument is not callable by itself",
        ),
        (
            "TypeError",
            "f() missing 1 required keyword-only argument: 'h'",
            "other arguments",
            "h must be an argument of type float",
        ),
        (
            "RuntimeError",
            "The size of tensor a (3) must match the size of tensor b (4)",
            "two tensors",
            "shape '[2, 3]' is invalid for input of size 5",
        ),
        (
            "RuntimeError",
            "expected m1 and m2 to have the same dtype, but got: float != double",
            "another dtype than the operation expects",
            "result type Float can't be cast to the desired output type Long",
        ),
        (
            "RuntimeError",
            "Found no NVIDIA driver on your system",
            "where there is none",
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!",
        ),
        (
            "RuntimeError",
            "element 0 of tensors does not require grad and does not have a grad_fn",
            "hangs on no graph",
            "One of the differentiated Tensors does not require grad",
        ),
        ("EOFError", "EOF when reading a line", "typed in", "Ran out of input"),
        (
            "SyntaxError",
            "invalid syntax (1234.py, line 1)",
            "not valid Python",
            "invalid syntax (<string>, line 1)",
        ),
        (
            "UnboundLocalError",
            "cannot access local variable 'w' where it is not associated with a value",
            "`w` has no value",
            "something else",
        ),
        (
            "NameError",
            "name 'w' is not defined",
            "`w` is not defined",
            "cannot access free variable 'w' where it is not associated with a value in enclosing scope",
        ),
    ],
)
def test_a_message_is_said_of_its_own_text_and_not_of_one_that_is_nearly_the_same(
    name: str, message: str, word: str, near_miss: str
) -> None:
    assert word in told(name, message)
    assert word not in told(name, near_miss)


@pytest.mark.parametrize(
    ("name", "message", "untrue"),
    [
        # a parameter that never required a gradient gives the same text as a loss that was detached
        (
            "RuntimeError",
            "element 0 of tensors does not require grad and does not have a grad_fn",
            "it was detached",
        ),
        # the parameters may be the part of the graph that is old, while the loss is computed anew
        ("RuntimeError", "Trying to backward through the graph a second time", "called twice"),
        # an input with `requires_grad`, moved by a step of finite differences, is no parameter
        (
            "RuntimeError",
            "a leaf Variable that requires grad is being used in an in-place operation.",
            "A parameter that requires",
        ),
        # a recursion as deep as the graph comes to an end
        ("RecursionError", "maximum recursion depth exceeded", "without end"),
        # `x += 0.5` on whole numbers: no other tensor is there
        ("RuntimeError", "result type Float can't be cast to the desired output type Long", "Tensors of"),
        # `del w; print(w)` had a value before
        (
            "UnboundLocalError",
            "cannot access local variable 'w' where it is not associated with a value",
            "before it gets",
        ),
    ],
)
def test_no_cause_is_named_that_another_cause_of_the_same_text_would_make_untrue(
    name: str, message: str, untrue: str
) -> None:
    words = told(name, message)
    assert words
    assert untrue not in words


def test_a_name_that_only_our_question_uses_is_not_called_the_students_spelling() -> None:
    message = "'list' object has no attribute 'dtype'"
    assert "spelling of `dtype`" in told("AttributeError", message, "call")
    asked = told("AttributeError", message, "question")
    assert "spelling" not in asked
    assert "A `list` came back" in asked


def test_a_class_without_the_attribute_that_is_asked_for_did_not_come_back_as_another_kind() -> None:
    asked = told("AttributeError", "'Line' object has no attribute 'linear'", "question")
    assert "came back" not in asked
    assert "has no attribute `linear`" in asked


def test_a_call_of_ours_is_compared_with_the_exercise_and_one_of_the_students_with_the_definition() -> None:
    message = "train() got an unexpected keyword argument 'lr'"
    assert "that the exercise gives" in told("TypeError", message, "question")
    assert "that the exercise gives" not in told("TypeError", message, "call")
