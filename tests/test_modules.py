"""Modules that notebooks import: which are here, which are well known, which are slips."""

from __future__ import annotations

import shlex
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import modules


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("nunpy", "numpy"),
        ("pandsa", "pandas"),
        ("tourch", "torch"),
        ("matplolib", "matplotlib"),
        ("mathplotlib", "matplotlib"),
        ("sklern", "sklearn"),
        ("Numpy", "numpy"),
        ("tqmd", "tqdm"),
        ("torchvison", "torchvision"),
        ("pytorch", "torch"),
        ("plt", "matplotlib.pyplot"),
        ("nn.functional", "torch.nn"),
    ],
)
def test_slips_are_told_from_what_is_missing(slip: str, meant: str) -> None:
    assert modules.meant_module(slip) == meant


@pytest.mark.parametrize(
    "name",
    [
        "timm",
        "jax",
        "wandb",
        "utils",
        "helpers",
        "my_functions",
        "dataset",
        "maths",
        "train",
        "mlp",
        "google.colab",
        "io",
    ],
)
def test_other_names_are_no_slips(name: str) -> None:
    assert modules.meant_module(name) is None


@given(st.from_regex(r"[a-zA-Z_]\w{0,20}(\.\w{1,8})?", fullmatch=True))
def test_a_known_name_is_never_a_slip_of_another(name: str) -> None:
    meant = modules.meant_module(name)
    assert meant is None or modules.top_of(name) not in modules.PACKAGES


def test_what_is_installed_is_found_without_importing_it() -> None:
    assert all(
        modules.is_installed(name) for name in ("torch.nn", "pandas", "sys", "json", "_ctypes", "yaml")
    )
    assert not any(modules.is_installed(name) for name in ("nosuch", "wandb", "tests", "grader_of_nobody"))
    assert modules.is_shared("sphinxcontrib.anything")
    assert not modules.is_shared("torch.anything")


def test_the_command_installs_into_the_python_that_kernels_run_on() -> None:
    command = shlex.split(modules.install_command(["pandas", "scikit-learn"]))
    assert command == [sys.executable, "-m", "pip", "install", "pandas", "scikit-learn"]


def test_only_well_known_modules_have_a_package() -> None:
    assert modules.package_of("sklearn.linear_model") == "scikit-learn"
    assert modules.package_of("mes_outils") is None
    assert modules.module_of("scikit-learn") == "sklearn"
    assert modules.module_of("evil-package") is None
