"""Search requests (tasks, service requests, complaints, events, notes) by type, status, assignee, date and text.

The status is void, rejected, draft, open, approved, realised or processed. --open leaves out requests that are finished
(void, rejected, realised, processed). A request is overdue if it is not closed and its due date is before the as-of
day. --from, --to and --period apply to the day on which a request came in; --date due, start or closed selects another
date. With --as-of, requests that came in later are left out, and a request that was closed later counts as open. A word
of --text must occur in the description or the notes. Requests without an account are included unless accounts are
selected; `none` and `not:` also match them. -f ics, or an output file with that extension, writes a calendar (RFC 5545)
of to-dos, events and journal entries for any calendar program.
"""

from collections.abc import Iterable
from itertools import starmap
from pathlib import Path

from segcli.base.text import fold
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import Clause, both, named, plain_words, text_values
from segcli.domain.requests import STATUSES, TYPES, open_on
from segcli.domain.table import Column, Expected, Overview
from segcli.query.compose import Request

AREA = "Subscriptions and requests"
PARAMETERS = (
    "request",
    "request_type",
    "request_state",
    "open",
    "assignee",
    "contact",
    "overdue",
    "words",
    "which_date",
)
EXAMPLES = (
    "segcli show request-search --open --overdue --class1 N",
    "segcli show request-search --open --assignee 'Pieter Post' -o requests.ics",
)
COLUMNS = (
    Column("request", "code"),
    Column("type"),
    Column("status"),
    Column("description"),
    Column("account", "code"),
    Column("name"),
    Column("contact"),
    Column("assignee"),
    Column("request_date", "date", "Came in"),
    Column("due_date", "date"),
    Column("days_overdue", "integer"),
    Column("closed_date", "date"),
    Column("notes", is_extra=True),
    Column("start_date", "date", is_extra=True),
    Column("start_time", is_extra=True),
    Column("end_date", "date", is_extra=True),
    Column("end_time", is_extra=True),
    Column("created_by", is_extra=True),
    Column("status_code", "integer", is_extra=True),
    Column("is_overdue", "flag", "Overdue", is_extra=True),
)
_STATUS = f"CASE r.status {' '.join(f'WHEN {code} THEN {word!r}' for code, word in STATUSES.items())} END"
_DATES = {None: "r.request_date", "request": "r.request_date", "due": "r.due_date", "start": "r.start_date",
          "closed": "r.closed_date"}  # fmt: skip
_FILTERS = (
    ("request", "--request", "r.request_number", "SELECT request_number FROM request"),
    ("request_type", "--type", "r.type", " UNION ALL ".join(f"SELECT '{word}'" for word in TYPES)),
    ("request_state", "--state", _STATUS, " UNION ALL ".join(f"SELECT '{word}'" for word in STATUSES.values())),
    ("assignee", "--assignee", "r.assignee", "SELECT DISTINCT assignee FROM request WHERE assignee IS NOT NULL"),
    ("contact", "--contact", "c.name", "SELECT name FROM contact"),
)  # fmt: skip
_IS_OPEN = open_on(":as_of")
_OVERDUE = f"{_IS_OPEN} AND r.due_date < :as_of"
_LEFT = "request AS r LEFT JOIN contact AS c ON c.id = r.contact_id"


def overview(request: Request) -> Overview:
    """Return the overview with the request's filters."""
    condition, values = named(both(_clauses(request)), "asked")
    day = _DATES[request.values.get("which_date")]
    if request.start or request.end:
        condition += f" AND {day} >= :start AND {day} <= :end"
        values |= {"start": str(request.start or "0000"), "end": str(request.end or "9999")}
    if request.known:
        condition += " AND r.request_date <= :as_of"
    if request.values.get("overdue"):
        condition += f" AND {_OVERDUE}"
    return Overview(
        columns=_calendar() if is_calendar(request) else COLUMNS,
        keeps=("status", "description", "due_date"),
        counts="requests",
        sql=f"""SELECT r.account_id, s.code AS account, s.name, r.request_number AS request, r.type, {_STATUS} AS status,
       r.description, c.name AS contact, r.assignee, r.request_date, r.due_date, r.closed_date, r.notes,
       r.start_date, r.start_time, r.end_date, r.end_time, r.created_by, r.status AS status_code,
       coalesce({_OVERDUE}, FALSE) AS is_overdue,
       CASE WHEN {_OVERDUE} THEN CAST(julianday(:as_of) - julianday(r.due_date) AS INTEGER) END AS days_overdue
  FROM (SELECT r.id FROM selection AS x JOIN request AS r ON r.account_id = x.id LEFT JOIN contact AS c ON c.id = r.contact_id
         WHERE {condition}
        UNION ALL SELECT r.id FROM nobody CROSS JOIN {_LEFT} WHERE r.account_id IS NULL AND {condition}) AS found
  JOIN request AS r ON r.id = found.id LEFT JOIN contact AS c ON c.id = r.contact_id LEFT JOIN account AS s ON s.id = r.account_id""",
        sort=("request_date", "request"),
        values={**values, "as_of": str(request.as_of)},
        has_nobody=True,
        expects=tuple(_expected(request)),
    )


def is_calendar(request: Request) -> bool:
    """Tell whether the output is a calendar, which needs every column."""
    form, path = request.values.get("format"), request.values.get("output")
    return form == "ics" or (not form and path is not None and Path(path).suffix.lower() == ".ics")


def _calendar() -> tuple[Column, ...]:
    from dataclasses import replace

    return tuple(replace(column, is_extra=False) for column in COLUMNS)


def _clauses(request: Request) -> Iterable[Clause]:
    for name, flag, column, _ in _FILTERS:
        lists = [parse_values(text, flag) for text in request.values.get(name) or ()]
        if lists:
            yield text_values(column, lists, "code" if name == "request" else "text")
    if request.values.get("open"):
        yield Clause(_IS_OPEN)
    for word in fold(" ".join(request.values.get("words") or ())).split():
        yield Clause("instr(r.search_text, ?) > 0", (word,))


def _expected(request: Request) -> Iterable[Expected]:
    for name, flag, _, sql in _FILTERS:
        words = plain_words(parse_values(text, flag) for text in request.values.get(name) or ())
        yield from starmap(Expected, ((flag, word, sql) for word in words))
