"""`segcli export`: write what was changed here as files that other programs import."""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO

from segcli.base.errors import CHANGED, MOST_PROBLEMS, EmptyError, Problem, RejectedError, UsageError
from segcli.base.text import counted, harmless
from segcli.domain.catalogue import FIELDS, Catalogue
from segcli.domain.clause import Clause
from segcli.domain.reclassification import Reclassified
from segcli.domain.table import Column, Row, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import destinations, render, wanted
from segcli.output.writing_back import eexact, partner_csv, rest_bodies
from segcli.output.writing_back.target import Sorted, Target, sort_out
from segcli.query import lookup, reclassified, selection
from segcli.storage import exchange
from segcli.storage.reader import Reader

HELP = """Write classes that were changed here as a file that the source program imports.

The file holds each selected account whose class differs from what the program has: its value at the start of the period, or the one
that an import of the period gave it. A value that went back to the old one is left out. --changed-since names a run (see log) or a
day (in UTC); its own changes count. Each account has the same classes: those that changed for any of them, or those of --field.
Nothing is stored: the same command writes the same file.

exact-xml is eExact XML with AccountClassifications; exact-rest holds bodies for PUT crm/Accounts(guid'…') of Exact Online, as
JSON, or as JSON lines if FILE ends in .jsonl. csv is for --profile odoo or erpnext: the id of the record, and a column for each
--field LABEL=FIELD, or in Odoo the tags category_id, "Region / North". Odoo replaces all tags of the partner; so all classes are
tags. A column holds the description of the value, or with --values code its code.

On a terminal the changes are shown before the file is written; --dry-run shows them and writes nothing. What is left out is
reported with its reason, and the command ends with status 5: accounts that the program does not know, retired values, and removed
values where the format cannot remove one (exact-xml, erpnext). A retired value leaves out its account. If nothing changed, no file
is written.
"""
FORMATS = ("exact-xml", "exact-rest", "csv")
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("label"),
    Column("from", "code"),
    Column("to", "code"),
    Column("left_out", heading="Left out"),
)
_KEEPS = ("account", "label", "from", "to")
_SHOWN = 50  # changes that a terminal shows before a file is written
_OF_CSV = ("profile", "values")


def classifications(session: Session, values: Values) -> int:
    """Show the changes, write the file, and report what was left out."""
    _check(values)
    path = Path(values["output"]) if values["output"] and values["output"] != "-" else None
    how = destinations.Replacing(if_changed=values["if_changed"])
    with session.connect() as db:
        export = _read(session, values, db, path)
        if values["dry_run"]:
            wanted.write(export.table(), wanted.Output.read({}, session.config))
        elif session.is_talking:
            _show(session, export)
        done = export.write(path, how, is_dry=values["dry_run"])
    if done.accounts and path and not values["dry_run"]:
        same = ", unchanged" if how.if_changed and not how.is_done else ""
        session.note(f"{path}: {done.words}{same}")
        for text in export.target.notes:
            session.note(text)
    elif not done.accounts:
        session.note(f"no changes {export.start.words}: nothing was written")
    if done.left_out:
        raise done.error(is_dry=values["dry_run"])
    if not done.accounts and values["fail_if_empty"]:
        raise EmptyError(f"export: no changes {export.start.words}")
    is_written = bool(done.accounts) if values["dry_run"] else how.is_done
    return CHANGED if values["exit_code"] and is_written else 0


def _check(values: Values) -> None:
    """Raise UsageError for flags that are missing or contradict each other."""
    form = values["format"]
    if form is None:
        raise UsageError("in which format?", f"say --format {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if values["changed_since"] is None:
        raise UsageError("changes since when?", "say --changed-since RUN (see segcli log) or DATE")
    if form == "csv" and not values["profile"]:
        raise UsageError("--format csv needs the program", "say --profile odoo or --profile erpnext")
    for name in _OF_CSV if form != "csv" else ():
        if values[name]:
            raise UsageError(f"--{name} is for csv, not for {form}", "leave it out, or say --format csv")
    if form == "exact-rest" and values["key"]:
        raise UsageError(
            "--key: exact-rest knows accounts by their GUID only", "leave it out, or say --format exact-xml"
        )
    if not values["output"] or values["output"] == "-":
        for name in ("if_changed", "exit_code"):
            if values[name] and not (values["dry_run"] and name == "exit_code"):
                raise UsageError(f"--{name.replace('_', '-')} goes with --output FILE")


@dataclass(frozen=True, slots=True)
class _Done:
    """The counts of what was written and left out."""

    accounts: int
    changes: int
    left_out: int
    problems: Sequence[Problem]  # the first accounts that were left out

    @property
    def words(self) -> str:
        """Return the numbers: `3 accounts, 4 changes`."""
        return f"{counted(self.accounts, 'account')}, {counted(self.changes, 'change')}"

    def error(self, *, is_dry: bool) -> RejectedError:
        """Return the error that reports what was left out."""
        written = self.words if self.accounts else "nothing"
        verb = "would be written" if is_dry else "written"
        message = f"export: {written} {verb}; {counted(self.left_out, 'change')} left out"
        return RejectedError(message, "" if is_dry else "--dry-run lists all of them", self.problems)


@dataclass(frozen=True, slots=True)
class _Export:
    """The reclassified accounts, and the program that they are written for. They can be read repeatedly."""

    db: Reader
    catalogue: Catalogue
    start: reclassified.Since
    condition: Clause
    fields: Sequence[int]
    target: Target

    def sorted(self) -> Iterator[tuple[Reclassified, Sorted]]:
        """Yield each account with the changes that are written for it."""
        for account in reclassified.accounts(self.db, self.catalogue, self.start, self.condition, self.fields):
            yield account, sort_out(self.target, account)

    def table(self, most: int | None = None) -> Table:
        """Return the changes, at most this many."""
        rows = islice((row for account, found in self.sorted() for row in _rows(account, found)), most)
        return Table("Changes", COLUMNS, rows, caption=f"changed {self.start.words}", with_totals=False, keeps=_KEEPS)

    def write(self, path: Path | None, how: destinations.Replacing, *, is_dry: bool) -> _Done:
        """Write the file, or to standard output without a path. Write nothing if there is nothing to write."""
        changes: list[int] = []  # per account
        problems: list[Problem] = []
        left_out = 0

        def kept() -> Iterator[Reclassified]:
            nonlocal left_out
            for account, found in self.sorted():
                for move, refusal in found.moves:
                    if refusal.reason:
                        left_out += 1
                        if len(problems) < MOST_PROBLEMS:
                            value = move.new.code if move.new else None
                            problems.append(Problem(account.code, None, move.label, value, refusal.reason, refusal.fix))
                if found.written:
                    changes.append(len(found.written.moves))
                    yield found.written

        accounts = kept()
        first = next(accounts, None)
        if first is not None and not is_dry:
            lines = self.target.lines(chain((first,), accounts))
            fill = partial(_fill, lines)
            destinations.to_stdout(fill) if path is None else destinations.to_file(path, fill, how)
        else:
            for _ in accounts:
                pass
        return _Done(len(changes), sum(changes), left_out, problems)


def _fill(lines: Iterable[str], file: IO[bytes]) -> int:
    show = harmless if file.isatty() else str
    return sum(bool(file.write(show(line).encode())) for line in lines)


def _rows(account: Reclassified, found: Sorted) -> Iterator[Row]:
    for move, refusal in found.moves:
        old, new = (value.code if value else None for value in (move.old, move.new))
        yield account.code, account.name, move.label, old, new, refusal.reason or None


def _show(session: Session, export: _Export) -> None:
    """Show the first changes on the terminal, on standard error, since standard output may be the file."""
    found = list(export.table(_SHOWN + 1).rows)
    if not found:
        return
    text = io.StringIO()
    style = replace(wanted.style_of(session.config), is_terminal=True, width=destinations.terminal_width())
    render.renderer("table")(replace(export.table(), rows=found[:_SHOWN]), text, style)
    with suppress(OSError):
        sys.stderr.write(harmless(text.getvalue()))
    if len(found) > _SHOWN:
        session.note(f"the first {_SHOWN} changes; --dry-run shows all")


def _read(session: Session, values: Values, db: Reader, path: Path | None) -> _Export:
    """Resolve the flags: the period, the accounts and the classes."""
    names = lookup.names(db, asked=values)
    start = reclassified.since(db, values["changed_since"], session.today)
    condition = selection.compile_filters(selection.read(values), names)
    exchange.report(session.insist, "export", exchange.lacking(db, names.measures), is_strict=values["strict"])
    columns = _columns(values, names.catalogue)
    fields = reclassified.changed_fields(db, start, condition, tuple(columns) or FIELDS)
    if values["format"] == "csv":
        layout = partner_csv.Layout(columns, has_codes=values["values"] == "code")
        program = partner_csv.PROGRAMS[values["profile"]]
        target: Target = partner_csv.PartnerCsv(program, layout, values["key"] or "", names.catalogue.labels)
    elif values["format"] == "exact-xml":
        labels = {field: names.catalogue.label(field) for field in fields}
        target = eexact.ExactXml(labels, by_code=values["key"] == "code")
    else:
        as_lines = path is not None and path.suffix.lower() == ".jsonl"
        target = rest_bodies.ExactRest(fields, reclassified.guids(db), as_lines=as_lines)
    return _Export(db, names.catalogue, start, condition, fields, target)


def _columns(values: Values, catalogue: Catalogue) -> dict[int, str]:
    """Return the column of each class of --field; {} for all classes, and for tags. Exact's columns have no names."""
    is_csv = values["format"] == "csv"
    tags = partner_csv.PROGRAMS[values["profile"]].tags if is_csv else ""
    words = values["field"] or ((tags,) if tags else ())
    if is_csv and not words:
        raise UsageError(
            f"{values['profile']}: the fields of the classifications are missing",
            "say --field LABEL=FIELD, such as Region=territory",
        )
    if tags and words == (tags,):
        return {}
    found: dict[int, str] = {}
    for word in words:
        label, sign, column = (part.strip() for part in word.partition("="))
        if not label or bool(sign and column) != is_csv or (sign and not column):
            raise UsageError(f"--field: '{word}' is not {'LABEL=FIELD' if is_csv else 'a label'}", _HINTS[is_csv])
        number = catalogue.field(label)
        if number in found or (column and column in found.values()):
            raise UsageError(f"--field: '{word}' names a classification or a field for the second time")
        found[number] = column
    return dict(sorted(found.items()))


_HINTS = {
    True: "write --field Region=FIELD; in Odoo, --field category_id alone writes tags",
    False: "write --field Region",
}
_SECTION = "Export"
PARAMETERS = (
    Parameter("format", ("--format", "-f"), "exact-xml, exact-rest or csv", metavar="FORMAT", choices=FORMATS, section=_SECTION),
    Parameter("changed_since", ("--changed-since",), "Changes of this run or day and later.", metavar="RUN|DATE",
              section=_SECTION),
    Parameter("profile", ("--profile",), "csv: odoo or erpnext", metavar="NAME", choices=("odoo", "erpnext"), section=_SECTION),
    Parameter("field", ("--field",), "Only this classification; for csv with its field: Region=territory, or category_id for tags.",
              metavar="LABEL[=FIELD]", is_many=True, section=_SECTION),
    Parameter("values", ("--values",), "csv: the code or the description (default) of values.", metavar="code|description",
              choices=("code", "description"), section=_SECTION),
    Parameter("key", ("--key",), "How the program identifies accounts: by its own id, or by our code.",
              metavar="id|code", choices=("id", "code"), section=_SECTION),
    *options.SELECTION,
    *options.STRICT,
    Parameter("output", ("--output", "-o"), "Write to a file, atomically (default: standard output).", metavar="FILE",
              completes="file", is_written=True, section="Output"),
    *options.named(("if_changed", "fail_if_empty")),
    options.EXIT_CODE,
    Parameter("dry_run", ("--dry-run", "-n"), "Show the changes and write nothing.", kind="flag", section="Output"),
)  # fmt: skip
COMMAND = group(
    "Write what was changed here as files that other programs import.",
    {
        "classifications": Command(
            HELP,
            classifications,
            PARAMETERS,
            (
                "segcli export classifications --format exact-xml --changed-since 2026-06-01 -o classes.xml",
                "segcli export classifications --format exact-rest --changed-since 1 --dry-run",
                "segcli export classifications --format csv --profile erpnext --field Region=territory --changed-since 1 --class1 any",
            ),
        )
    },
)
