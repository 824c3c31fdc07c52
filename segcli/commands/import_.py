"""`segcli import`: import files: accounts, contacts, classifications, receivables, items, invoices and related records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from segcli.base.errors import CHANGED, SHOWN_PROBLEMS, RejectedError, SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.table import Cell, Column, Numbers, Table
from segcli.importing.loading import Loaded, Loader, Outcome, Wishes, summary
from segcli.importing.readers import Source
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import PARAMETERS as SHARED
from segcli.interface.options import RECORDED, Parameter
from segcli.settings.config import Config

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
SHOWN_COLUMNS = 8
SHOWN_REASONS = 10
KEEP_DAYS = 90  # as in config.example.yaml
COLUMNS = (
    Column("file"),
    Column("kind"),
    *(Column(name, "integer", total="sum") for name in ("added", "changed", "unchanged", "rejected")),
    Column("changed_fields", is_object=True),
    Column("notes"),
    Column("not_read"),
    Column("not_taken"),
    Column("reasons", is_object=True),
)
_DONE = ("added", "changed", "rejected", "changed_fields")


def run(session: Session, values: Values) -> int:
    """Import the files, or explain them, or write a template."""
    from segcli.importing import preparing

    if values["template"]:
        return preparing.write_template(session, values, PARAMETERS)
    if not values["files"]:
        raise UsageError("missing argument 'FILE'", "see: segcli import --help")
    wishes, profile = _wishes(values, session.config, _mapped(values))
    sources = _sources(values, profile)
    if values["explain"]:
        return preparing.explain(session, values, PARAMETERS, (wishes, sources))
    return _import(session, values, wishes, sources)


def _import(session: Session, values: Values, wishes: Wishes, sources: list[Source]) -> int:
    """Import the files, referenced records first, and report the results."""
    mapped = _mapped(values)
    loaded: list[Loaded] = []
    with session.connect(write=True) as db:
        loader = Loader(
            db, session.database, wishes, str(session.today), session.config.wait, keep_days=keep_days(session.config)
        )
        if mapped:
            loader.refuse_unknown(mapped, sources)
        if len(sources) > 1:
            sources.sort(key=loader.rank)
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
                _insist(session, source, loaded[-1])
                for warning in source.warnings:
                    session.warn(f"{source.name}: {warning}")
            except SegcliError as error:
                error.hint = _done_before(error.hint, loaded)
                raise
    _tell(session, values, list(zip(loaded, sources, strict=True)))
    return _finish(loaded, sources, values)


def _insist(session: Session, source: Source, loaded: Loaded) -> None:
    """Report what was not taken: columns that hold values, and parts of the file."""
    columns = [name for outcome in loaded.outcomes for name in outcome.unread]
    if columns:
        more = f" and {len(columns) - SHOWN_COLUMNS} more" if len(columns) > SHOWN_COLUMNS else ""
        shown = ", ".join(columns[:SHOWN_COLUMNS])
        session.insist(
            f"{source.name}: not read: {shown}{more}; --map COLUMN=FIELD reads a column, --map COLUMN= leaves it out"
        )
    for text in source.left_out:
        session.insist(f"{source.name}: {text}")
    if loaded.rejected > SHOWN_PROBLEMS:
        for reason, number in list(loaded.reasons.items())[:SHOWN_REASONS]:
            session.insist(f"{source.name}: {counted(number, 'row')}: {reason}")


def keep_days(config: Config) -> int:
    """Return for how many days before-images are kept for undo: the setting undo.keep, 90 by default."""
    from segcli.settings import sections

    if "undo" not in config.sections:  # reading the defaults takes time
        return KEEP_DAYS
    text = str(sections.section(config, "undo")["keep"])
    return sections.whole_number(text.removesuffix(" days").removesuffix(" day"), f"{config.path}: undo.keep")


def _count(session: Session, loaded: Loaded) -> None:
    for _, _, counts, rejected, _ in loaded.outcomes:
        session.outcome.count(added=counts.added, changed=counts.changed, unchanged=counts.unchanged, rejected=rejected)


def _makes_open_items(config: Config) -> bool:
    """Tell whether the setting imports.open_items is on; it is off by default."""
    from segcli.settings import sections

    return "imports" in config.sections and sections.section(config, "imports")["open_items"] == "yes"


def _wishes(values: Values, config: Config, mapped: Mapping[str, str]) -> tuple[Wishes, Mapping[str, Any]]:
    profile = _profile(values["profile"], config.profiles)
    wishes = Wishes(
        kind=values["as"] or profile.get("as", ""),
        renamed={**dict.fromkeys(_ignored(profile), ""), **(profile.get("map") or {}), **mapped},
        decimal=values["decimal"] or profile.get("decimal", ""),
        dates=values["dates"] or profile.get("dates", ""),
        must_skip=values["on_error"] == "skip",
        must_create=values["create_missing"],
        is_strict=values["strict"],
        match=_match(values["match"]),
        account_number=_account_number(config),
        overwrite_classes=values["overwrite_classes"],
        again=values["again"],
        receivables=values["receivables"] or "",
        dry_run=values["dry_run"],
        open_items=values["open_items"] or _makes_open_items(config),
        reason=values["reason"],
    )
    if values["rejects"] and not wishes.must_skip:
        raise UsageError("--rejects goes with --on-error skip")
    if values["rejects"]:
        from segcli.importing import rejects

        rejects.refuse_inputs(Path(values["rejects"]))
    return wishes, profile


def _match(text: str | None) -> tuple[str, ...]:
    """Return the ways of --match, in their own order; none if it is not given."""
    if text is None:
        return ()
    from segcli.domain.catalogue import nearest
    from segcli.importing.kinds.machinery.account_matching import WAYS

    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in WAYS:
            raise UsageError(f"--match: there is no '{word}'", nearest(word, WAYS))
    return tuple(way for way in WAYS if way in words)


def _account_number(config: Config) -> str:
    """Return the setting accounts.number: the form of the numbers of accounts without a code."""
    from segcli.domain.account_numbers import FORM, series

    if "accounts" not in config.sections:  # reading the defaults takes time
        return FORM
    from segcli.settings import sections

    form = str(sections.section(config, "accounts")["number"])
    series(form)
    return form


def _mapped(values: Values) -> dict[str, str]:
    """Return the fields that --map assigns to columns."""
    renamed = {}
    for text in values["map"]:
        column, sign, name = text.rpartition("=")
        if not sign or not column:
            raise UsageError(f"--map: '{text}' is not COLUMN=FIELD", "write --map Klantnr=account")
        renamed[column] = name
    return renamed


def _profile(name: str | None, profiles: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a profile of the configuration; every value of it must be a text that segcli accepts."""
    if not name:
        return {}
    from segcli.domain.catalogue import nearest
    from segcli.settings import keys, section_keys, sections

    if name not in profiles:
        raise UsageError(
            f"--profile: there is no profile '{name}'", nearest(name, profiles) or "see: segcli config show"
        )
    found, where = profiles[name], f"profile {name}"
    hint = f"it may say {', '.join(keys.names(section_keys.PROFILE))}, as docs/configuration.md shows"
    if not isinstance(found, Mapping) or not isinstance(found.get("map") or {}, Mapping):
        raise SegcliError(f"{where}: it is a list of name: value, and so is its map", hint)
    said = {key: value for key, value in found.items() if key != "map"} | dict(found.get("map") or {})
    for key, value in said.items():
        if not isinstance(value, str):
            raise SegcliError(f"{where}: {key} has one word after it", hint)
    sections.check(found, section_keys.PROFILE, where, ": ")
    return found


def _ignored(profile: Mapping[str, Any]) -> list[str]:
    """Return the columns that a profile leaves out."""
    return [name.strip() for name in profile.get("ignore", "").split(",") if name.strip()]


def _sources(values: Values, profile: Mapping[str, Any]) -> list[Source]:
    from segcli.importing import readers

    encoding = values["encoding"] or profile.get("encoding", "")
    delimiter = readers.delimiter(values["delimiter"] or profile.get("delimiter", ""))
    return [source for name in values["files"] for source in readers.open_sources(name, encoding, delimiter)]


def _load(loader: Loader, source: Source, session: Session) -> Loaded:
    from segcli.interface import progress

    with progress.bar(session, source.name) as tick:
        loader.tick = tick
        return loader.load(source)


def _done_before(hint: str, loaded: Sequence[Loaded]) -> str:
    files = [one.outcomes[0].file for one in loaded if one.outcomes]
    before = f"imported before it: {', '.join(files)}" if files else ""
    return "; ".join(part for part in (hint, before) if part)


def _tell(session: Session, values: Values, results: Sequence[tuple[Loaded, Source]]) -> None:
    """Report the results: as a table if requested, else as text on a terminal."""
    outcomes = [outcome for one, _ in results for outcome in one.outcomes]
    if values["format"] or values["output"] or values["dry_run"]:
        from segcli.interface import changes

        is_dry = bool(values["dry_run"])
        columns = tuple(map(_conditional, COLUMNS)) if is_dry else COLUMNS
        caption = f"{_rows_kept(outcomes)} would be imported; nothing was changed" if is_dry else ""
        table = Table("Import", columns, _rows(results), caption, with_totals=False)
        changes.write_table(session, values, table, is_shown=True)
        return
    for outcome in outcomes:
        session.note(f"{outcome.file}: {summary(outcome)}")
        for note in outcome.counts.notes:
            session.note(f"  {note}")


def _conditional(column: Column) -> Column:
    """Return a column of counts with the heading of a dry run; its name stays."""
    words = "Would change in" if column.name == "changed_fields" else f"Would be {column.name}"
    return replace(column, heading=words) if column.name in _DONE else column


def _rows_kept(outcomes: Iterable[Outcome]) -> str:
    count = sum(outcome.counts.added + outcome.counts.changed for outcome in outcomes)
    return counted(count, "row")


def _rows(results: Iterable[tuple[Loaded, Source]]) -> Iterable[tuple[Cell, ...]]:
    """Yield a row for each kind of record in a file; what the file as a whole lacks stands in its first row."""
    for loaded, source in results:
        for number, outcome in enumerate(loaded.outcomes):
            c = outcome.counts
            counts = (c.added, c.changed, c.unchanged, outcome.rejected)
            left_out, reasons = ("", {}) if number else ("; ".join(source.left_out), loaded.reasons)
            told = ("; ".join(c.notes), ", ".join(outcome.unread), left_out, Numbers(reasons))
            yield outcome.file, outcome.kind, *counts, Numbers(c.fields), *told


def _finish(loaded: Sequence[Loaded], sources: Sequence[Source], values: Values) -> int:
    rejected = sum(one.rejected for one in loaded)
    left_out = [source.name for source in sources if source.left_out]
    is_some = any(one.taken for one in loaded)
    if rejected:
        is_dry = bool(values["dry_run"])
        if values["rejects"]:
            from segcli.importing import rejects

            try:
                rejects.write(Path(values["rejects"]), loaded, sources)
            except SegcliError as error:
                rest = "the rest would be imported" if is_dry else "the rest was imported"
                error.hint = f"{rest}; the same command again writes the rows that were not"
                raise
        where = f"they are in {values['rejects']}" if values["rejects"] else "--rejects FILE keeps them"
        problems = [problem for one in loaded for problem in one.problems]
        rest = "the rest" if is_some else "nothing"
        what = f"would be rejected, {rest} would be imported" if is_dry else f"rejected, {rest} was imported"
        raise (RejectedError if is_some else SegcliError)(f"{counted(rejected, 'row')} {what}", where, problems)
    if left_out:
        what = (
            f"parts of {', '.join(left_out)} were not taken"
            if is_some
            else f"nothing of {', '.join(left_out)} was taken"
        )
        raise (RejectedError if is_some else SegcliError)(what, "the lines above say which")
    is_change = any(outcome.counts.is_change for one in loaded for outcome in one.outcomes)
    return CHANGED if values["exit_code"] and is_change else 0


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
