"""Search contacts by any part of their name, e-mail, phone, job title or notes, or of their account.

Case and accents do not matter. Every word must occur in the contact or in its account. Ended contacts, and contacts of
blocked or ended accounts, are left out unless --inactive is given.
"""

from segcli.base.text import fold
from segcli.domain.clause import Clause, both, either, named
from segcli.domain.table import Column, Overview
from segcli.query.compose import Request
from segcli.query.selection import search_clause

AREA = "Accounts and contacts"
PARAMETERS = ("text", "inactive")
EXAMPLES = (
    "segcli show contact-search maria",
    "segcli show contact-search inkoper --class2 RETAIL --columns name,email,account,class2",
)
COLUMNS = (
    Column("contact", "code"),
    Column("name"),
    Column("job_title"),
    Column("email", heading="E-mail"),
    Column("phone"),
    Column("mobile"),
    Column("account", "code"),
    Column("account_name"),
    Column("is_main_contact", "flag", "Main", is_extra=True),
    Column("is_mailing_excluded", "flag", "No mailing", is_extra=True),
    Column("notes", is_extra=True),
    Column("contact_id", "integer", is_extra=True),
    Column("rank", "integer", is_extra=True),
)


def found(text: str) -> Clause:
    """Return the condition that each word occurs in the contact `c` or in its account `a`."""
    words = text.split()
    return both(
        either([search_clause("c.id", "contact", word), search_clause("a.id", "account", word)]) for word in words
    )


def overview(request: Request) -> Overview:
    """Return the overview for the words of the request."""
    text = " ".join(request.values.get("text") or ())
    condition, words = named(found(text), "word")
    active = (
        "TRUE"
        if request.values.get("inactive")
        else "s.is_blocked = 0 AND coalesce(s.end_date, '9999') >= :as_of AND coalesce(c.end_date, '9999') >= :as_of"
    )
    return Overview(
        columns=COLUMNS,
        keeps=("name", "email", "account_name"),
        counts="contacts",
        sql=f"""SELECT s.id AS account_id, c.code AS contact, c.name, c.job_title, c.email, c.phone, c.mobile, s.account,
       s.name AS account_name, c.is_main_contact, c.is_mailing_excluded, c.notes, c.id AS contact_id,
       CASE WHEN c.name COLLATE NOCASE = :whole COLLATE NOCASE OR c.email COLLATE NOCASE = :whole COLLATE NOCASE THEN 0 ELSE 1 END AS rank
  FROM selection AS s {"JOIN account AS a ON a.id = s.id" if text else ""} JOIN contact AS c ON c.account_id = s.id
 WHERE {condition} AND {active}""",
        sort=(*(["rank"] if text else []), "name", "account", "contact_id"),
        values={"as_of": str(request.as_of), "whole": text, **words},
        caption=f"search {fold(text)}" if text else "",
    )
