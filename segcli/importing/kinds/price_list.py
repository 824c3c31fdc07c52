"""Price lists: one row per line; each row repeats the head of its list and the period."""

from itertools import groupby

from segcli.domain.prices.circles import BASES, circle, words
from segcli.importing.kinds.machinery import bounds, price_list_fields, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.price_list_fields import TABLE_COLUMNS, picked
from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

FIELDS = (
    price_list_fields.LIST,
    Field("description", "text", "pricelistdescription omschrijving naam name", about="Description of the price list"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the list as an ISO code; without it the administration's"),
    Field("rate", "exact", "exchangerate koers wisselkoers", bound=bounds.RATE,
          about="Units of the list's currency for one of the administration's, above 0"),
    Field("is_standard", "flag", "standard standaard",
          about="Whether the list is for every account, after its own list"),
    Field("period_type", "period_type", "type soort periodtype periodesoort",
          about="basic or offer; an offer goes before a basic price"),
    Field("start_date", "date", "validfrom from startdatum begindatum ingangsdatum vanaf van",
          about="First day on which the line applies"),
    Field("end_date", "date", "validto to until einddatum totenmet tot", about="Last day on which the line applies"),
    *price_list_fields.LINE_FIELDS,
    Field("external_id", "code", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_HEAD = ("description", "currency", "rate", "is_standard", "external_id")
_DEFAULTS = {"description": "", "is_standard": 0}
_PERIOD = ("period_type", "start_date", "end_date")
_OF_LIST = "price_list_period_id IN (SELECT id FROM price_list_period WHERE price_list_id = ?)"


def merge(stage: Stage) -> Counts:
    """Upsert the staged lists by code; the file's lines replace all lines of a list. A file without prices has heads only."""
    _refuse_heads(stage)
    price_list_fields.check(stage)
    if price_list_fields.has_lines(stage):
        lines = (
            f"coalesce({picked(stage, name)}, '')"
            for name in ("item_id", "item_group", "minimum_quantity", "unit_factor")
        )
        keys = ("price_list COLLATE NOCASE", *(f"coalesce({sql}, '')" for sql in _period(stage)), *lines)
        upsert.refuse_duplicates(stage, keys, "price_list")
    else:
        upsert.refuse_duplicates(stage, ("price_list COLLATE NOCASE",), "price_list")
    renamed = _rename(stage) if stage.has("external_id") else set()
    _refuse_circles(stage)
    heads = _heads(stage)
    wanted = _wanted(stage) if price_list_fields.has_lines(stage) else {}
    states = [_state(heads[code], _lines(stage, code[0], wanted.get(code)) or code[0] in renamed) for code in heads]
    return Counts(states.count("added"), states.count("changed"), states.count("unchanged"))


def _state(head: str, is_changed: bool) -> str:  # noqa: FBT001 - the two halves of a list
    return "changed" if head == "unchanged" and is_changed else head


def _refuse_heads(stage: Stage) -> None:
    """Reject rows whose head differs from that of the list's first row; an empty cell does not differ."""
    for column in (name for name in _HEAD if stage.has(name)):
        stage.reject(
            f"""SELECT n, place, {column}, first_place FROM (SELECT n, place, {column}, first_value({column}) OVER w AS first,
                  first_value(place) OVER w AS first_place FROM {stage.table}
                  WINDOW w AS (PARTITION BY price_list COLLATE NOCASE ORDER BY n)) WHERE {column} IS NOT NULL AND {column} IS NOT first""",
            column,
            "the price list has another one on line {0}",
        )


def _rename(stage: Stage) -> set[int]:
    """Set the file's code on lists found by GUID; return their ids. Reject rows whose code belongs to another list."""
    stage.reject(
        f"""SELECT n, place, price_list FROM {stage.table} AS s WHERE EXISTS (SELECT 1 FROM price_list AS a
              WHERE a.external_id = s.external_id AND a.code <> s.price_list)
              AND EXISTS (SELECT 1 FROM price_list AS b WHERE b.code = s.price_list)""",
        "price_list",
        "another price list has this code",
    )
    stage.reject(
        f"""SELECT n, place, external_id, first_place FROM (SELECT n, place, external_id, price_list,
              first_value(price_list) OVER w AS first, first_value(place) OVER w AS first_place FROM {stage.table}
              WHERE external_id IS NOT NULL WINDOW w AS (PARTITION BY external_id ORDER BY n))
             WHERE price_list <> first COLLATE NOCASE""",
        "external_id",
        "the price list on line {0} has this GUID",
    )
    found = stage.execute(
        "UPDATE price_list SET code = s.price_list FROM {stage} AS s"
        " WHERE price_list.external_id = s.external_id AND price_list.code <> s.price_list RETURNING id"
    )
    return {row[0] for row in found.fetchall()}


def _refuse_circles(stage: Stage) -> None:
    """Reject lines that would make price lists refer to each other in a cycle after this import."""
    if not stage.has("base_price_list"):
        return
    rejected = -1
    while rejected != stage.rejected:  # rejecting a list's last row keeps its stored lines, which can form other cycles
        rejected = stage.rejected
        bases = _bases_after(stage)
        rows = stage.execute(
            "SELECT n, price_list FROM {stage} WHERE base_price_list IS NOT NULL ORDER BY n"
        ).fetchall()
        found = {code: circle(bases, code) for code in dict.fromkeys(code.casefold() for _, code in rows)}
        for n, code in rows:
            _reject_on_circle(stage, n, found[code.casefold()])
        price_list_fields.refuse_unknown_bases(stage)  # lists may have lost all their rows


def _reject_on_circle(stage: Stage, n: int, codes: tuple[str, ...]) -> None:
    """Reject a row whose line starts a cycle."""
    if codes:
        stage.reject(
            f"SELECT n, place, base_price_list, ? FROM {stage.table} WHERE n = ? AND base_price_list = ? COLLATE NOCASE",
            "base_price_list",
            "{0}",
            "let one of them start from the item's price",
            values=(words(codes), n, codes[1]),
        )


def _bases_after(stage: Stage) -> dict[str, set[str]]:
    """Return the base lists of each list by folded code; for lists in the file, as the file says."""
    mine = {code.casefold() for (code,) in stage.execute("SELECT price_list FROM {stage}").fetchall()}
    there = [(code, base) for code, base in stage.execute(BASES).fetchall() if code.casefold() not in mine]
    staged = stage.execute("SELECT price_list, base_price_list FROM {stage} WHERE base_price_list IS NOT NULL")
    bases: dict[str, set[str]] = {}
    for code, base in (*there, *staged):
        bases.setdefault(code.casefold(), set()).add(base.casefold())
    return bases


def _period(stage: Stage) -> tuple[str, ...]:
    kind = "coalesce(period_type, 'basic')" if stage.has("period_type") else "'basic'"
    return (kind, *(name if stage.has(name) else "NULL" for name in _PERIOD[1:]))


def _heads(stage: Stage) -> dict[tuple[int, str], str]:
    """Upsert the heads; return added, changed or unchanged by (id, folded code), in file order."""
    carried = [name for name in _HEAD if stage.has(name)]
    rows = stage.execute(f"SELECT {', '.join(('price_list', *carried))} FROM {{stage}} ORDER BY n").fetchall()
    first = {row[0].casefold(): row for row in reversed(rows)}
    order = dict.fromkeys(row[0].casefold() for row in rows)
    return dict(_head(stage, carried, first[code]) for code in order)


def _head(stage: Stage, carried: list[str], row: Row) -> tuple[tuple[int, str], str]:
    code = row[0].casefold()
    values = [_DEFAULTS.get(name) if value is None else value for name, value in zip(carried, row[1:], strict=True)]
    known = stage.execute("SELECT id FROM price_list WHERE code = ?", row[0]).fetchone()
    if not known:
        marks = ", ".join("?" * (1 + len(carried)))
        sql = f"INSERT INTO price_list ({', '.join(('code', *carried))}) VALUES ({marks}) RETURNING id"
        return (stage.execute(sql, row[0], *values).fetchone()[0], code), "added"
    if not carried:
        return (known[0], code), "unchanged"
    differing = " OR ".join(f"{name} IS NOT ?" for name in carried)
    assigned = ", ".join(f"{name} = ?" for name in carried)
    sql = f"UPDATE price_list SET {assigned} WHERE id = ? AND ({differing})"
    changed = stage.execute(sql, *values, known[0], *values).rowcount
    return (known[0], code), "changed" if changed else "unchanged"


def _wanted(stage: Stage) -> dict[tuple[int, str], list[Row]]:
    """Return the lines of each list in the file: the period, then the table's columns."""
    columns = (*_period(stage), *(picked(stage, name) for name in TABLE_COLUMNS))
    rows = stage.execute(
        f"SELECT (SELECT l.id FROM price_list AS l WHERE l.code = price_list), price_list, {', '.join(columns)}"
        " FROM {stage} ORDER BY 1, n"
    ).fetchall()
    grouped = groupby(rows, key=lambda row: (row[0], row[1].casefold()))
    return {code: [row[2:] for row in members] for code, members in grouped}


def _lines(stage: Stage, price_list: int, wanted: list[Row] | None) -> bool:
    """Replace the lines of a list and tell whether they changed; None keeps the stored lines."""
    if wanted is None:
        return False
    there = stage.execute(
        f"SELECT p.type, p.start_date, p.end_date, {', '.join(f'l.{name}' for name in TABLE_COLUMNS)} FROM price_list_line AS l"
        " JOIN price_list_period AS p ON p.id = l.price_list_period_id WHERE p.price_list_id = ?",
        price_list,
    ).fetchall()
    if set(there) == set(wanted):
        return False
    stage.execute(f"DELETE FROM price_list_line WHERE {_OF_LIST}", price_list)
    periods = _periods(stage, price_list, {row[:3] for row in wanted})
    marks = ", ".join("?" * (1 + len(TABLE_COLUMNS)))
    stage.db.executemany(
        f"INSERT INTO price_list_line (price_list_period_id, {', '.join(TABLE_COLUMNS)}) VALUES ({marks})",
        [(periods[row[:3]], *row[3:]) for row in wanted],
    )
    return True


def _periods(stage: Stage, price_list: int, wanted: set[Row]) -> dict[Row, int]:
    """Make `wanted` the periods of a list: delete others, add missing ones; return their ids."""
    sql = "SELECT type, start_date, end_date, id FROM price_list_period WHERE price_list_id = ?"
    known = {row[:3]: row[3] for row in stage.execute(sql, price_list).fetchall()}
    for key in known.keys() - wanted:
        stage.execute("DELETE FROM price_list_period WHERE id = ?", known[key])
    for key in wanted - known.keys():
        stage.execute(
            "INSERT INTO price_list_period (price_list_id, type, start_date, end_date) VALUES (?, ?, ?, ?)",
            *(price_list, *key),
        )
    return {row[:3]: row[3] for row in stage.execute(sql, price_list).fetchall()}


KIND = Kind(
    "price_list",
    "price lists",
    FIELDS,
    merge,
    rank=5,
    spans=(("start_date", "end_date"),),
    never="account accountcode relatie relatiecode klant klantcode customer invoicenumber factuurnummer",
)
