"""Import and export of labels and values as one YAML or CSV file."""

import csv
import io
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.base import escaping, outcome
from segcli.base.errors import SegcliError, in_file
from segcli.base.spelling import code_problem, composed
from segcli.base.text import is_whole
from segcli.classify.catalogue_edit import set_label
from segcli.domain.catalogue import FIELDS, Catalogue
from segcli.importing import readers
from segcli.importing.readers import BadRow
from segcli.storage.class_values import create, known

if TYPE_CHECKING:
    from segcli.settings.plain_yaml import Node

HEADER = ("field", "label", "code", "description", "position", "is_retired")


class Entry(NamedTuple):
    """An entry of the file: a label, or one of its values if `code` is set. Attributes that are None stay unchanged."""

    place: str
    field: int
    label: str | None
    code: str
    description: str | None = None
    position: int | None = None
    is_retired: bool | None = None


def read(path: Path) -> list[Entry]:
    """Return the entries of a YAML or CSV file."""
    if path.suffix.lower() in {".yaml", ".yml"}:
        from segcli.settings import plain_yaml

        return list(_from_yaml(plain_yaml.tree(plain_yaml.read(path), str(path)), str(path)))
    return list(_from_table(readers.open_source(str(path))))


def _from_yaml(top: "Node | None", name: str) -> Iterator[Entry]:
    document = top.value if top else None
    labels = document.get("labels") if isinstance(document, dict) else None
    if labels is None or not isinstance(labels.value, dict):
        raise SegcliError(
            f"{name}: there are no labels in it", "write labels: {1: {label: Region, values: [{code: N}]}}"
        )
    for number, content in labels.value.items():
        field = _field(number, content.place)
        if isinstance(content.value, str):
            yield Entry(content.place, field, content.value, "")
            continue
        said = content.mapping(("label", "values"))
        yield Entry(content.place, field, said["label"].text if "label" in said else None, "")
        for value in _listed(said.get("values")):
            yield _entry(value.place, field, None, _texts(value))


def _listed(node: "Node | None") -> "Sequence[Node]":
    return node.listed if node and node.value else ()


def _texts(value: "Node") -> Mapping[str, str]:
    """Return the attributes of a value, which is written as its code alone or as a mapping."""
    if isinstance(value.value, str):
        return {"code": value.value}
    return {key: node.text if node.value else "" for key, node in value.mapping(HEADER[2:]).items()}


def _from_table(source: readers.Source) -> Iterator[Entry]:
    for block in readers.read(source):
        header = [name.strip().lower() for name in block.header]
        if "field" not in header and "class" in header:
            header[header.index("class")] = "field"
        if "field" not in header or not {"code", "label"} & set(header):
            raise SegcliError(f"{source.name}: the columns are {', '.join(header)}", f"write {','.join(HEADER)}")
        for row in block.rows:
            if isinstance(row, BadRow):
                raise SegcliError(f"{source.name}: nothing was imported", problems=[row.problem])
            place, cells = row
            record = {name: (cell or "").strip() for name, cell in zip(header, cells, strict=True)}
            where = f"{source.name}:{place}"
            yield _entry(where, _field(record["field"], where), record.get("label") or None, record)
    source.refuse_changed()


def _field(text: str, place: str) -> int:
    number = text.lower().removeprefix("class")
    if not (is_whole(number) and int(number) in FIELDS):
        raise SegcliError(f"{place}: '{text}' is no classification", "classes are 1 to 8")
    return int(number)


def _entry(place: str, field: int, label: str | None, record: Mapping[str, str]) -> Entry:
    from segcli.importing.kinds.machinery import conversion

    try:
        position = conversion.to_integer(record["position"]) if record.get("position") else None
        retired = bool(conversion.to_flag(record["is_retired"])) if record.get("is_retired") else None
    except ValueError as error:
        raise SegcliError(f"{place}: {error.args[0]}") from error
    code = record.get("code", "")
    wrong = code_problem(code) if code else ""
    if wrong:
        raise SegcliError(f"{place}: '{code}' cannot be a code", wrong)
    return Entry(place, field, label, code, record.get("description"), position, retired)


def apply(db: sqlite3.Connection, entries: Iterable[Entry], name: str) -> str:
    """Apply the entries; return a summary, '' if nothing changed. A duplicate code is a SegcliError."""
    counts = {"label": 0, "added": 0, "changed": 0, "unchanged": 0}
    seen: dict[int | None, str] = {}  # the ids of values
    for number, entry in enumerate(entries, 1):
        if entry.label:
            counts["label"] += _label(db, entry, entry.label)
        if not entry.code:
            continue
        found = _known(db, entry)
        if found in seen:
            raise SegcliError(f"{entry.place}: '{entry.code}' stands twice", f"the first is at {seen[found]}")
        counts[_value(db, entry, number, found)] += 1
        seen[_known(db, entry)] = entry.place
    outcome.current().count(
        added=counts["added"], changed=counts["changed"] + counts["label"], unchanged=counts["unchanged"]
    )
    words = [f"{counts['label']} labels"] * bool(counts["label"]) + [
        f"{counts[k]} {k}" for k in ("added", "changed") if counts[k]
    ]
    return f"{Path(name).name}: {', '.join(words)}" if words else ""


def _label(db: sqlite3.Connection, entry: Entry, label: str) -> bool:
    """Set the label of a field; tell whether it changed."""
    with in_file(entry.place):
        return bool(set_label(db, entry.field, label))


def _known(db: sqlite3.Connection, entry: Entry) -> int | None:
    """Return the id of the entry's value, None if it is new. An ambiguous code is a SegcliError."""
    with in_file(entry.place):
        return known(db, entry.field, entry.code)


_COLUMNS = ("code", "description", "position", "is_retired")


def _value(db: sqlite3.Connection, entry: Entry, number: int, found: int | None) -> str:
    """Add or update a value; return added, changed or unchanged."""
    row = db.execute(
        "SELECT id, code, description, position, is_retired FROM classification_value WHERE id = ?", (found,)
    ).fetchone()
    if row is None:
        made = create(
            db, entry.field, entry.code, entry.description or "", number if entry.position is None else entry.position
        )
        if entry.is_retired:
            db.execute("UPDATE classification_value SET is_retired = 1 WHERE id = ?", (made,))
        outcome.current().change(f"class{entry.field} {entry.code}", "description", None, entry.description or "")
        return "added"
    wanted = (
        row[0],
        row[1] if composed(entry.code) == composed(row[1]) else composed(entry.code),
        row[2] if entry.description is None else entry.description,
        row[3] if entry.position is None else entry.position,
        row[4] if entry.is_retired is None else int(entry.is_retired),
    )
    if wanted == tuple(row):
        return "unchanged"
    db.execute(
        "UPDATE classification_value SET code_key = iif(code = ?2 COLLATE BINARY, code_key, label_key(?2)), code = ?2,"
        " description = ?3, position = ?4, is_retired = ?5 WHERE id = ?1",
        wanted,
    )
    for name, old, new in zip(_COLUMNS, row[1:], wanted[1:], strict=True):
        if old != new:
            outcome.current().change(f"class{entry.field} {row[1]}", name, old, new)
    return "changed"


def format_of(asked: str | None, output: str | None) -> str:
    """Return yaml or csv: as requested, else by the file extension, else yaml."""
    return asked or ("csv" if (output or "").lower().endswith(".csv") else "yaml")


def text(catalogue: Catalogue, positions: Mapping[int, int], form: str) -> str:
    """Return labels and values as a file that can be imported again without changes."""
    return _csv(catalogue, positions) if form == "csv" else _yaml(catalogue, positions)


def _csv(catalogue: Catalogue, positions: Mapping[int, int]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    for field, label in catalogue.labels.items():
        for v in catalogue.values(field):
            texts = [escaping.guarded(escaping.written(text)) for text in (label, v.code, v.description)]
            writer.writerow((field, *texts, positions[v.id], int(v.is_retired)))
        if not catalogue.values(field):
            writer.writerow((field, escaping.guarded(escaping.written(label)), "", "", "", ""))
    return buffer.getvalue()


def _yaml(catalogue: Catalogue, positions: Mapping[int, int]) -> str:
    import yaml

    labels = {}
    for field, label in catalogue.labels.items():
        values = [
            {"code": v.code, "description": v.description, "position": str(positions[v.id])}
            | ({"is_retired": "1"} if v.is_retired else {})
            for v in catalogue.values(field)
        ]
        labels[str(field)] = {"label": label, "values": values}
    dumped: str = yaml.safe_dump({"labels": labels}, allow_unicode=True, sort_keys=False, width=1000)
    return dumped
