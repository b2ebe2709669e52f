"""Modules that notebooks import: which are installed here, what pip calls them, and which names are slips.

Kernels run on the grader's own Python, so that what is found here is found there; nothing is imported.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from rapidfuzz.distance import DamerauLevenshtein

COURSE = ("ipympl", "ipywidgets", "pandas", "scikit-learn", "seaborn", "tqdm")
"""What the extra `course` installs, as pip calls it: notebooks import it, whether or not their exercise asks for it."""
PACKAGES = {
    "IPython": "ipython",
    "PIL": "pillow",
    "accelerate": "accelerate",
    "albumentations": "albumentations",
    "altair": "altair",
    "autograd": "autograd",
    "bokeh": "bokeh",
    "bs4": "beautifulsoup4",
    "captum": "captum",
    "catboost": "catboost",
    "cv2": "opencv-python-headless",
    "cvxpy": "cvxpy",
    "dash": "dash",
    "datasets": "datasets",
    "dgl": "dgl",
    "diffusers": "diffusers",
    "dotenv": "python-dotenv",
    "einops": "einops",
    "fastai": "fastai",
    "flax": "flax",
    "gensim": "gensim",
    "graphviz": "graphviz",
    "gym": "gym",
    "gymnasium": "gymnasium",
    "h5py": "h5py",
    "huggingface_hub": "huggingface-hub",
    "imageio": "imageio",
    "ignite": "pytorch-ignite",
    "imblearn": "imbalanced-learn",
    "ipympl": "ipympl",
    "ipywidgets": "ipywidgets",
    "jax": "jax",
    "joblib": "joblib",
    "kagglehub": "kagglehub",
    "keras": "keras",
    "kornia": "kornia",
    "librosa": "librosa",
    "lightgbm": "lightgbm",
    "lightning": "lightning",
    "matplotlib": "matplotlib",
    "missingno": "missingno",
    "mlflow": "mlflow",
    "networkx": "networkx",
    "nltk": "nltk",
    "numba": "numba",
    "numpy": "numpy",
    "onnx": "onnx",
    "onnxruntime": "onnxruntime",
    "openpyxl": "openpyxl",
    "optuna": "optuna",
    "pandas": "pandas",
    "peft": "peft",
    "plotly": "plotly",
    "polars": "polars",
    "psutil": "psutil",
    "pyarrow": "pyarrow",
    "pydot": "pydot",
    "pygame": "pygame",
    "pytorch_lightning": "pytorch-lightning",
    "requests": "requests",
    "rich": "rich",
    "scipy": "scipy",
    "seaborn": "seaborn",
    "sentencepiece": "sentencepiece",
    "shap": "shap",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skorch": "skorch",
    "spacy": "spacy",
    "statsmodels": "statsmodels",
    "streamlit": "streamlit",
    "sympy": "sympy",
    "tabulate": "tabulate",
    "tensorboard": "tensorboard",
    "tensorboardX": "tensorboardX",
    "tensorflow": "tensorflow",
    "timm": "timm",
    "tokenizers": "tokenizers",
    "torch": "torch",
    "torch_geometric": "torch-geometric",
    "torchaudio": "torchaudio",
    "torcheval": "torcheval",
    "torchinfo": "torchinfo",
    "torchmetrics": "torchmetrics",
    "torchsummary": "torchsummary",
    "torchtext": "torchtext",
    "torchview": "torchview",
    "torchvision": "torchvision",
    "torchviz": "torchviz",
    "tqdm": "tqdm",
    "transformers": "transformers",
    "umap": "umap-learn",
    "visdom": "visdom",
    "wandb": "wandb",
    "xarray": "xarray",
    "xgboost": "xgboost",
    "xlrd": "xlrd",
    "yaml": "pyyaml",
}
"""Well-known modules of notebooks, each with what pip calls the package that has it."""
_PYTHONS = (
    *("math", "random", "time", "copy", "itertools", "collections", "functools", "typing", "pathlib", "json"),
    *("statistics", "datetime", "dataclasses", "warnings", "operator", "string", "pickle", "logging", "glob"),
    *("subprocess", "threading", "multiprocessing", "urllib", "shutil", "tempfile", "timeit", "types"),
)
"""Modules of Python's own that notebooks import."""
_CALLED = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "pyplot": "matplotlib.pyplot",
    "sns": "seaborn",
    "tf": "tensorflow",
    "nn": "torch.nn",
    "optim": "torch.optim",
    "pytorch": "torch",
    "scikit_learn": "sklearn",
    "opencv": "cv2",
}
"""Names that such modules go by in code and talk, and none can be imported by."""
_LONG = 9
"""Letters of a name from which on two slips are forgiven."""


def top_of(module: str) -> str:
    """`torch` of `torch.nn.functional`."""
    return module.partition(".")[0]


@lru_cache(maxsize=1000)
def is_installed(module: str) -> bool:
    """Whether Python or one of its installed packages has the module's first part."""
    top = top_of(module)
    return top in sys.builtin_module_names or _spec(top) is not None


@lru_cache(maxsize=1000)
def is_shared(module: str) -> bool:
    """Whether several packages may share the module's first part (`google`): one being there says nothing of others."""
    spec = _spec(top_of(module))
    return spec is not None and spec.origin is None and spec.submodule_search_locations is not None


def package_of(module: str) -> str | None:
    """What pip calls the package that brings a well-known module; None for others, which nobody should install."""
    return PACKAGES.get(top_of(module))


def module_of(word: str) -> str | None:
    """The well-known module of this name, or of the package that pip calls so."""
    if word in PACKAGES:
        return word
    return next((module for module, package in PACKAGES.items() if package == word.lower()), None)


def belongs_to_python(module: str) -> bool:
    """Whether it is one of Python's own, which no package brings."""
    return top_of(module) in sys.stdlib_module_names


def meant_module(module: str) -> str | None:
    """The well-known module that a name differs from by a slip; None where it is one itself, or near none."""
    top = top_of(module)
    if top in PACKAGES or belongs_to_python(top):
        return None
    if top in _CALLED:
        return _CALLED[top]
    known = [*PACKAGES, *_PYTHONS]
    for other in known:
        if _plain(other) == _plain(top):
            return other
    if top.casefold() + "s" in known or top.casefold().removesuffix("s") in known:
        return None  # `dataset` and `maths` are names that people give to files of their own
    most = 2 if len(top) >= _LONG else 1
    near = [
        (distance, other)
        for other in known
        if len(other) >= 4 <= len(top)
        and (distance := DamerauLevenshtein.distance(_plain(top), _plain(other), score_cutoff=most)) <= most
    ]
    return min(near)[1] if near else None


def install_command(packages: Iterable[str]) -> str:
    """A shell command that installs packages into the Python that kernels run on."""
    return f"{shlex.quote(sys.executable)} -m pip install {' '.join(packages)}"


def _spec(top: str) -> ModuleSpec | None:
    """Where a kernel would find it: not in the folder that the grader was started in."""
    here = str(Path.cwd())
    places = [path for path in sys.path if path not in ("", here) and Path(path).is_absolute()]
    found = PathFinder.find_spec(top, places)
    if found is not None or not re.fullmatch(r"[^\W\d]\w*", top):
        return found
    try:
        other = importlib.util.find_spec(top)  # of finders that packages install: for editable ones, say
    except (ImportError, ValueError):
        return None
    return None if other is None or other.origin is None or Path(other.origin).is_relative_to(here) else other


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
