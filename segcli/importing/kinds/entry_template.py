"""Financial entry templates: one row per line; each row repeats the head of its template."""

from itertools import groupby

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

FIELDS = (
    Field("entry_template", "code", "entrytemplatecode boekingssjabloon template", is_required=True,
          about="Code of the template, the same on each of its lines"),
    Field("description", "text", "omschrijving", about="Description of the template"),
    Field("journal", "code", "journalcode dagboek dagboekcode", is_required=True,
          about="Code of the journal in which it is entered"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the entry as an ISO code; without it the administration's"),
    Field("is_blocked", "flag", "blocked isblocked geblokkeerd", about="Whether the template is blocked"),
    Field("line_number", "integer", "linenumber line regel regelnummer",
          about="Number of the line, counted from 1; without it the order of the file"),
    Field("gl_account", "code", "glaccountcode grootboekrekening grootboek", is_required=True,
          about="Number of the ledger account"),
    Field("vat_code", "code", "vatcode btwcode", about="VAT code of the line"),
    Field("line_description", "text", "linedescription regelomschrijving", about="Description of the line"),
    Field("amount", "money", "bedrag", about="Fixed amount of the line, in the template's currency; not with a weight"),
    Field("weight", "integer", "gewicht",
          about="Share of the line in the amount that is entered, 1 or more; not with an amount"),
)  # fmt: skip
_HEAD = ("description", "journal", "currency", "is_blocked")
_LINE = ("line_number", "gl_account", "vat_code", "line_description", "amount", "weight")


def merge(stage: Stage) -> Counts:
    """Upsert the staged templates by code; the file's lines replace all lines of a template."""
    _refuse(stage)
    columns = [name if stage.has(name) else "NULL" for name in ("entry_template", *_HEAD, *_LINE)]
    rows = stage.execute(
        f"SELECT {', '.join(columns)} FROM {{stage}} ORDER BY entry_template COLLATE NOCASE, n"
    ).fetchall()
    states = [_merge_one(stage, list(members)) for _, members in groupby(rows, key=lambda row: row[0].casefold())]
    return Counts(states.count("added"), states.count("changed"), states.count("unchanged"))


def _refuse(stage: Stage) -> None:
    if stage.has("amount") and stage.has("weight"):
        stage.reject(
            f"SELECT n, place, weight FROM {stage.table} WHERE amount IS NOT NULL AND weight IS NOT NULL",
            "weight",
            "a line has an amount or a weight, not both",
        )
    if stage.has("weight"):
        stage.reject(f"SELECT n, place, weight FROM {stage.table} WHERE weight < 1", "weight", "a weight is 1 or more")
    if stage.has("line_number"):
        stage.reject(
            f"SELECT n, place, line_number FROM {stage.table} WHERE line_number < 1",
            "line_number",
            "lines count from 1",
        )
        upsert.refuse_duplicates(
            stage,
            ("entry_template COLLATE NOCASE", "coalesce(line_number, -n)"),
            "line_number",
        )


def _merge_one(stage: Stage, rows: list[Row]) -> str:
    """Upsert one template; return added, changed or unchanged."""
    code, description, journal, currency, is_blocked = rows[0][:5]
    head = (description or "", journal, currency, is_blocked or 0)
    lines = [(row[5] or at, *row[6:]) for at, row in enumerate(rows, 1)]
    known = stage.execute(
        "SELECT id, description, journal, currency, is_blocked FROM entry_template WHERE code = ?", code
    ).fetchone()
    if known and (known[1:], _lines(stage, known[0])) == (head, sorted(lines)):
        return "unchanged"
    if known:
        template = known[0]
        stage.execute(
            "UPDATE entry_template SET description = ?, journal = ?, currency = ?, is_blocked = ? WHERE id = ?",
            *(*head, template),
        )
        stage.execute("DELETE FROM entry_template_line WHERE entry_template_id = ?", template)
    else:
        template = stage.execute(
            "INSERT INTO entry_template (code, description, journal, currency, is_blocked) VALUES (?, ?, ?, ?, ?) RETURNING id",
            *(code, *head),
        ).fetchone()[0]
    stage.db.executemany(
        "INSERT INTO entry_template_line (entry_template_id, line_number, gl_account, vat_code, description, amount, weight)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(template, *line) for line in lines],
    )
    return "changed" if known else "added"


def _lines(stage: Stage, template: int) -> list[Row]:
    return stage.execute(
        "SELECT line_number, gl_account, vat_code, description, amount, weight FROM entry_template_line"
        " WHERE entry_template_id = ? ORDER BY line_number",
        template,
    ).fetchall()


KIND = Kind("entry_template", "entry templates", FIELDS, merge, rank=3, never="entrynumber entrydate boekstuk")
