"""`segcli import`: import files: accounts, contacts, classifications, receivables, items, invoices and related records."""

from collections.abc import Sequence
from pathlib import Path

from segcli.base.errors import SegcliError, UsageError
from segcli.importing import asked, reporting
from segcli.importing.loading import Loader
from segcli.importing.readers import Source
from segcli.importing.results import Loaded
from segcli.importing.wishes import Wishes
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import PARAMETERS as SHARED
from segcli.interface.options import RECORDED, Parameter

HELP = """Import files: accounts, contacts, classifications, receivables, items, invoices and related records.

Formats. A file is recognised by its content: CSV and TSV; workbooks (.xlsx, .xls, .ods, .xlsb); JSON and JSON lines; Exact
Online's REST answers and eExact XML; XAF and SAF-T audit files; UBL and CII invoices and credit notes (XRechnung, ZUGFeRD 2,
Factur-X), also inside a PDF (segcli[pdf]); bank statements (CAMT.053, CAMT.054, MT940, CSV of Dutch, Belgian and German
banks); vCard (segcli[contacts]); exports of Odoo, ERPNext, Xero, Shopify and other programs. Each data file in a .zip is a
file of the import; .gz is unpacked. Other formats are refused by name.

Kinds. The headings show the kind of the records and their fields: in English or Dutch, or in German or French as segcli
writes them. Titles above the headings are skipped; columns that are not read are named. --map COLUMN=FIELD names the field
of a column, and --map COLUMN= ignores the column. segcli help fields lists the kinds, segcli help fields KIND the fields of
a kind and their headings.

What changes. A file overwrites the fields that it contains, also with empty cells, but never a classification set by hand.
Columns that the file does not have change nothing. Importing a file again changes nothing. segcli undo reverses all files
of one command.

What is rejected. Each file is one transaction. A wrong row rejects the whole file; --on-error skip leaves out the wrong
rows, and --rejects writes them to a file. An entry that does not balance is rejected as a whole.

Lists without customer numbers. A row without a code is matched to an account by id (GUID, or a reference such as
odoo:res_partner_12), by VAT or chamber of commerce number, or by e-mail address; --match chooses. Rows that match two
accounts, or only an e-mail address or a name, are rejected with the codes of these accounts. New accounts get the next
numbers of the setting accounts.number, by default C00001, C00002 and so on.

Invoices. A UBL or CII file is a sale if the administration is its supplier, and a purchase if it is its customer, by VAT
number, chamber of commerce number or name; otherwise give --as invoice or --as purchase-invoice. It fills empty fields of a
known account. It creates a new account if it contains our code for it, or with --create-missing.

Sales. A flat sales file, with customer, date and amount in each row, comes in with --as sales: it becomes processed invoices
with lines, and missing accounts and items are created. Dates such as 20260131 need --dates ymd.

Open items. With --open-items, or the setting imports.open_items, new processed sales invoices also become open items, with
their due date and total. Prepaid amounts count as paid. An invoice that already has an item, or that was imported before,
gets none.

Several years. The opening balance of a later year repeats the closing balance of the year before it and adds nothing. A
difference is reported. After a missing year the opening balance adds the difference.

Receivables. The receivables of a file with ledger lines come from its subledger, if it has one (XAF 3.2), else from the
lines of its ledger accounts of debtors (XAF 4.0, SAF-T), unless items of another source are stored. With --receivables
from-ledger this applies to files of transactions, too; none imports no receivables.

Bank statements. Payments are matched to outstanding items by reference, invoice number and amount; see segcli payments. A
receivables file that states open or paid amounts already includes the bank payments up to its last date.

Templates and explanations. --template KIND writes an example file to fill in: CSV on standard output, or FILE.csv or
FILE.xlsx with -o. --explain shows how files would be read, column by column, with the first rows as parsed. It needs no
database, writes nothing, and does not check what depends on stored records, such as whether an account exists.

The section Import of docs/guide.md has examples.
"""
PARAMETERS = (
    Parameter("files", (), "Files, or - for standard input.", metavar="FILE", is_many=True, completes="file"),
    Parameter("as", ("--as",), "The record kind, if the headers do not show it.", metavar="KIND", completes="kind"),
    Parameter("profile", ("--profile",), "A mapping profile of the configuration.", metavar="NAME"),
    Parameter("map", ("--map",), "The field that a column holds; COLUMN= ignores the column. Repeatable.",
              metavar="COLUMN=FIELD", is_many=True),
    Parameter("template", ("--template",), "Write an example file of this kind, to fill in, and import nothing.",
              metavar="KIND", completes="kind"),
    Parameter("explain", ("--explain",), "Show how the files would be read, and import nothing.", kind="flag"),
    SHARED["dry_run"],
    SHARED["on_error"],
    SHARED["rejects"],
    Parameter("create_missing", ("--create-missing",), "Create missing values and accounts that rows name.", kind="flag"),
    Parameter("match", ("--match",), "How rows without a code are matched to accounts.", metavar="id,vat,chamber,email,name"),
    Parameter("overwrite_classes", ("--overwrite-classes",), "Also overwrite classifications set by hand.", kind="flag"),
    Parameter("strict", ("--strict",), "Fail if a column that holds values is not read.", kind="flag"),
    Parameter("open_items", ("--open-items",), "Make open items of new processed sales invoices.", kind="flag"),
    Parameter("receivables", ("--receivables",), "Where the receivables of a file with ledger lines come from.",
              metavar="FROM", choices=("from-ledger", "from-subledger", "none")),
    Parameter("again", ("--again",), "Read a file again that was already imported.", kind="flag"),
    SHARED["encoding"],
    SHARED["delimiter"],
    Parameter("decimal", ("--decimal",), "The decimal sign, if the file does not show it.", metavar=",|.",
              choices=(",", ".")),
    SHARED["dates"],
    Parameter("backup", ("--backup",), "First copy the database into this new file.", metavar="FILE",
              completes="file", is_written=True),
    SHARED["format"],
    SHARED["output"],
    SHARED["exit_code"],
    *RECORDED,
)  # fmt: skip


def run(session: Session, values: Values) -> int:
    """Import the files, or explain them, or write a template."""
    from segcli.importing import preparing

    if values["template"]:
        return preparing.write_template(session, values, PARAMETERS)
    if not values["files"]:
        raise UsageError("missing argument 'FILE'", "see: segcli import --help")
    wishes, sources = asked.read(values, session.config)
    if values["explain"]:
        return preparing.explain(session, values, PARAMETERS, (wishes, sources))
    return _import(session, values, wishes, sources)


def _import(session: Session, values: Values, wishes: Wishes, sources: list[Source]) -> int:
    """Import the files, referenced records first, and report the results."""
    mapped = asked.mapped(values)
    loaded: list[Loaded] = []
    with session.connect(write=True) as db:
        loader = Loader(
            db,
            session.database,
            wishes,
            str(session.today),
            session.config.wait,
            keep_days=asked.keep_days(session.config),
        )
        if mapped:
            loader.understanding.refuse_unknown(mapped, sources)
        if len(sources) > 1:
            sources.sort(key=loader.understanding.rank)
        if values["backup"] and not values["dry_run"]:
            from segcli.interface import progress
            from segcli.storage import snapshots

            with progress.bar(session, "backup", "pages copied") as tick:
                snapshots.snapshot(db, Path(values["backup"]), tick)
        for place, source in enumerate(sources, 1):
            loader.following = sources[place:]
            try:
                loaded.append(_load(loader, source, session))
                _count(session, loaded[-1])
                reporting.insist(session, source, loaded[-1])
                for warning in source.warnings:
                    session.warn(f"{source.name}: {warning}")
            except SegcliError as error:
                error.hint = _done_before(error.hint, loaded)
                raise
    reporting.tell(session, values, list(zip(loaded, sources, strict=True)))
    return reporting.finish(loaded, sources, values)


def _count(session: Session, loaded: Loaded) -> None:
    for _, _, counts, rejected, _ in loaded.outcomes:
        session.outcome.count(added=counts.added, changed=counts.changed, unchanged=counts.unchanged, rejected=rejected)


def _load(loader: Loader, source: Source, session: Session) -> Loaded:
    from segcli.interface import progress

    with progress.bar(session, source.name) as tick:
        loader.tick = tick
        return loader.load(source)


def _done_before(hint: str, loaded: Sequence[Loaded]) -> str:
    files = [one.outcomes[0].file for one in loaded if one.outcomes]
    before = f"imported before it: {', '.join(files)}" if files else ""
    return "; ".join(part for part in (hint, before) if part)


COMMAND = Command(
    HELP,
    run,
    PARAMETERS,
    (
        "segcli import accounts.csv receivables.csv",
        "segcli import klanten.csv --map Klantnr=account --dry-run",
        "segcli import klanten.csv --map Klantnr=account --explain",
        "segcli import --template account -o template.xlsx",
        "segcli import export.csv --on-error skip --rejects wrong.csv",
    ),
)
