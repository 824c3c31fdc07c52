"""A progress bar on stderr for slow work, on a terminal only."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from segcli.interface.command import Session

PATIENCE = 0.7  # seconds before the bar appears


@contextmanager
def bar(session: Session, name: str, unit: str = "rows") -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of rows read, or `unit`, so far; `name` labels the bar."""
    if not session.is_talking:
        yield lambda _: None
        return
    progress = _Bar(name, unit)
    try:
        yield progress.tick
    finally:
        progress.stop()


class _Bar:
    """A Rich progress bar that appears after PATIENCE seconds."""

    def __init__(self, name: str, unit: str) -> None:
        self._name, self._unit = name, unit
        self._started = time.monotonic()
        self._live: object | None = None

    def tick(self, rows: int) -> None:
        """Show how many rows were read so far."""
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
            TextColumn(f"{{task.fields[rows]}} {self._unit}"),
        )
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._progress.add_task(visible(self._name), total=None, rows="")
        self._progress.start()
        self._live = self._progress

    def stop(self) -> None:
        """Remove the bar."""
        if self._live is not None:
            self._progress.stop()
