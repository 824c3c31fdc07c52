"""One line per contact: its account, its job, and whether it may be mailed, with the reason if not.

A contact may not be mailed if it or its account is excluded from mailing, blocked or ended, if its address has opted
out, or if the address is missing or malformed. The same holds if another contact or account to which one of these
applies has the same address, in any spelling. The first reason that applies is shown. last_activity is the day of the
contact's latest request.
"""

from segcli.domain.clause import as_number
from segcli.domain.table import Column, Overview
from segcli.overviews.parts.mailing import JOINED, SUPPRESSED, WHY_NOT
from segcli.query.compose import Request

AREA = "Accounts and contacts"
PARAMETERS = ("inactive",)
EXAMPLES = (
    "segcli show contact-overview --class7 SPRING --columns name,email,is_mailing_allowed,why_not",
    "segcli show contact-overview --group-by why_not",
)
COLUMNS = (
    Column("account", "code"),
    Column("account_name"),
    Column("contact", "code"),
    Column("name"),
    Column("job_title"),
    Column("is_main_contact", "flag", "Main"),
    Column("email", heading="E-mail"),
    Column("phone"),
    Column("mobile"),
    Column("is_mailing_allowed", "flag", "Mailing"),
    Column("why_not"),
    Column("last_activity", "date"),
    Column("contact_id", "integer", is_extra=True),
)


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    active = "TRUE" if request.values.get("inactive") else "coalesce(c.end_date, '9999') >= :as_of"
    return Overview(
        columns=COLUMNS,
        keeps=("account_name", "name", "email"),
        counts="contacts",
        is_of_all=True,
        sql=f"""WITH {SUPPRESSED}
SELECT x.*, {as_number("x.why_not IS NULL")} AS is_mailing_allowed FROM (
SELECT s.id AS account_id, s.account, s.name AS account_name, c.code AS contact, c.name, c.job_title, c.is_main_contact,
       c.email, c.phone, c.mobile, c.id AS contact_id,
       (SELECT max(r.request_date) FROM request AS r WHERE r.contact_id = c.id AND r.request_date <= :as_of) AS last_activity,
       {WHY_NOT} AS why_not
  FROM selection AS s {JOINED}
 WHERE {active}) AS x""",
        sort=("account", "-is_main_contact", "name", "contact_id"),
        values={"as_of": str(request.as_of)},
    )
