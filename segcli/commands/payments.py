"""`segcli payments`: list bank payments, and review which items they may pay."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from segcli.base import dates
from segcli.base.errors import CHANGED, Problem, SegcliError, UsageError
from segcli.base.money import to_text
from segcli.base.text import counted, is_whole
from segcli.domain.table import Cell, Column, Table
from segcli.importing.kinds.machinery import bank_booking, bank_matching
from segcli.importing.kinds.machinery.bank_booking import COLUMNS, Payment, Result
from segcli.interface import changes, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup
from segcli.storage import change_notes, database, exchange, runs

STATES = ("matched", "proposed", "unmatched", "settled", "reversed")
_SHOWN = (
    Column("payment", "integer"),
    Column("date", "date"),
    Column("currency"),
    Column("amount", "money", total="sum"),
    Column("name"),
    Column("iban", heading="IBAN"),
    Column("text"),
    Column("account", "code"),
)
LISTED = (*_SHOWN, Column("invoices"), Column("state"), Column("reason"))
REVIEWED = (*_SHOWN, Column("invoices"), Column("allocated", "money"), Column("reason"), Column("accept"))
_SQL = """SELECT p.id, p.payment_date, p.currency, p.amount, p.counter_name, p.counter_iban,
  coalesce(p.description, p.reference, p.end_to_end_id), a.code,
  (SELECT group_concat(x.number, ', ') FROM (SELECT DISTINCT coalesce(i.invoice_number, i.item_key) AS number
     FROM bank_payment_item AS m JOIN outstanding_item AS i ON i.id = m.item_id WHERE m.bank_payment_id = p.id ORDER BY 1) AS x),
  (SELECT sum(m.amount) FROM bank_payment_item AS m WHERE m.bank_payment_id = p.id), p.state, p.reason
  FROM bank_payment AS p LEFT JOIN account AS a ON a.id = p.account_id WHERE {where} ORDER BY p.payment_date, p.id"""
_YES = frozenset({"yes", "y", "ja", "j", "x", "1", "true"})
_NO = frozenset({"no", "n", "nee", "nein", "0", "false"})
_CHECKED = ("amount", "invoices", "allocated")  # columns of a returned file that must equal the proposal


class Choice(NamedTuple):
    """The user's decision on a payment, and where it stands."""

    payment: int
    is_accepted: bool
    file: str = ""
    line: int | str = ""
    row: Mapping[str, str] = {}  # of a file: its cells

    @property
    def decision(self) -> str:
        """Return the word by which a decision is stored."""
        return "accepted" if self.is_accepted else "rejected"


def show_all(session: Session, values: Values) -> None:
    """List payments."""
    with session.connect() as db:
        where, bound = _filters(db, session, values)
        rows = db.execute(_SQL.format(where=where), bound)
        listed = ((*row[:9], *row[10:]) for row in rows)
        wanted.write(Table("Bank payments", LISTED, listed), wanted.Output.read(values, session.config))


def _filters(db: sqlite3.Connection, session: Session, values: Values) -> tuple[str, list[Cell]]:
    parts: list[str] = ["1"]
    bound: list[Cell] = []
    if values["payment_state"]:
        parts.append(f"p.state IN ({', '.join('?' * len(values['payment_state']))})")
        bound += values["payment_state"]
    if values["account"]:
        accounts = [lookup.account_id(db, code) for code in values["account"]]
        parts.append(f"p.account_id IN ({', '.join('?' * len(accounts))})")
        bound += accounts
    for flag, sign in (("from", ">="), ("to", "<=")):
        if values[flag]:
            parts.append(f"p.payment_date {sign} ?")
            bound.append(str(dates.day_of(values[flag], session.today, f"--{flag}")))
    return " AND ".join(parts), bound


def review(session: Session, values: Values) -> int:
    """Show the proposals, or accept and reject some of them."""
    choices = list(_choices(values))
    if not choices and not values["apply_file"]:
        if values["dry_run"]:
            raise UsageError("--dry-run: nothing is accepted or rejected", "add --accept, --reject or --apply")
        with session.connect() as db:
            table = Table("Payments to review", REVIEWED, list(_proposed(db)), with_totals=False)
            wanted.write(table, wanted.Output.read(values, session.config))
        return 0
    _refuse_twice(choices)
    with session.connect(write=True) as db:
        done = _decide(session, db, values, choices)
    changes.write_table(session, values, changes.of(session.outcome, "Changes"), is_shown=values["dry_run"])
    return CHANGED if values["exit_code"] and done else 0


def _proposed(db: sqlite3.Connection) -> Iterator[tuple[Cell, ...]]:
    for row in db.execute(_SQL.format(where="p.state = 'proposed'")):
        yield (*row[:10], row[11], None)


def _choices(values: Values) -> Iterator[Choice]:
    for flag, is_accepted in (("accept", True), ("reject", False)):
        for text in values[flag]:
            for word in options.names(text, f"--{flag}"):
                if not is_whole(word):
                    raise UsageError(
                        f"--{flag}: '{word}' is not the number of a payment", "see: segcli payments review"
                    )
                yield Choice(int(word), is_accepted)
    if values["apply_file"]:
        yield from _of_file(values["apply_file"])


def _of_file(name: str) -> Iterator[Choice]:
    """Yield the decisions in a file of `payments review -o`. Raises SegcliError for a file or cell that is something else."""
    from segcli.importing import readers

    source = readers.open_source(name)
    block = next(readers.read(source), None)
    header = [column.strip().lower() for column in block.header] if block else []
    if block is None or not {"payment", "accept"} <= set(header):
        raise SegcliError(
            f"{source.name}: there are no columns payment and accept",
            "make it with: segcli payments review -o FILE.csv",
        )
    for row in block.rows:
        if isinstance(row, readers.BadRow):
            raise SegcliError(f"{source.name}: a row cannot be read", problems=[row.problem])
        place, cells = row
        record = {column: (cell or "").strip() for column, cell in zip(header, cells, strict=False)}
        word = record["accept"].lower()
        if not word:
            continue
        if word not in _YES | _NO:
            raise _wrong(
                source.name,
                place,
                "accept",
                record["accept"],
                "this is neither yes nor no",
                "leave it empty to decide later",
            )
        if not is_whole(record["payment"]):
            raise _wrong(source.name, place, "payment", record["payment"], "this is not the number of a payment")
        yield Choice(int(record["payment"]), word in _YES, source.name, place, record)


def _wrong(  # noqa: PLR0913 - the parts of a problem
    file: str, place: int | str, column: str, value: str, reason: str, fix: str = ""
) -> SegcliError:
    return SegcliError(f"{file}: nothing was changed", "", [Problem(file, place, column, value, reason, fix)])


def _refuse_twice(choices: Sequence[Choice]) -> None:
    seen: set[int] = set()
    for choice in choices:
        if choice.payment in seen:
            raise UsageError(f"payment {choice.payment} is named twice")
        seen.add(choice.payment)


def _decide(session: Session, db: sqlite3.Connection, values: Values, choices: Sequence[Choice]) -> int:
    """Accept and reject proposals in one run; return how many. What was decided so before is no change."""
    with database.writing(db, session.database, "payments review", wait=session.config.wait) as transaction:
        choices = [choice for choice in choices if not _is_decided(db, choice)]
        if not choices:
            transaction.keep = False
            session.note("nothing to change")
            return 0
        run_id = runs.start(db, "payments review", "manual", values["reason"])
        runs.join(db, run_id, run_id)
        recording = change_notes.start(db, run_id)
        for choice in choices:
            _take(session, db, choice)
        bank_matching.run(db)
        exchange.convert(db)
        summary = f"{counted(len(choices), 'payment')} reviewed"
        recording.finish()
        runs.finish(db, run_id, summary)
        transaction.keep = not values["dry_run"]
    session.note(summary)
    session.outcome.count(
        accepted=sum(choice.is_accepted for choice in choices),
        rejected=sum(not choice.is_accepted for choice in choices),
    )
    return len(choices)


def _is_decided(db: sqlite3.Connection, choice: Choice) -> bool:
    """Tell whether an earlier review decided the same on a payment."""
    row = db.execute("SELECT decision, state = 'proposed' FROM bank_payment WHERE id = ?", (choice.payment,)).fetchone()
    return row is not None and tuple(row) == (choice.decision, 0)


def _take(session: Session, db: sqlite3.Connection, choice: Choice) -> None:
    row = db.execute(
        f"SELECT {COLUMNS} FROM bank_payment AS p WHERE p.id = ? AND p.state = 'proposed'", (choice.payment,)
    ).fetchone()
    if row is None:
        raise _refused(choice, f"payment {choice.payment} is not proposed for anything", "see: segcli payments review")
    payment = Payment(*row)
    parts = bank_booking.parts(db, payment.id)
    _compare(db, choice)
    result = Result("unmatched", payment.account)
    if choice.is_accepted:
        _refuse_closed(db, choice, payment, parts)
        result = Result("matched", payment.account, payment.reason, parts)
    db.execute("UPDATE bank_payment SET decision = ? WHERE id = ?", (choice.decision, payment.id))
    bank_booking.write(db, payment, result)
    if choice.is_accepted:
        bank_booking.learn(db, payment)
    session.outcome.change(f"payment {payment.id}", "state", payment.state, result.state)


def _refused(choice: Choice, reason: str, fix: str = "") -> SegcliError:
    if choice.file:
        return _wrong(choice.file, choice.line, "payment", str(choice.payment), reason, fix)
    return UsageError(reason, fix)


def _refuse_closed(db: sqlite3.Connection, choice: Choice, payment: Payment, parts: Iterable[tuple[int, int]]) -> None:
    """Raise an error if an item of a proposal is no longer open, for example because an earlier proposal paid it."""
    for item, amount in parts:
        number, opened = db.execute(
            "SELECT invoice_number, open_amount FROM outstanding_item WHERE id = ?", (item,)
        ).fetchone()
        if opened * amount < 0 or abs(opened) < abs(amount):
            text = f"{to_text(opened, payment.currency)} of invoice {number} is open, less than payment {payment.id} is for"
            raise _refused(choice, text, "accept the others first, then review it again")


def _compare(db: sqlite3.Connection, choice: Choice) -> None:
    """Raise an error if a row of a file differs from the present proposal."""
    if not choice.file:
        return
    row = db.execute(_SQL.format(where="p.id = ?"), (choice.payment,)).fetchone()
    currency = row[2]
    now = {"amount": to_text(row[3], currency), "invoices": row[8] or "", "allocated": to_text(row[9] or 0, currency)}
    for name in _CHECKED:
        if choice.row.get(name, now[name]) != now[name]:
            raise _wrong(
                choice.file, choice.line, name, choice.row[name], f"the proposal has changed: {now[name]}",
                "write the file again: segcli payments review -o FILE.csv",
            )  # fmt: skip


_STATE = Parameter("payment_state", ("--state",), ", ".join(STATES), metavar="STATE", is_many=True, choices=STATES)

COMMAND = group(
    "List bank payments, and review which items they may pay.",
    {
        "list": Command(
            "List bank payments, with the invoices that they pay.\n\nA payment is matched (allocated on the bank's date), proposed"
            " (it waits for review), unmatched (an unallocated receipt if its account is known), settled (a receivables file has it"
            " in its figures already), or reversed. Payments come in with segcli import: CAMT.053 and CAMT.054, MT940, and the CSV"
            " exports of Dutch, Belgian and German banks.",
            show_all,
            (_STATE, *options.named(("account", "from", "to")), *options.named(options.FORM)),
            ("segcli payments list --state unmatched", "segcli payments list --account 000017 -f csv"),
        ),
        "review": Command(
            "Review which items payments may pay: accept or reject.\n\nWithout --accept, --reject or --apply, it shows the payments"
            " that wait for it. -o writes them to a file: fill its column accept with yes or no, and give it back with --apply. All"
            " decisions are one run, which undo reverses. Accepted payments are allocated on the bank's date; what they have left"
            " stays an unallocated receipt.",
            review,
            (
                Parameter("accept", ("--accept",), "Payments to accept: 1,3", metavar="NUMBERS", is_many=True),
                Parameter("reject", ("--reject",), "Payments whose proposal is wrong: 2,4", metavar="NUMBERS", is_many=True),
                Parameter("apply_file", ("--apply",), "A file of payments review -o, with its column accept filled.", metavar="FILE",
                          completes="file"),
                *options.named(("dry_run", "exit_code")),
                *options.RECORDED,
                *options.named(("format", "output", "no_header")),
            ),
            ("segcli payments review", "segcli payments review -o review.csv"),
        ),
    },
)  # fmt: skip
