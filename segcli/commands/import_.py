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

The format is recognised by content: CSV or TSV, workbooks (.xlsx, .xls, .ods, .xlsb), JSON, JSON lines, Exact Online's
REST answers, eExact XML, XAF and SAF-T audit files, UBL and CII invoices and credit notes (XRechnung, ZUGFeRD 2,
Factur-X), also inside a PDF (segcli[pdf]), bank statements (CAMT.053, CAMT.054, MT940, CSV of Dutch, Belgian and German
banks), vCard (segcli[contacts]), and the exports of Odoo, ERPNext, Xero, Shopify and other programs (docs/guide.md).
Each data file in a .zip is a file of the import; .gz is unpacked. Other formats are named and refused. Names of
countries in English, Dutch, German and French become codes. The record kind is recognised by the headers, in English or
Dutch, or in German or French as segcli writes them: accounts, contacts, classification labels and values, payment
conditions, receivables (outstanding items), allocations (payments), ledger accounts, journals, transactions, entry
templates and their links, items with their groups and units, price lists and their links, invoices. Titles above the
headings and unneeded columns are skipped.
Each file is one transaction. A wrong row rejects the whole file, unless --on-error skip leaves such rows out. An entry
that does not balance is rejected as a whole. A file that was already imported is not read again while its run stands
and no later run changed its records; reading it again changes nothing. segcli undo undoes an import of any kind, all
files of one command together.
A UBL or CII file is a sale if the administration is its supplier and a purchase if it is its customer, by VAT number,
chamber of commerce or name; otherwise say --as invoice or --as purchase-invoice. It fills in missing data of a known
account. A new account is created if the file has our code for it, or with --create-missing.
With --open-items, or the setting imports.open_items, processed sales invoices that are new also become open items, with
their due date and total; what was prepaid counts as paid. An invoice that has an item of its account and number, or that
was imported before, makes none.
Payments of a bank statement are matched to outstanding items by reference, invoice number and amount; see payments.
A receivables file that states open or paid amounts settles its items up to the last date in it: bank payments up to that day are
in its figures.
A flat sales file, with customer, date and amount in each row, comes in with --as sales: it becomes processed invoices
with lines, and the accounts and items that are missing are created. Dates such as 20260131 need --dates ymd.
--map COLUMN=FIELD names the field of a column, --map COLUMN= ignores the column; segcli help fields KIND lists the
fields of a kind and the headings that name them. --template KIND writes an example file to fill in: CSV on standard
output, or a file with -o FILE.csv or FILE.xlsx. --explain shows how files would be read, column by column, with the
first rows as parsed; it needs no database, uses the labels of one that is there, and writes nothing. It fails where an
import could not read the file; what depends on stored records, such as an account that is not there, it does not check.

A list of accounts may lack customer numbers. Its rows find their accounts by id (GUID, or a reference such as
odoo:res_partner_12), then by a VAT or chamber of commerce number that only one account and one row have, then by e-mail address
and name together, or by e-mail address where both are persons. --match says which of them count, in place of these; name counts
only there. Where an e-mail address or a name alone would match, or two accounts would, the row is rejected and the codes are
named. New accounts get the next numbers of accounts.number (configuration), by default C00001, C00002 and so on.
A file overwrites the database for the fields that it contains, also with empty cells, but never a classification set by
hand. Columns that the file does not have change nothing.
In files of several years, the opening balance of a later year is the closing balance of the year before it and adds
nothing; a difference is told. After a missing year it adds the difference.
Receivables of a file with ledger lines come from its subledger, as in XAF 3.2. A file without one (XAF 4.0, SAF-T) that
states its ledger accounts of debtors gives them from the ledger, unless items of another source are here: lines with an
account and an invoice number make an item and its payments, the other lines of an account one open balance.
--receivables chooses: from-ledger also for files of transactions, for the ledger accounts that are known to be of
debtors; none takes no receivables.

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
    Parameter("match", ("--match",), "How rows without a code find their accounts.", metavar="id,vat,chamber,email,name"),
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
