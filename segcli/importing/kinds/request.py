"""Requests: tasks, service requests, complaints, events and notes, with or without an account."""

from collections.abc import Sequence

from segcli.base.text import counted, folded
from segcli.domain.requests import LAST_NUMBER
from segcli.importing.kinds.machinery import erased, external_ids, upsert
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.limits import BEFORE_START
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("request", "code", "requestnumber number nummer hid verzoek verzoeknummer activiteit activiteitnummer ticket taak",
          column="request_number", about="Number of the request, unique; without it the next number is given"),
    Field("type", "request_type", "requesttype soort activiteitsoort",
          about="task, service, complaint, event or note; without it task"),
    Field("status", "request_status", "requeststatus statuscode",
          about="Code or word: 10 draft, 20 open, 30 approved, 40 realised, 50 processed, 0 void"),
    Field("account", "code", CUSTOMER, surely="accountcode",
          about="Number of the account that it is about"),
    Field("name", "text", NAME,
          about="Name of that account, to compare or to create it with"),
    Field("contact", "code", "contactcode contactpersoon",
          about="Number of the account's contact, or the contact's name"),
    Field("description", "text", "subject onderwerp omschrijving title titel", is_required=True,
          about="One line: what it is about"),
    Field("notes", "text", "notities opmerkingen body toelichting", about="Free text"),
    Field("assignee", "text", "assignedto toegewezenaan behandelaar eigenaar owner assignedtofullname ownerfullname",
          about="Name of the person who is to do it"),
    Field("created_by", "text", "createdby creatorfullname aangemaaktdoor creator",
          about="Name of the person who recorded it"),
    Field("request_date", "date", "requestdate created date datum aangemaakt aangemaaktop receiveddate",
          about="Date on which it came in; without it today"),
    Field("start_date", "date", "startdate begindatum", about="First day of the work or the event"),
    Field("start_time", "time", "starttime begintijd", about="Time at which it starts, in 24 hours"),
    Field("end_date", "date", "enddate einddatum", about="Last day of the work or the event"),
    Field("end_time", "time", "endtime eindtijd", about="Time at which it ends, in 24 hours"),
    Field("due_date", "date", "duedate deadline vervaldatum requireddate taskduedate actiondate",
          about="Date by which it is to be done"),
    Field("closed_date", "date", "closeddate afgeslotenop gereedop completeddate", about="Date on which it was done"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_SAID = {
    "type",
    "status",
    "assignee",
    "due_date",
    "request",
}  # headers that distinguish requests from other records with a description
_COMPUTED = {"account", "name", "contact", "request", "request_date"}


SEARCH = upsert.Search(("description", "notes"), folded)  # what --text searches


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else ''."""
    return "" if _SAID & set(fields) else "type"


def merge(stage: Stage) -> Counts:
    """Upsert the staged requests, identified by external id, else by number, else by type, description and date."""
    resolve(stage)
    _refuse_backwards_times(stage)
    _date(stage)
    notes = _find_contacts(stage)
    _identify(stage)
    notes += _keep_anonymous(stage)
    columns = {c: f"s.{n}" for n, c in stage.targets.items() if n not in _COMPUTED}
    columns |= {
        "account_id": "s.account_id",
        "contact_id": "s.contact_id",
        "request_date": "s.final_date",
        "request_number": "s.final_number",
    }
    defaults = {"type": "'task'", "status": "20"}
    target = upsert.Target("request", "t.id = s.final_id", columns, defaults, frozenset(defaults), ("request_number",),
                           search=SEARCH)  # fmt: skip
    return upsert.upsert(stage, target)._replace(notes=notes)


def _refuse_backwards_times(stage: Stage) -> None:
    """Reject rows that end before they begin on the same day."""
    if not all(map(stage.has, ("start_date", "start_time", "end_time"))):
        return
    same_day = "coalesce(end_date, start_date) = start_date" if stage.has("end_date") else "1"
    sql = f"SELECT n, place, end_time, start_time FROM {stage.table} WHERE {same_day} AND end_time < start_time"
    stage.reject(sql, "end_time", BEFORE_START)


def _date(stage: Stage) -> None:
    """Set a missing request date to the first other date given in the row, else today."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_date TEXT")
    named = [name for name in ("request_date", "start_date", "due_date", "end_date", "closed_date") if stage.has(name)]
    stage.execute(
        f"UPDATE {{stage}} SET final_date = coalesce({', '.join(named)}, ?)"
        if named
        else "UPDATE {stage} SET final_date = ?",
        stage.options.today,
    )


def _find_contacts(stage: Stage) -> tuple[str, ...]:
    """Set the contact of each request: by code or name within the account, or by external id."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN contact_id INTEGER")
    if not stage.has("contact"):
        return ()
    name = stage.table.removeprefix("temp.")
    same = f"c.account_id = {name}.account_id AND"
    stage.execute(
        f"""UPDATE {{stage}} SET contact_id = coalesce(
              (SELECT c.id FROM contact AS c WHERE c.external_id = {name}.contact),
              (SELECT c.id FROM contact AS c WHERE {same} c.code = {name}.contact),
              (SELECT min(c.id) FROM contact AS c WHERE {same} c.name = {name}.contact COLLATE NOCASE),
              (SELECT min(x.contact_id) FROM anonymised AS x WHERE x.key_hash IN (mail_hash('id|' || {name}.contact),
                 mail_hash('code|' || {name}.account_id || '|' || {name}.contact),
                 mail_hash('name|' || {name}.account_id || '|' || {name}.contact),
                 mail_hash('name|' || {name}.account_id || '|' || name_key({name}.contact)))))
            WHERE contact IS NOT NULL"""
    )
    unknown = "contact IS NOT NULL AND contact_id IS NULL"
    stage.reject(
        f"SELECT n, place, contact FROM {stage.table} WHERE {unknown} AND length(contact) <> 36",
        "contact",
        "the account has no such contact",
        "import the contacts first",
    )
    left = stage.execute(f"SELECT count(*) FROM {{stage}} WHERE {unknown}").fetchone()[0]
    return (
        (f"{counted(left, 'request')} with an unknown contact id: import the contacts, then this file again",)
        if left
        else ()
    )


def _identify(stage: Stage) -> None:
    """Set the id and number of each request; one without a number gets the next number."""
    for column in ("final_id INTEGER", "final_number TEXT"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {column}")
    ways = []
    if stage.has("external_id"):
        external_ids.refuse_repeated(stage)
        ways.append("(SELECT t.id FROM request AS t WHERE t.external_id = {s}.external_id)")
    if stage.has("request"):
        upsert.refuse_duplicates(stage, ("coalesce(request, n)",), "request")
        ways.append("(SELECT t.id FROM request AS t WHERE t.request_number = {s}.request)")
    kind = "t.type IS coalesce({s}.type, 'task') AND" if stage.has("type") else ""
    nameless = " AND ".join(f"{{s}}.{name} IS NULL" for name in ("external_id", "request") if stage.has(name)) or "1"
    ways.append(
        f"(SELECT min(t.id) FROM request AS t WHERE {nameless} AND {kind} t.account_id IS {{s}}.account_id"
        " AND t.description = {s}.description AND t.request_date = {s}.final_date)"
    )
    name = stage.table.removeprefix("temp.")
    stage.execute(f"UPDATE {{stage}} SET final_id = coalesce({', '.join(ways)}, NULL)".replace("{s}", name))
    number = "request" if stage.has("request") else "NULL"
    stage.execute(
        f"""UPDATE {{stage}} SET final_number = r.number FROM (SELECT n AS row, coalesce({number},
             'R-' || ({LAST_NUMBER} + row_number() OVER
             (PARTITION BY {number} IS NULL AND final_id IS NULL ORDER BY n))) AS number FROM {{stage}}) AS r WHERE r.row = n"""
    )


def _keep_anonymous(stage: Stage) -> tuple[str, ...]:
    """Keep the stored texts of anonymised persons' requests; drop their new requests."""
    if not erased.is_any(stage):
        return ()
    gone = "SELECT contact_id FROM anonymised"
    known = f"final_id IN (SELECT id FROM request WHERE contact_id IN ({gone}))"
    for name in filter(stage.has, SEARCH.columns):
        stage.execute(
            f"UPDATE {{stage}} SET {name} = (SELECT t.{name} FROM request AS t WHERE t.id = final_id) WHERE {known}"
        )
    left = stage.execute(f"DELETE FROM {{stage}} WHERE final_id IS NULL AND contact_id IN ({gone})").rowcount
    return (
        (f"{counted(left, 'request')} {stage.verb('left out', 'would be left out')}: the contact is anonymised here",)
        if left
        else ()
    )


KIND = Kind(
    "request",
    "requests",
    FIELDS,
    merge,
    rank=5,
    also=("activity", "activities", "task", "tasks"),
    check=check,
    spans=(("start_date", "end_date"),),
    known={"request": "request_number", "external_id": "external_id"},
    never="item itemcode invoicenumber invoice amount bedrag quantity aantal price prijs glaccount entrynumber journal subscription code",
)
