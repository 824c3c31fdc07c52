"""Names that files give: a module per command, overview or format, and a text per topic."""

from pathlib import Path


def stems(folder: Path, ending: str = ".py") -> tuple[str, ...]:
    """Return the names of a folder's files with this ending, without it, sorted; they begin with a small letter.

    Path.glob finds the same, but compiles regular expressions for it, which takes a millisecond of every start.
    """
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix == ending and "a" <= path.name[0] <= "z"))
