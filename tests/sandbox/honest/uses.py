"""Uses: each one cell of `notebook.txt`, which shows the same behind walls as without any; and what is lost where."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NO_SHARED_MEMORY = "semaphores and shared tensors need `/dev/shm`"
NO_NETWORK = "there is no network, not even with oneself"
NO_TERMINAL = "there are no terminals"
PRETENDED = "nothing fails, but modes, times and owners stay as they are"
NO_TMP = "only `tempfile` knows the folder for temporary files; `/tmp` is the machine's own"
LOST: Mapping[str, Mapping[str, str]] = {
    "DataLoader workers": {"portable": NO_SHARED_MEMORY},
    "a pool of processes": {"portable": NO_SHARED_MEMORY},
    "a process with a queue": {"portable": NO_SHARED_MEMORY},
    "tensors between processes": {"portable": NO_SHARED_MEMORY},
    "an executor of processes": {"portable": NO_SHARED_MEMORY},
    "a terminal for shell commands": {"portable": NO_TERMINAL},
    "a script that is made and run": {"portable": PRETENDED},
    "modes and times of files": {"portable": PRETENDED},
    "files below /tmp": {"portable": NO_TMP},
    "a server of one's own": {"portable": NO_NETWORK},
}
"""Use to tier to why it cannot be done there; the documentation has the same in a table."""


@dataclass(frozen=True)
class Use:
    """One thing that an honest notebook does."""

    name: str
    code: str

    @property
    def key(self) -> str:
        """Its name as one word."""
        return self.name.replace(" ", "_")

    @property
    def lost(self) -> Mapping[str, str]:
        """Tier to why it cannot be done there."""
        return LOST.get(self.name, {})


def _read(text: str) -> tuple[Use, ...]:
    cells = (cell.split("\n", 1) for cell in text.split("# %% ")[1:])
    return tuple(Use(name.strip(), code.strip()) for name, code in cells)


USES = _read((Path(__file__).parent / "notebook.txt").read_text(encoding="utf-8"))
"""In the order of the notebook: some use what others made."""
