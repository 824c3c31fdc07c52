"""One line per contact: its account, its job, and whether it may be written to, and if not why.

Mailing is not allowed where the contact or its account is excluded from mailing, blocked or ended, where it has opted out, or
where there is no address or one that cannot be right. The first reason that applies is shown. last_activity is the day of the
contact's latest request.
"""

from segcli.overview import Column, Overview
from segcli.query import Request

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
# An address that can be right: one @, something before it, a dot after it, and no blank.
_MALFORMED = "c.email NOT GLOB '?*@?*.?*' OR c.email GLOB '*@*@*' OR c.email GLOB '*[ ,;<>]*' OR c.email GLOB '*.'"

# Why a contact `c` of a selected account `s` may not be written to: nothing switches this off. Addresses are only hashed where
# somebody has opted out.
WHY_NOT = f"""CASE WHEN s.is_blocked = 1 THEN 'account blocked' WHEN coalesce(s.end_date, '9999') < :as_of THEN 'account ended'
            WHEN coalesce(c.end_date, '9999') < :as_of THEN 'contact ended'
            WHEN s.is_mailing_excluded = 1 THEN 'account excluded' WHEN c.is_mailing_excluded = 1 THEN 'contact excluded'
            WHEN c.email IS NULL THEN 'no e-mail address' WHEN {_MALFORMED} THEN 'malformed e-mail address'
            WHEN EXISTS (SELECT 1 FROM opt_out) AND EXISTS (SELECT 1 FROM opt_out AS o WHERE o.address_hash
              IN (mail_hash(c.email), mail_hash(mail_plain(c.email))))
            THEN 'opted out' END"""


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    active = "1" if request.values.get("inactive") else "coalesce(c.end_date, '9999') >= :as_of"
    return Overview(
        columns=COLUMNS,
        keeps=("account_name", "name", "email"),
        counts="contacts",
        sql=f"""SELECT x.*, x.why_not IS NULL AS is_mailing_allowed FROM (
SELECT s.id AS account_id, s.account, s.name AS account_name, c.code AS contact, c.name, c.job_title, c.is_main_contact,
       c.email, c.phone, c.mobile, c.id AS contact_id,
       (SELECT max(r.request_date) FROM request AS r WHERE r.contact_id = c.id AND r.request_date <= :as_of) AS last_activity,
       {WHY_NOT} AS why_not
  FROM selection AS s JOIN contact AS c ON c.account_id = s.id
 WHERE {active}) AS x""",
        sort=("account", "-is_main_contact", "name", "contact_id"),
        values={"as_of": str(request.as_of)},
    )
