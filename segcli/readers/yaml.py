"""YAML as plain text: every scalar a string, so that NO, 007 and 12:30 stay what was written."""

from pathlib import Path
from typing import Any

from segcli.errors import SegcliError

MAXIMUM_BYTES = 1_000_000


def load(path: Path) -> Any:  # noqa: ANN401 - whatever the document holds
    """Return the document: dicts, lists and strings; an empty value is ''.

    Duplicate keys, aliases, tags and files over 1 MB are SegcliErrors that name the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SegcliError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > MAXIMUM_BYTES:
        raise SegcliError(f"{path} is larger than 1 MB")
    return parse(data, str(path))


def parse(data: bytes, name: str) -> Any:  # noqa: ANN401 - whatever the document holds
    """Return the document in these bytes; `name` stands in the errors."""
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # ten times the speed where libyaml is there

    class Loader(base):  # type: ignore[misc]
        """Strings only; refuses what would surprise."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: ANN401, FBT001, FBT002
            seen: set[str] = set()
            for key, _ in node.value:
                if str(key.value) in seen:
                    raise SegcliError(f"{name}:{key.start_mark.line + 1}: '{key.value}' stands twice")
                seen.add(str(key.value))
            return dict(super().construct_mapping(node, deep))

    try:
        for token in yaml.parse(data, Loader=base):
            _refuse(token, name)
        return yaml.load(data, Loader=Loader)  # noqa: S506 - a BaseLoader makes strings only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SegcliError(f"{name}:{line}: this is not YAML: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SegcliError(f"{name}: this is not YAML: {error}") from error
    except RecursionError as error:
        raise SegcliError(f"{name}: nested too deeply") from error


def _refuse(event: Any, name: str) -> None:  # noqa: ANN401 - an event of PyYAML
    what = (
        "an alias (*)" if type(event).__name__ == "AliasEvent" else "a tag (!)" if getattr(event, "tag", None) else ""
    )
    if what:
        raise SegcliError(f"{name}:{event.start_mark.line + 1}: {what} is not taken here")
