"""One line per contact: its account, its job, and whether it may be written to, and if not why.

Mailing is not allowed where the contact or its account is excluded from mailing, blocked or ended, where its address has opted
out, or where there is no address or a malformed one; nor where another contact or account for which one of these holds has the
same address, in whatever spelling. The first reason that applies is shown. last_activity is the day of the contact's latest
request.
"""

from segcli.domain.table import Column, Overview
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
_ACCOUNT_WHY = """CASE WHEN {0}.is_blocked = 1 THEN 'account blocked' WHEN coalesce({0}.end_date, '9999') < :as_of THEN 'account ended'
            WHEN {0}.is_mailing_excluded = 1 THEN 'account excluded' END"""
_CONTACT_WHY = """CASE WHEN coalesce({0}.end_date, '9999') < :as_of THEN 'contact ended'
            WHEN {0}.is_mailing_excluded = 1 THEN 'contact excluded' END"""
# As the partial indexes of the schema have it, so that only these are read.
_LISTED = "(y.is_blocked = 1 OR y.is_mailing_excluded = 1 OR y.end_date IS NOT NULL)"
# The addresses of all accounts and contacts that may not be written to: they are offered through nobody else.
SUPPRESSED = f"""suppressed AS MATERIALIZED (
  SELECT mail_key(email) AS mail, min(why) AS why FROM (
    SELECT y.email, {_ACCOUNT_WHY.format("y")} AS why FROM account AS y WHERE {_LISTED} AND y.email IS NOT NULL
    UNION ALL
    SELECT x.email, {_ACCOUNT_WHY.format("y")} FROM account AS y CROSS JOIN contact AS x ON x.account_id = y.id
     WHERE {_LISTED} AND x.email IS NOT NULL
    UNION ALL
    SELECT y.email, {_CONTACT_WHY.format("y")} FROM contact AS y
     WHERE {_LISTED.replace("y.is_blocked = 1 OR ", "")} AND y.email IS NOT NULL)
   WHERE why IS NOT NULL GROUP BY 1
)"""
# Why a contact `c` of a selected account `s` may not be written to, with what is suppressed of its address as `u`: nothing
# switches this off. Addresses are only hashed where somebody has opted out.
WHY_NOT = f"""coalesce({_ACCOUNT_WHY.format("s")}, {_CONTACT_WHY.format("c")},
            CASE WHEN c.email IS NULL THEN 'no e-mail address' WHEN mail_address(c.email) IS NULL THEN 'malformed e-mail address'
            WHEN EXISTS (SELECT 1 FROM opt_out) AND EXISTS (SELECT 1 FROM opt_out AS o WHERE o.address_hash
              IN (SELECT value FROM json_each(mail_hashes('', c.email)))) THEN 'opted out'
            WHEN u.why IS NOT NULL THEN 'same address: ' || u.why END)"""
JOINED = "JOIN contact AS c ON c.account_id = s.id LEFT JOIN suppressed AS u ON u.mail = mail_key(c.email)"


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    active = "1" if request.values.get("inactive") else "coalesce(c.end_date, '9999') >= :as_of"
    return Overview(
        columns=COLUMNS,
        keeps=("account_name", "name", "email"),
        counts="contacts",
        sql=f"""WITH {SUPPRESSED}
SELECT x.*, x.why_not IS NULL AS is_mailing_allowed FROM (
SELECT s.id AS account_id, s.account, s.name AS account_name, c.code AS contact, c.name, c.job_title, c.is_main_contact,
       c.email, c.phone, c.mobile, c.id AS contact_id,
       (SELECT max(r.request_date) FROM request AS r WHERE r.contact_id = c.id AND r.request_date <= :as_of) AS last_activity,
       {WHY_NOT} AS why_not
  FROM selection AS s {JOINED}
 WHERE {active}) AS x""",
        sort=("account", "-is_main_contact", "name", "contact_id"),
        values={"as_of": str(request.as_of)},
    )
