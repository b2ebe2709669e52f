from __future__ import annotations

from pathlib import Path

from grader.model.verdict import Verdict
from tests.store.samples import key_of, open_book, report, result, submission


def test_unlike_points_for_the_same_file_and_rules_are_unsteady(tmp_path: Path) -> None:
    ada, bob, cyd = (submission(student) for student in ("ada", "bob", "cyd"))
    wrong = result(Verdict.WRONG_ANSWER, "0")
    broken = result(Verdict.JUDGE_ERROR, None)
    with open_book(tmp_path) as book:
        for handed_in in (ada, bob, cyd):
            book.save(key_of(handed_in), report(handed_in))
        assert book.unsteady() == set()
        book.save(key_of(ada, seed=1), report(ada, wrong))
        book.save(key_of(bob, seed=1), report(bob))
        book.save(key_of(bob, seed=2), report(bob, broken))
        book.save(key_of(cyd, reference_sha256="0" * 64), report(cyd, wrong))
        assert book.unsteady() == {("ada", ada.exercise)}
