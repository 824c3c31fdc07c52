"""Progress on stderr: a bar on a terminal for what takes longer than a moment, nothing anywhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segcli.interface.command import Session

PATIENCE = 0.7  # seconds before a bar is worth its flicker


@contextmanager
def bar(session: Session, name: str) -> Iterator[Callable[[int], None]]:
    """Give a function to be called with the number of rows read so far; `name` says of what."""
    if not session.is_talking:
        yield lambda _: None
        return
    progress = _Bar(name)
    try:
        yield progress.tick
    finally:
        progress.stop()


class _Bar:
    """A Rich bar that appears only when the work has taken a moment."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._started = time.monotonic()
        self._live: object | None = None

    def tick(self, rows: int) -> None:
        """Show how many rows were read."""
        if self._live is None:
            if time.monotonic() - self._started < PATIENCE:
                return
            self._begin()
        self._progress.update(self._task, completed=rows, rows=f"{rows:,}")

    def _begin(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        from segcli.base.text import visible

        console = Console(stderr=True, markup=False, emoji=False, highlight=False)
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TextColumn("{task.fields[rows]} rows"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._progress.add_task(visible(self._name), total=None, rows="")
        self._progress.start()
        self._live = self._progress

    def stop(self) -> None:
        """Take the bar away."""
        if self._live is not None:
            self._progress.stop()
