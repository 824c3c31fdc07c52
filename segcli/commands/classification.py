"""`segcli classification`: the eight classifications: their labels and values."""

import sqlite3
from pathlib import Path

from segcli.base.errors import UsageError
from segcli.domain.catalogue import FIELDS, Catalogue, Value
from segcli.domain.clause import in_order
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup

COLUMNS = (
    Column("class"),
    Column("label"),
    Column("code", "code"),
    Column("description"),
    Column("position", "integer"),
    Column("is_retired", "flag", "Retired"),
    Column("accounts", "integer", total="sum"),
)


def list_all(session: Session, values: Values) -> None:
    """List labels and values with the number of accounts that have each."""
    with session.connect() as db:
        counted = " UNION ALL ".join(
            f"SELECT class{n} AS id, count(*) AS accounts FROM account WHERE class{n} IS NOT NULL GROUP BY class{n}"
            for n in FIELDS
        )
        rows = db.execute(
            f"""SELECT 'class' || l.field, l.label, v.code, v.description, v.position, v.is_retired, coalesce(c.accounts, 0)
                  FROM classification_label AS l LEFT JOIN classification_value AS v ON v.field = l.field
                  LEFT JOIN ({counted}) AS c ON c.id = v.id ORDER BY l.field, v.position, {in_order("v.code")}"""
        )
        table = Table("Classifications", COLUMNS, rows, with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def label(session: Session, values: Values) -> None:
    """Give a field its label."""
    from segcli.classify import catalogue_edit

    with session.connect(write=True) as db, catalogue_edit.writing(session, db, "classification label", values) as run:
        field = lookup.catalogue(db).field(values["field"])
        run.note(catalogue_edit.set_label(db, field, values["text"]))


def add(session: Session, values: Values) -> None:
    """Add a value to a field."""
    from segcli.classify import catalogue_edit

    with (
        session.connect(write=True) as db,
        catalogue_edit.writing(session, db, "classification value add", values) as run,
    ):
        field = lookup.catalogue(db).field(values["field"])
        position = catalogue_edit.position(values["position"])
        run.note(catalogue_edit.add_value(db, field, values["code"], values["text"] or "", position))


def rename(session: Session, values: Values) -> None:
    """Change the code or description of a value, or both."""
    from segcli.classify import catalogue_edit

    if values["text"] is None and values["new_code"] is None and values["position"] is None:
        raise UsageError("nothing to rename", "say --code NEW, --description TEXT or --position N")
    with (
        session.connect(write=True) as db,
        catalogue_edit.writing(session, db, "classification value rename", values) as run,
    ):
        value = _value(lookup.catalogue(db), values["field"], values["code"])
        position = catalogue_edit.position(values["position"])
        run.note(catalogue_edit.rename(db, value, values["new_code"], values["text"], position))


def retire(session: Session, values: Values) -> None:
    """Retire a value: accounts keep it, but it is no longer given. --back makes it current again."""
    from segcli.classify import catalogue_edit

    with (
        session.connect(write=True) as db,
        catalogue_edit.writing(session, db, "classification value retire", values) as run,
    ):
        value = _value(lookup.catalogue(db), values["field"], values["code"])
        run.note(catalogue_edit.retire(db, value, is_retired=not values["back"]))


def merge(session: Session, values: Values) -> None:
    """Move the accounts of one value to another and retire it, as one run that can be undone."""
    from segcli.classify import catalogue_edit

    with (
        session.connect(write=True) as db,
        catalogue_edit.writing(session, db, "classification value merge", values) as run,
    ):
        catalogue = lookup.catalogue(db)
        value = _value(catalogue, values["field"], values["code"])
        into = catalogue.assignable(value.field, values["into"])
        run.note(catalogue_edit.merge(db, value, into, run.id))


def import_command(session: Session, values: Values) -> None:
    """Import labels and values from a YAML or CSV file."""
    with session.connect(write=True) as db:
        import_file(session, db, Path(values["file"]), values)


def import_file(session: Session, db: sqlite3.Connection, path: Path, values: Values) -> None:
    """Import the labels and values of a file as one run; existing ones stay as they are."""
    from segcli.classify import catalogue_edit, catalogue_file

    content = catalogue_file.read(path)
    with catalogue_edit.writing(session, db, f"classification import {path.name}", values) as run:
        run.note(catalogue_file.apply(db, content, str(path)))


def export(session: Session, values: Values) -> None:
    """Write labels and values as YAML or CSV for import."""
    from segcli.classify import catalogue_file
    from segcli.output import destinations

    with session.connect() as db:
        catalogue = lookup.catalogue(db)
        positions = dict(db.execute("SELECT id, position FROM classification_value"))
        form = catalogue_file.format_of(values["form"], values["output"])
        text = catalogue_file.text(catalogue, positions, form)
    if values["output"] and values["output"] != "-":
        destinations.write_text(Path(values["output"]), text)
    else:
        destinations.write_stdout(text)


def _value(catalogue: Catalogue, name: str, word: str) -> Value:
    """Return the value with this code or description, retired or not."""
    field = catalogue.field(name)
    found = catalogue.find(field, word)
    if not found:
        raise catalogue.unknown(field, word)
    if len(found) > 1:
        raise UsageError(f"'{word}' is the description of several values", f"say {', '.join(v.code for v in found)}")
    return found[0]


_FIELD = Parameter("field", (), "1 to 8, or the label.", metavar="N", is_required=True, completes="class")
_CODE = Parameter("code", (), "The value's code.", metavar="CODE", is_required=True, completes="value")
_POSITION = Parameter("position", ("--position",), "Its position in lists.", metavar="N")
_OUTPUT = options.named(options.FORM)
_VALUE = group(
    "Add, rename, retire and merge values.",
    {
        "add": Command("Add a value.\n\nAn existing value stays as it is.", add,
                       (_FIELD, _CODE, Parameter("text", (), "Its description.", metavar="TEXT"), _POSITION, *options.BY_HAND),
                       ("segcli classification value add 1 N North", "segcli classification value add Region NE 'North-east'")),
        "rename": Command("Change the code, description or position of a value.\n\nAccounts that have it keep it; their"
                          " history shows the new name.", rename,
                          (_FIELD, _CODE, Parameter("text", (), "The new description.", metavar="TEXT"),
                           Parameter("new_code", ("--code",), "The new code.", metavar="CODE"), _POSITION, *options.BY_HAND),
                          ("segcli classification value rename 1 N 'The north'",
                           "segcli classification value rename Region N --code NORTH")),
        "retire": Command("Retire a value: accounts keep it, but it can no longer be given.\n\nFilters and overviews still"
                          " know it. --back makes it current again.", retire,
                          (_FIELD, _CODE, Parameter("back", ("--back",), "Make it current again.", kind="flag"), *options.BY_HAND),
                          ("segcli classification value retire 7 AUTUMN", "segcli classification value retire 7 AUTUMN --back")),
        "merge": Command("Merge a value into another: its accounts move, and it is retired.\n\nThis is one run, recorded in"
                         " the history of each account; undo reverses it.", merge,
                         (_FIELD, _CODE, Parameter("into", (), "The value that stays.", metavar="INTO", is_required=True,
                                                   completes="value"), *options.BY_HAND),
                         ("segcli classification value merge 3 C B", "segcli classification value merge Region X E")),
    },
)  # fmt: skip
COMMAND = group(
    "The eight classifications: their labels and values.",
    {
        "list": Command("List the labels and values, with the number of accounts that have each.\n\nRetired values are"
                        " included, because accounts may still have them.", list_all, _OUTPUT,
                        ("segcli classification list", "segcli classification list -f csv -o values.csv")),
        "label": Command("Set the label of a field.\n\nThe label can then be used in place of class1 to class8 in --class,"
                         " --set, --group-by and --where, and is shown as heading. Labels must differ by more than case and"
                         " hidden characters. class1, 1, none and any cannot be labels.", label,
                         (_FIELD, Parameter("text", (), "The label.", metavar="TEXT", is_required=True), *options.BY_HAND),
                         ("segcli classification label 1 Region", "segcli classification label Region 'Sales region'")),
        "value": _VALUE,
        "import": Command("Import labels and values from a YAML or CSV file.\n\nExisting ones stay as they are; nothing is"
                          " deleted.", import_command,
                          (Parameter("file", (), "The file.", metavar="FILE", is_required=True, completes="file"),
                           *options.BY_HAND),
                          ("segcli classification import examples/administration/classification.yaml",
                           "segcli classification import values.csv")),
        "export": Command("Export labels and values as one YAML or CSV file.\n\nclassification import reads it, here or in"
                          " another administration.", export,
                          (Parameter("form", ("--format", "-f"), "yaml (default) or csv", metavar="FORMAT",
                                     choices=("yaml", "csv")), options.PARAMETERS["output"]),
                          ("segcli classification export -o classification.yaml", "segcli classification export -f csv")),
    },
)  # fmt: skip
