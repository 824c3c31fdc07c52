"""`segcli subscription`: add, change and cancel subscriptions by hand."""

import sqlite3
from datetime import date
from typing import TYPE_CHECKING, Any

from segcli.base import dates
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.interface import changes, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import destinations
from segcli.query import lookup

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from segcli.actions.subscriptions.editing import Editor
    from segcli.classify.catalogue_edit import Run

_NUMBER = Parameter(
    "number", (), "The subscription's number.", metavar="NUMBER", is_required=True, completes="subscription"
)
_LINE = (
    Parameter("item", ("--item",), "The item delivered.", metavar="CODE", completes="item"),
    Parameter("text", ("--description",), "A description (default: that of the item).", metavar="TEXT"),
    Parameter("quantity", ("--quantity",), "Quantity per period (default: 1).", metavar="N"),
    Parameter("price", ("--price",), "Per unit and period, without VAT.", metavar="N"),
    Parameter("discount", ("--discount",), "The discount in percent.", metavar="N"),
    Parameter("vat", ("--vat-percent",), "The VAT rate.", metavar="N"),
    Parameter("automatic", ("--automatic",), "Use the price that `segcli price` gives on the day.", kind="flag"),
    Parameter("once", ("--once",), "Only on the first invoice.", kind="flag"),
)
_HEAD = (
    Parameter("type", ("--type",), "The code of a subscription type.", metavar="CODE", completes="subscription_type"),
    Parameter("name", ("--name",), "A description of the subscription.", metavar="TEXT"),
    Parameter("end", ("--end",), "The last day.", metavar="DATE"),
    Parameter("frequency", ("--frequency",), "The frequency, if it differs from the type's.", metavar="F",
              choices=("weekly", "monthly", "quarterly", "half-yearly", "yearly")),
    Parameter("every", ("--every",), "The number of these per period.", kind="integer", metavar="N"),
    Parameter("timing", ("--timing",), "In advance or in arrears.", metavar="T", choices=("advance", "arrears")),
    Parameter("day", ("--day",), "The day of the month on which periods begin.", kind="integer", metavar="1-31"),
    Parameter("your_reference", ("--reference",), "The customer's own reference.", metavar="TEXT"),
)  # fmt: skip
_WRITING = options.BY_HAND


def add(session: Session, values: Values) -> None:
    """Add a subscription with a line and print its number."""
    from segcli.actions.subscriptions import editing

    start = dates.day_of(values["start"], session.today, "--start") if values["start"] else session.today
    line = _line(values, is_new=True)
    with session.connect(write=True) as db, _writing(session, db, values, "subscription add") as run:
        account = lookup.account_id(db, values["account"])
        currency = db.execute("SELECT currency FROM account WHERE id = ?", (account,)).fetchone()[0]
        number = (values["subscription"] or editing.next_number(db)).strip()
        if db.execute("SELECT 1 FROM subscription WHERE subscription_number = ?", (number,)).fetchone():
            raise UsageError(
                f"there is a subscription '{number}' already", f"change it: segcli subscription change {number}"
            )
        head = {
            "subscription_number": number, "account_id": account, "ordered_by_id": account, "deliver_to_id": account,
            "start_date": str(start), "currency": _currency(values["currency"]) or currency or lookup.currency(db),
            **_head(session, db, values, start),
        }  # fmt: skip
        editor = editing.Editor(db, run.id)
        made = editor.insert(head, is_line=False)
        _insert_line(editor, {**head, "id": made}, line, values["item"])
        session.outcome.number = number
        session.outcome.count(added=1)
        run.note(f"subscription {number} of account {values['account']} added")
    if not changes.prints_table(values):
        destinations.write_stdout(f"{number}\n")


def _currency(text: str | None) -> str | None:
    from segcli.importing.kinds.machinery.conversion import to_currency

    try:
        return to_currency(text) if text else None
    except ValueError as error:
        raise UsageError(f"--currency: '{text}': {error.args[0]}", error.args[1]) from error


def change(session: Session, values: Values) -> None:
    """Change a subscription or one of its lines from a day on, or add a line."""
    from segcli.actions.subscriptions import editing

    asked = _line(values, is_new=values["add"])
    day = dates.day_of(values["from"], session.today, "--from") if values["from"] else None
    with session.connect(write=True) as db, _writing(session, db, values, "subscription change") as run:
        editor = editing.Editor(db, run.id)
        head = editing.find(db, values["number"])
        changed = []
        if values["add"]:
            begins = {} if day is None else {"start_date": editing.inside(head, day)}
            changed.append(_insert_line(editor, head, {**asked, **begins}, values["item"]))
        elif asked or values["item"] or values["line"] is not None:
            changed.append(_change_line(session, editor, head, values, asked))
        new = _head(session, db, {**values, "end": None} if values["line"] is not None else values,
                    date.fromisoformat(head["start_date"]))  # fmt: skip
        if values["blocked"]:
            new["is_blocked"] = int(values["blocked"] == "yes")
        changed.append(editor.update(head, new, is_line=False))
        session.outcome.count(changed=int(any(changed)), unchanged=int(not any(changed)))
        run.note(f"subscription {values['number']} changed" if any(changed) else "")


def _change_line(
    session: Session, editor: "Editor", head: dict[str, Any], values: Values, asked: dict[str, Any]
) -> bool:
    """Change a line from a day on: its end, quantity, price and so on."""
    from segcli.actions.subscriptions import editing

    line = editing.line(editor.db, head, values["line"])
    if values["item"]:
        raise UsageError(
            "--item: a line keeps its item", "end it (--line N --end DATE) and add another (--add --item CODE)"
        )
    day = dates.day_of(values["from"], session.today, "--from") if values["from"] else None
    is_changed = False
    if values["end"]:
        end = dates.day_of(values["end"], session.today, "--end")
        begins = line["start_date"] or head["start_date"]
        if str(end) < begins:
            raise UsageError(f"--end {end} lies before the line's start, {begins}")
        if line["invoiced_to_date"] and str(end) < line["invoiced_to_date"]:
            raise UsageError(
                f"--end {end}: the line is invoiced up to {line['invoiced_to_date']}", "what is invoiced stays"
            )
        is_changed = editor.update(line, {"end_date": str(end)}, is_line=True)
    return (editor.change_line(head, line, asked, day) if asked else False) or is_changed


def cancel(session: Session, values: Values) -> None:
    """Cancel subscriptions from a given day, or with --back continue them."""
    from segcli.actions.subscriptions import editing

    if values["back"] and values["on"]:
        raise UsageError("--back and --on exclude each other")
    day = dates.day_of(values["on"], session.today, "--on") if values["on"] else session.today
    with session.connect(write=True) as db, _writing(session, db, values, "subscription cancel") as run:
        editor = editing.Editor(db, run.id)
        heads = [editing.find(db, number) for number in dict.fromkeys(values["numbers"])]
        new = {"cancellation_date": None if values["back"] else str(day)}
        editing.refuse_before_start(heads, new["cancellation_date"])
        done = [head["subscription_number"] for head in heads if editor.update(head, new, is_line=False)]
        session.outcome.count(changed=len(done), unchanged=len(heads) - len(done))
        what = "run on" if values["back"] else f"cancelled to {day}"
        run.note(f"{', '.join(done)}: {what}" if done else "")


def _insert_line(editor: "Editor", head: dict[str, Any], line: dict[str, Any], item: str | None) -> bool:
    from segcli.actions.subscriptions import editing

    full = {"quantity": 1_000_000, "unit_price": None, "discount_percent": None, **line}
    full |= {"item_id": editing.item(editor.db, item)} if item else {}
    full |= {"subscription_id": head["id"], "line_number": editing.next_line(editor.db, head["id"]),
             "period_amount": editing.worth(full, head["currency"])}  # fmt: skip
    editor.insert(full, is_line=True)
    return True


def _line(values: Values, *, is_new: bool) -> dict[str, Any]:
    """Return the columns of a line given by flags."""
    from segcli.actions.subscriptions.editing import refuse_beyond

    found: dict[str, Any] = {"description": values["text"]} if values["text"] else {}
    if values["quantity"] is not None:
        found["quantity"] = int(_number(values["quantity"], "--quantity", 6).scaleb(6))
    for name, column in (("price", "unit_price"), ("discount", "discount_percent"), ("vat", "vat_percent")):
        if values[name] is not None:
            found[column] = f"{_number(values[name], f'--{name}', 9):f}"
    refuse_beyond(found)
    found |= {"is_automatic_price": 1, "unit_price": None} if values["automatic"] else {}
    found |= {"is_once": 1} if values["once"] else {}
    if values["automatic"] and values["price"] is not None:
        raise UsageError("--automatic and --price exclude each other")
    if is_new and not (values["item"] or values["text"]):
        raise UsageError("what is delivered?", "say --item CODE or --description TEXT")
    if is_new and values["price"] is None and not values["automatic"]:
        raise UsageError("what does it cost?", "say --price N, or --automatic for what price lists say")
    return found


def _number(text: str, flag: str, decimals: int) -> Any:  # noqa: ANN401 - a Decimal, imported here alone
    from decimal import Decimal

    from segcli.domain.prices.numbers import canonical
    from segcli.importing.kinds.machinery.conversion import Style, to_decimal

    try:
        found = Decimal(canonical(to_decimal(text, Style())))
    except ValueError as error:
        raise UsageError(f"{flag}: '{text}': {error}", "write it as 12.5, with a point") from error
    if -found.as_tuple().exponent > decimals:  # type: ignore[operator]
        raise UsageError(f"{flag}: '{text}' has more than {decimals} decimals")
    return found


def _head(session: Session, db: sqlite3.Connection, values: Values, start: date) -> dict[str, Any]:
    """Return the columns of a subscription given by flags."""
    columns = {"type": "subscription_type", "name": "description", "frequency": "frequency", "every": "frequency_count",
               "timing": "timing", "day": "invoice_day", "your_reference": "your_reference"}  # fmt: skip
    found = {column: values[name] for name, column in columns.items() if values[name] is not None}
    if values["end"]:
        end = dates.day_of(values["end"], session.today, "--end")
        if end < start:
            raise UsageError(f"--end {end} lies before the start, {start}")
        found["end_date"] = str(end)
    if values["day"] is not None and not 1 <= values["day"] <= 31:  # noqa: PLR2004 - days
        raise UsageError(f"--day: {values['day']} is no day of a month", "1 to 31")
    if values["every"] is not None and not 1 <= values["every"] <= 120:  # noqa: PLR2004 - as the schema has it
        raise UsageError(f"--every: {values['every']} is not 1 to 120")
    if values["type"]:
        _refuse_unknown_type(db, values["type"])
    return found


def _refuse_unknown_type(db: sqlite3.Connection, code: str) -> None:
    from segcli.domain.catalogue import nearest

    known = [row[0] for row in db.execute("SELECT code FROM subscription_type ORDER BY code")]
    if code.casefold() not in {name.casefold() for name in known}:
        raise UsageError(
            f"--type: there is no subscription type '{code}'",
            nearest(code, known) or "import some: --as subscription_type",
        )


def _writing(session: Session, db: sqlite3.Connection, values: Values, command: str) -> "AbstractContextManager[Run]":
    from segcli.classify.catalogue_edit import writing

    return writing(session, db, command, values)


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Reverse the changes of a run that still stand."""
    from segcli.actions.subscriptions import editing

    done, stay = editing.take_back(db, run_id)
    if not done and stay:
        raise SegcliError(
            f"nothing of run {run_id} can be undone: its changes were changed again or invoiced",
            "undo the later run first",
        )
    kept = f", {stay} kept: changed or invoiced since" if stay else ""
    return f"{counted(done, 'change')} of run {run_id} undone{kept}" if done else ""


COMMAND = group(
    "Add, change and cancel subscriptions by hand.",
    {
        "add": Command(
            "Add a subscription with its first line, and print its number.\n\nIts frequency is that of its type; without a"
            " type or --frequency it is monthly, in advance. segcli subscription change NUMBER --add adds more lines.",
            add,
            (
                Parameter("account", (), "The account that orders and is invoiced.", metavar="ACCOUNT", is_required=True,
                          completes="account"),
                Parameter("subscription", ("--number",), "Its number (default: the next one).", metavar="NUMBER"),
                Parameter("start", ("--start",), "The first day (default: today).", metavar="DATE"),
                Parameter("currency", ("--currency",), "Default: the account's, else the administration's.", metavar="CUR"),
                *_HEAD, *_LINE, *_WRITING,
            ),
            ("segcli subscription add 000017 --type MONTH --item KOF009 --price 4.79 --quantity 2",
             "segcli subscription add 000017 --frequency yearly --description Support --price 600 --start 2026-07-01"),
        ),
        "change": Command(
            "Change a subscription, or one of its lines from a day on.\n\nA line that was invoiced ends the day before, and a"
            " new line follows it. Without --from, the change applies from the first day that is not invoiced yet. --add adds"
            " a line.",
            change,
            (
                _NUMBER,
                Parameter("line", ("--line",), "Which line (default: its only one).", kind="integer", metavar="N"),
                Parameter("add", ("--add",), "Add a line.", kind="flag"),
                Parameter("from", ("--from",), "The day from which the change applies.", metavar="DATE"),
                Parameter("blocked", ("--blocked",), "Blocked: not invoiced.", metavar="yes|no", choices=("yes", "no")),
                *_HEAD, *_LINE, *_WRITING,
            ),
            ("segcli subscription change AB0001 --line 1 --quantity 3 --from 2026-08-01",
             "segcli subscription change AB0001 --add --description Installation --price 100 --once"),
        ),
        "cancel": Command(
            "Cancel subscriptions from a given day.\n\nWhat was invoiced in advance stays. --back removes the cancellation.",
            cancel,
            (
                Parameter("numbers", (), "Subscription numbers.", metavar="NUMBER", is_many=True, is_required=True,
                          completes="subscription"),
                Parameter("on", ("--on",), "The last day (default: today).", metavar="DATE"),
                Parameter("back", ("--back",), "Remove the cancellation.", kind="flag"),
                *_WRITING,
            ),
            ("segcli subscription cancel AB0001 AB0002 --on 2026-12-31", "segcli subscription cancel AB0001 --back"),
        ),
    },
)  # fmt: skip
