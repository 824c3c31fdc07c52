"""Search accounts by any part of their code, name, city, e-mail, phone or registration numbers.

Case and accents do not matter. Every word must occur somewhere in the account. Exact matches of the code come first,
then exact matches of the name. Blocked and ended accounts are left out unless --inactive is given.
"""

from segcli.base.text import fold
from segcli.domain.clause import named
from segcli.domain.table import Column, Overview
from segcli.query.compose import Request
from segcli.query.selection import MIN_TRIGRAM, search_clause

AREA = "Accounts and contacts"
PARAMETERS = ("text", "inactive")
EXAMPLES = (
    "segcli show account-search jansen amsterdam",
    "segcli show account-search --class1 N --status P -f csv -o prospects.csv",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("city"),
    Column("country"),
    Column("email", heading="E-mail"),
    Column("phone"),
    Column("is_blocked", "flag", "Blocked", is_extra=True),
    Column("end_date", "date", is_extra=True),
    Column("rank", "integer", is_extra=True),
)


def overview(request: Request) -> Overview:
    """Return the overview for the words of the request."""
    text = " ".join(request.values.get("text") or ())
    # A word that is too short for the index is searched in the account itself; for other words the selection is enough.
    is_short = any(len(word) < MIN_TRIGRAM for word in fold(text).split())
    condition, words = named(search_clause("a.id" if is_short else "s.id", "account", text), "word")
    active = (
        "TRUE"
        if request.values.get("inactive")
        else "s.is_blocked = 0 AND (s.end_date IS NULL OR s.end_date >= :as_of)"
    )
    return Overview(
        columns=COLUMNS,
        keeps=("name", "city"),
        sql=f"""SELECT s.id AS account_id, s.account, s.name, s.status, s.city, s.country, s.email, s.phone,
       s.is_blocked, s.end_date,
       CASE WHEN s.account COLLATE NOCASE = :whole COLLATE NOCASE THEN 0
            WHEN s.name COLLATE NOCASE = :whole COLLATE NOCASE THEN 1 ELSE 2 END AS rank
  FROM selection AS s{" JOIN account AS a ON a.id = s.id" if is_short else ""}
 WHERE {condition} AND {active}""",
        sort=(*(["rank"] if text else []), "name", "account"),
        values={"as_of": str(request.as_of), "whole": text, **words},
        caption=f"search {fold(text)}" if text else "",
    )
