"""Screens."""

import pytest

from grader.sandbox.outputs import Screen, printable, without_colours


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["a\n", "b"], "a\nb"),
        (["50 %\r", "100 %\n"], "100 %\n"),
        (["line\r\n", "next"], "line\nnext"),
        (["one\ntwo\x1b[A", "\rONE"], "ONE\ntwo"),
        (["kept\r"], "kept"),
        (["\x1b[A\x1b[A", "x"], "x"),
    ],
)
def test_screen_shows_what_a_terminal_would(pieces, shown):
    screen = Screen()
    for piece in pieces:
        screen.write(piece)
    assert screen.text() == shown
    assert screen.size == len(shown)


def test_screen_is_cut_to_bytes_and_weighs_what_is_left():
    screen = Screen()
    screen.write("één\ntwee")
    assert screen.size == 10
    screen.cut(4)
    assert screen.text() == "éé"
    assert screen.size == 4


def test_lone_surrogates_become_printable():
    assert printable("a\ud800b").encode() == b"a?b"


def test_addresses_are_the_same_in_every_run():
    assert printable("<Net object at 0x7f12ab34cd50>") == "<Net object at 0x0>"


def test_colours_are_dropped():
    assert without_colours("\x1b[31mred\x1b[0m") == "red"
