"""Files and folders without an LMS: `dupont.ipynb`, `12345678/TP1.ipynb`, `dupont/<exercise>.ipynb`.

The student is the first folder that is not named after an exercise. Where there is none, it is what the file's name
tells besides the exercise (`03_XOR_pytorch_dupont.ipynb`), and at last the name of the folder that was given.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.intake.files import Found
from grader.intake.layout import Layout, Opened, Owner
from grader.intake.names import compact, without_copy_number, without_exercise, without_suffix


def _owner(found: Found, exercises: frozenset[str]) -> Owner | None:
    root, *folders, file_name = found.parts
    own = [folder for folder in folders if compact(folder) not in exercises]
    if own:
        inside = tuple(folders[folders.index(own[0]) + 1 :])
        before = tuple(folders[: folders.index(own[0])])
        return Owner(own[0], own[0], file_name, before + inside)
    student = _student(without_suffix(file_name), root, exercises)
    return Owner(student, student, file_name, tuple(folders))


def _student(stem: str, root: str, exercises: frozenset[str]) -> str:
    original = without_copy_number(stem).stem
    besides = without_exercise(original, exercises)
    if besides == original:  # names no exercise: `group-2` is a student, `dupont (2)` a browser's second copy
        return original if stem.endswith((")", "]")) else stem
    if besides:
        return besides
    return original if compact(root) in exercises or not root else root


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened:
    return Opened(lambda file: _owner(file, exercises))


PLAIN = Layout("plain", _open)
