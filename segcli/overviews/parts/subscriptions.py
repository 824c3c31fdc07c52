"""SQL shared by overviews and actions of subscriptions: frequency, status, recurring value and filters."""

from collections.abc import Iterable
from datetime import date
from itertools import starmap
from typing import Any

from segcli.domain.catalogue import parse_values
from segcli.domain.clause import Clause, both, named, plain_words, text_values
from segcli.domain.subscriptions.terms import JOIN_TYPE
from segcli.domain.table import Expected
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request

FILTERS = ("role", "subscription", "subscription_type", "subscription_state", "item", "blocked")
STATES = ("upcoming", "running", "to renew", "cancelled", "ended")
# The status at the end of the as-of day; `to renew` covers the notice period of the type (30 days without a type).
STATUS = """CASE WHEN s.start_date > :as_of THEN 'upcoming'
            WHEN s.cancellation_date < :as_of AND s.cancellation_date <= coalesce(s.end_date, '9999') THEN 'cancelled'
            WHEN s.end_date < :as_of THEN 'ended'
            WHEN s.cancellation_date IS NULL AND julianday(s.end_date) - julianday(:as_of) <= coalesce(t.notice_days, 30)
            THEN 'to renew' ELSE 'running' END"""


def source(request: Request) -> str:
    """Return the FROM clause: the selected accounts `x`, their subscriptions `s` and the types `t`."""
    role = ROLES[request.values.get("role") or "ordered-by"]
    return f"""selection AS x JOIN subscription AS s ON s.{role} = x.id
  {JOIN_TYPE}"""


def condition(request: Request) -> tuple[str, dict[str, object]]:
    """Return the condition of the filters on `s` and `t`, and its bound values, including :as_of."""
    sql, values = named(both(_clauses(request)), "asked")
    return sql, {**values, "as_of": str(request.as_of)}


def _clauses(request: Request) -> Iterable[Clause]:
    for name, column in (("subscription", "s.subscription_number"), ("subscription_type", "s.subscription_type")):
        lists = _lists(request, name)
        if lists:
            yield text_values(column, lists)
    states = _lists(request, "subscription_state")
    if states:
        clause = text_values("state", states, "text")  # compute the status once
        yield Clause(f"EXISTS (SELECT 1 FROM (SELECT {STATUS} AS state) WHERE {clause.sql})", clause.values)
    items = _lists(request, "item")
    if items:
        clause = text_values("m.code", items)
        yield Clause(
            "s.id IN (SELECT l.subscription_id FROM subscription_line AS l LEFT JOIN item AS m ON m.id = l.item_id"
            f" WHERE {clause.sql})",
            clause.values,
        )
    if request.values.get("blocked"):
        yield Clause("s.is_blocked = 1")
    if request.values.get("unprinted"):
        yield Clause("s.printed_date IS NULL")


_FLAGS = {"subscription_type": "--type", "subscription_state": "--state"}


def _lists(request: Request, name: str) -> list[Any]:
    return [parse_values(text, _FLAGS.get(name, f"--{name}")) for text in request.values.get(name) or ()]


def expected(request: Request) -> tuple[Expected, ...]:
    """Return the words of the filters that must exist."""
    states = " UNION ALL ".join(f"SELECT '{state}'" for state in STATES)
    known = {
        "subscription": "SELECT subscription_number FROM subscription",
        "subscription_type": "SELECT code FROM subscription_type UNION SELECT subscription_type FROM subscription"
        " WHERE subscription_type IS NOT NULL",
        "subscription_state": states,
        "item": "SELECT code FROM item",
    }
    found = ((name, word) for name in known for word in plain_words(_lists(request, name)))
    return tuple(starmap(Expected, ((_FLAGS.get(name, f"--{name}"), word, known[name]) for name, word in found)))


def day_before(day: date) -> str:
    """Return the day before, in ISO form."""
    return date.fromordinal(day.toordinal() - 1).isoformat()
