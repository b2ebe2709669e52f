"""The students' kit of one exercise: the notebook, what the self-check needs, grade itself, and how to use them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from importlib import resources

from grader.authoring.wheel import DATE, own_wheel
from grader.model.check_bundle import SUFFIX, CheckBundle
from grader.model.text import Bilingual

README = "LISEZMOI.md"


def kit_files(bundle: CheckBundle, title: Bilingual) -> dict[str, bytes]:
    """All files of a kit, by name; raises ConfigError when grade is not installed."""
    id_ = bundle.exercise
    wheel, content = own_wheel()
    words = resources.files("grader.authoring").joinpath("kit_readme.md").read_text("utf-8")
    fields = {"title": title.fr, "exercise": id_, "wheel": wheel, "task": bundle.rubric["tasks"][0]["id"]}
    for field, value in fields.items():
        words = words.replace(f"{{{field}}}", value)
    return {
        f"{id_}.ipynb": bundle.handout.encode(),
        f"{id_}{SUFFIX}": bundle.model_dump_json(by_alias=True).encode(),
        wheel: content,
        README: words.encode(),
    }


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """A kit as one file, in a folder of that name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
