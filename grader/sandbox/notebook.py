"""nbclient's client with a lid on outputs: what a terminal shows is kept, and all that is kept is weighed."""

from __future__ import annotations

from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete
from nbformat import NotebookNode

from grader.sandbox.client import CappedClient
from grader.sandbox.outputs import Screen, printable

MOST_MESSAGES = 20_000
IOPUB_S = 20
"""Seconds after the reply to wait for the end of the outputs, where an honest kernel may drop messages."""
MOST_PASSING = 64
"""Bytes that may pass, as a multiple of what may be kept: progress bars, figures drawn over and over."""
DEEPEST = 60
SMALL_ERROR = 100_000
"""Bytes of an error that are kept even when nothing else is."""
MOST_ERRORS = 2 << 20
"""Bytes of all such errors together."""
SHOWN = ("stream", "display_data", "execute_result", "error", "update_display_data")


class CappedNotebook(NotebookClient):
    """One notebook's outputs, collected up to a number of bytes; beyond it they are dropped."""

    kc: CappedClient

    def __init__(
        self, nb: NotebookNode, most_bytes: int, *, iopub_timeout: int = IOPUB_S, **kwargs: Any
    ) -> None:
        super().__init__(
            nb,
            allow_errors=True,
            timeout=None,
            iopub_timeout=iopub_timeout,
            skip_cells_with_tag="",
            store_widget_state=False,
            **kwargs,
        )
        self.most_bytes = most_bytes
        self._before = self._shown = self._passed = self._messages = 0
        self._errors = 0
        self._over = self._over_before = False
        self._displays: dict[str, int] = {}
        """Bytes that a display has in all places where it is shown."""
        self._screens: dict[int, tuple[NotebookNode, Screen]] = {}

    def begin_cell(self) -> None:
        """Start to weigh a new cell."""
        self._before += self._shown
        self._shown = self._passed = self._messages = 0
        self._over_before = self._over_before or self._over
        self._over = False
        self._screens = {}
        self.kc.asked = ""

    def end_cell(self, cell: NotebookNode) -> None:
        """Write out what the screens show, and put stdout before stderr, so that chance does not decide."""
        for output, screen in self._screens.values():
            output["text"] = screen.text()
        cell.outputs = _in_order([o for o in cell.outputs if o.output_type != "stream" or o["text"]])

    def is_over(self) -> bool:
        """Whether this cell broke the limit on outputs; a cell after one that did may only not flood."""
        return self._over

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Keep one message's output, if it fits."""
        self._messages += 1
        self._passed += msg["bytes"]
        if self._messages > MOST_MESSAGES or self._passed > MOST_PASSING * self.most_bytes:
            self._over = True
        try:
            if msg["msg_type"] in SHOWN and not self._takes(msg):
                return None
            if type(msg["content"].get("execution_count", 0)) is not int:
                del msg["content"]["execution_count"]
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # noqa: BLE001  whatever a forged message does to nbclient
            self.kc.iopub_channel.malformed += msg["msg_type"] != "update_display_data"
            return None

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> NotebookNode | None:
        """Write streams on screens, one a name between two other outputs."""
        if msg["msg_type"] != "stream":
            return super().output(outs, msg, display_id, cell_index)
        name, text = msg["content"]["name"], str(msg["content"]["text"])
        if name not in ("stdout", "stderr"):
            return None
        shown = None if self.clear_before_next_output else _running(outs, name)
        if shown is None:
            msg["content"] = {"name": name, "text": ""}
            shown = super().output(outs, msg, display_id, cell_index)
            if shown is None:
                return None
            self._screens[id(shown)] = (shown, Screen())
        screen = self._screens[id(shown)][1]
        before = screen.size
        screen.write(printable(text))
        if not self._add(screen.size - before):
            screen.cut(before + self._room)
            self._shown += self._room
        return shown

    def clear_output(self, outs: list[NotebookNode], msg: dict[str, Any], cell_index: int) -> None:
        """Forget the weight of what is cleared."""
        super().clear_output(outs, msg, cell_index)
        self._shown = 0
        self._displays = {}

    @property
    def _room(self) -> int:
        return max(0, self.most_bytes - self._before - self._shown)

    def _takes(self, msg: dict[str, Any]) -> bool:
        """Whether an output may be kept; a stream is weighed later, when the screen shows what remains of it."""
        kind, size = msg["msg_type"], msg["content_bytes"]
        if not _shallow(msg["content"]):
            return False
        if kind == "error" and size < SMALL_ERROR and self._errors + size <= MOST_ERRORS:
            self._errors += size
            return True
        if self._over or self._over_before:
            return False
        return kind == "stream" or self._add(self._growth(msg))

    def _growth(self, msg: dict[str, Any]) -> int:
        """Bytes by which the notebook grows: a display is changed wherever it is shown."""
        more, size = int(msg["msg_type"] != "update_display_data"), msg["content_bytes"]
        display = msg["content"].get("transient", {}).get("display_id")
        if not display:
            return int(more * size)
        places = more + sum(len(outputs) for outputs in self._display_id_map.get(display, {}).values())
        before, self._displays[display] = self._displays.get(display, 0), places * size
        return self._displays[display] - before

    def _add(self, size: int) -> bool:
        """Weigh what is to be kept; False when it does not fit, and nothing more is kept."""
        if self._before + self._shown + size > self.most_bytes:
            self._over = True
            return False
        self._shown += size
        return True


def _running(outs: list[NotebookNode], name: str) -> NotebookNode | None:
    """The stream of this name in the run of streams that the outputs end with."""
    for output in reversed(outs):
        if output.output_type != "stream":
            return None
        if output.name == name:
            return output
    return None


def _in_order(outs: list[NotebookNode]) -> list[NotebookNode]:
    ordered: list[NotebookNode] = []
    for output in outs:
        behind = ordered[-1] if ordered else None
        pair = (behind.get("name"), output.get("name")) if behind is not None else None
        ordered.insert(len(ordered) - (pair == ("stderr", "stdout")), output)
    return ordered


def _shallow(value: Any) -> bool:
    """Whether nested containers stay within what all readers of the executed notebook can take."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [
            child
            for container in layer
            if isinstance(container, dict | list)
            for child in (container.values() if isinstance(container, dict) else container)
        ]
        if not layer:
            return True
    return False
