"""Change subscription prices from a given day, by a percentage, an amount, the item's price or a file.

Exactly one of --percent, --amount, --from-item and --prices FILE gives the new price, and --from DATE the day from
which it applies. Without them the present prices are shown. A new price is rounded half away from zero to --round-to,
then to the nearest price with the --ending (ties up). Without both, a price from --percent or --amount is rounded to the
step of its currency (configuration: rounding), else to the currency's minor unit, or to the decimals of the old price if
it has more. The preview shows the change of each price, also in per cent. The old line ends the day before and a new line follows, so that
invoiced periods stay as they are; a day that was already invoiced is not charged again (counts_from). Skipped, with the
reason: automatic prices, lines that are never revised, one-time and ended lines, lines followed by another price, and
lines already revised from that day. A line that gets no new price (--from-item without a sales price in its currency or
unit, a negative price) is reported, and the run ends with status 5. --apply stores the prices; undo restores those not
invoiced or revised since. A file that names an unknown subscription, line or item, or has a price that is not a number,
is rejected as a whole. With --on-error skip such rows are left out and reported (status 5), and --rejects FILE keeps
them.
"""

import sqlite3
from collections.abc import Callable, Mapping
from fractions import Fraction

from segcli.actions.parts.job import Job, Result
from segcli.actions.subscriptions import price_file, revisions
from segcli.actions.subscriptions.revisions import New, Rule
from segcli.base.errors import DayUsageError, SegcliError, UsageError
from segcli.base.money import exponent
from segcli.base.text import counted
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import text_values
from segcli.domain.reasons import Reason, Why
from segcli.domain.subscriptions.revision import Rounding, number
from segcli.domain.subscriptions.subscription import Line, Subscription
from segcli.domain.subscriptions.terms import FREQUENCY, FREQUENCY_COUNT, per_months
from segcli.domain.table import Column, Overview
from segcli.overviews.parts import subscriptions as shared
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request
from segcli.settings import rounding as steps

AREA = "Subscriptions and requests"
PARAMETERS = (
    *shared.FILTERS,
    "percent",
    "by_amount",
    "from_item",
    "prices",
    "on_error",
    "rejects",
    "round_to",
    "ending",
)
EXAMPLES = (
    "segcli run update-subscription-prices --percent 3.5 --round-to 0.05 --from 2027-01-01 --class1 N",
    "segcli run update-subscription-prices --prices prices.csv --from 2027-01-01 --on-error skip --rejects wrong.csv",
    "segcli run update-subscription-prices --from-item --from 2027-01-01 --item SER023",
)
COLUMNS = (
    Column("subscription", "code"),
    Column("account", "code"),
    Column("name"),
    Column("line", "integer"),
    Column("item", "code"),
    Column("description"),
    Column("quantity", "decimal"),
    Column("currency"),
    Column("old_price", "decimal"),
    Column("new_price", "decimal"),
    Column("price_difference", "decimal", "Change"),
    Column("change_percent", "percent", "Change %"),
    Column("monthly_old", "money", "A month now", total="sum"),
    Column("monthly_new", "money", "A month then", total="sum"),
    Column("difference", "money", total="sum"),
    Column("reason", heading="Skipped because"),
    Column("counts_from", "date", is_extra=True),
)
_OLD, _NEW = (
    per_months(f"r.{amount}", 1, FREQUENCY, f"({FREQUENCY_COUNT})") for amount in ("old_amount", "new_amount")
)
_PLAN = f"""SELECT x.id AS account_id, x.account, x.name, s.subscription_number AS subscription, l.line_number AS line, m.code AS item,
       coalesce(l.description, m.description) AS description, l.quantity / 1000000.0 AS quantity, s.currency,
       CAST(r.old_price AS REAL) AS old_price, CAST(r.new_price AS REAL) AS new_price,
       CAST(r.change AS REAL) AS price_difference, CAST(r.change_percent AS REAL) AS change_percent, {_OLD} AS monthly_old,
       coalesce({_NEW}, {_OLD}) AS monthly_new,
       {_NEW} - {_OLD} AS difference, r.counts_from, nullif(r.reason, '') AS reason
  FROM temp.revision AS r JOIN subscription_line AS l ON l.id = r.line_id JOIN subscription AS s ON s.id = r.subscription_id
  LEFT JOIN subscription_type AS t ON t.code = s.subscription_type JOIN selection AS x ON x.id = s.{{role}}
  LEFT JOIN item AS m ON m.id = l.item_id"""
_WAYS = {"percent": "--percent", "by_amount": "--amount", "from_item": "--from-item", "prices": "--prices"}

UNIT, DONE = "price", "changed"
LEFT_OUT = """SELECT 'subscription ' || s.subscription_number || ', line ' || l.line_number AS what, r.cause, r.reason
  FROM temp.revision AS r JOIN subscription AS s ON s.id = r.subscription_id JOIN subscription_line AS l ON l.id = r.line_id
 WHERE r.cause <> '' ORDER BY length(s.subscription_number), s.subscription_number, l.line_number"""


def overview(request: Request) -> Overview:
    """Return the preview: one row per line."""
    role = ROLES[request.values.get("role") or "ordered-by"]
    return Overview(
        columns=COLUMNS,
        keeps=("account", "old_price", "new_price", "reason"),
        counts="lines",
        sql=_PLAN.format(role=role),
        sort=("account", "subscription", "line"),
        caption=f"prices from {request.start} on" if request.start else "",
        expects=shared.expected(request),
    )


def check(job: Job) -> None:
    """Raise unless the flags give exactly one new price and a day; a price file is read here, before the lock."""
    given = _given(job)
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other", "say one of them")
    if not given and job.values["apply"]:
        raise UsageError("what is the new price?", f"say one of {', '.join(_WAYS.values())}")
    if given and job.request.start is None:
        raise UsageError("from which day do the new prices count?", "say --from DATE")
    if job.request.end is not None:
        raise DayUsageError("a new price counts from a day on, without an end", "leave out --to and --period")
    _read_file(job)
    _rule(job)


def _read_file(job: Job) -> None:
    """Read the price file once. Unknown names reject the file, or are left out with --on-error skip."""
    values = job.values
    must_skip = values.get("on_error") == "skip"
    if values.get("rejects") and not must_skip:
        raise UsageError("--rejects goes with --on-error skip")
    if (values.get("on_error") or values.get("rejects")) and not values["prices"]:
        raise UsageError("--on-error and --rejects are about a file of prices", "say --prices FILE")
    if values["prices"]:
        job.kept["prices"] = found = price_file.read(job.db, values["prices"])
        if not must_skip:
            found.refuse_wrong()


def left_out(job: Job) -> None:
    """Raise RejectedError for the rows of the file that were left out."""
    if "prices" in job.kept:
        job.kept["prices"].report(job.values.get("rejects"))


def _given(job: Job) -> list[str]:
    return [flag for name, flag in _WAYS.items() if job.values[name] not in (None, False)]


def prepare(job: Job) -> None:
    """Make the plan."""
    role = ROLES[job.request.values.get("role") or "ordered-by"]
    revisions.prepare(job, role, shared.condition(job.request), _rule(job))


def _rule(job: Job) -> Rule:
    values = job.values
    step, ending = values["round_to"], values["ending"]
    rounding = Rounding(
        number(step, "--round-to", positive=True) if step else None,
        number(ending, "--ending", positive=True) if ending else None,
        steps.read(job.session.config),
    )
    new, is_calculated = _new(job) if _given(job) else None, bool(values["percent"] or values["by_amount"])
    return Rule(job.request.start or job.request.as_of, new, rounding, is_calculated, _meant(job))


def _meant(job: Job) -> Callable[[str], bool]:
    """Return the test whether lines of an item are included."""
    lists = [parse_values(text, "--item") for text in job.values["item"]]
    if not lists:
        return lambda _: True
    clause = text_values("m.code", lists)
    codes = {code for (code,) in job.db.execute(f"SELECT code FROM item AS m WHERE {clause.sql}", clause.values)}
    return lambda item: item in codes


def _new(job: Job) -> New:
    """Return the function that calculates a line's new price from its old price."""
    values = job.values
    if values["percent"]:
        factor = 1 + number(values["percent"], "--percent") / 100
        return lambda _, line: (line.unit_price or Fraction(0)) * factor
    if values["by_amount"]:
        amount = number(values["by_amount"], "--amount")
        return lambda _, line: (line.unit_price or Fraction(0)) + amount
    return _of_file(job.kept["prices"].prices) if values["prices"] else _of_items(job.db)


def _of_file(prices: Mapping[price_file.Key, Fraction]) -> New:

    def new(subscription: Subscription, line: Line) -> Fraction | Why:
        found = price_file.find(prices, subscription.number, str(line.number), line.item)
        return Reason.NOT_IN_FILE.why() if found is None else found

    return new


def _of_items(db: sqlite3.Connection) -> New:
    own = "(SELECT currency FROM administration)"
    rows = db.execute(f"SELECT id, coalesce(unit, ''), coalesce(currency, {own}), sales_price FROM item")
    items = {number_: (unit, currency, price) for number_, unit, currency, price in rows}

    def new(subscription: Subscription, line: Line) -> Fraction | Why:
        if line.item_id is None:
            return Reason.NO_ITEM.why()
        unit, currency, price = items[line.item_id]
        if price is None or currency != subscription.currency:
            return Reason.NO_SALES_PRICE.why(item=line.item, currency=subscription.currency)
        if line.unit.casefold() != unit.casefold():
            return Reason.OTHER_UNIT.why(item=line.item, priced=_by(unit), sold=_by(line.unit))
        return Fraction(price, 10 ** exponent(currency))

    return new


def _by(unit: str) -> str:
    return f"by '{unit}'" if unit else "without a unit"


def count(job: Job) -> int:
    """Return the number of lines that get a new price."""
    return int(job.db.execute("SELECT count(*) FROM temp.revision WHERE new_price IS NOT NULL").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of lines considered."""
    return int(job.db.execute("SELECT count(*) FROM temp.revision").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """End the old lines and add the new ones."""
    done = revisions.store(job.db, _rule(job).day, run_id)
    if not done:
        return Result(0, "no price changes")
    return Result(done, f"{counted(done, 'price')} from {job.request.start} on")


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Restore the old prices where the new ones were not invoiced or revised since."""
    done, stay = revisions.take_back(db, run_id)
    if not done and stay:
        raise SegcliError(f"the prices of run {run_id} were invoiced or revised since", "undo the later run first")
    kept = f", {stay} invoiced or revised since stay" if stay else ""
    return f"{counted(done, 'price')} of run {run_id} undone{kept}" if done else ""
