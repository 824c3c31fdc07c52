"""Mailing list: one row per e-mail address, with its legal basis and an optional test group.

The list is made in this order: take the contacts of the selected accounts, or of --list; remove the addresses of the
--exclude lists; remove those that may not be mailed (account or contact excluded, blocked or ended; opted out; address
missing or malformed; no flag overrides this); keep one contact per address, main contacts first, then the oldest;
remove the --holdout. An address that is removed for one contact is removed for all, in any spelling. On a terminal each
step reports its count. The basis is the one recorded for the contact by that day: consent, customer, or a published
address. Without a record, it is customer if the account was invoiced in the three years up to the as-of day. --basis
keeps only these bases. --split 90:10 assigns accounts to groups A, B, … by a hash of --seed and their code, so that
neither new accounts nor another order changes a group.
"""

import json
from collections.abc import Iterable
from string import ascii_uppercase

from segcli.base.dates import add_months
from segcli.base.errors import UsageError
from segcli.base.text import is_whole
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import Clause, named, text_values
from segcli.domain.table import Column, Expected, Overview
from segcli.overviews.parts.mailing import JOINED, SUPPRESSED, WHY_NOT
from segcli.query.compose import Request

AREA = "Accounts and contacts"
PARAMETERS = ("of_list", "exclude", "basis", "split", "holdout", "seed")
EXAMPLES = (
    "segcli show marketing-list --class7 SPRING --split 90:10 --seed spring -o spring.csv",
    "segcli show marketing-list --basis consent,customer --country NL --columns email,first_name,last_name",
)
COLUMNS = (
    Column("email", heading="E-mail"),
    Column("contact_name", heading="Contact"),
    Column("account", "code"),
    Column("name"),
    Column("job_title"),
    Column("language"),
    Column("basis"),
    Column("basis_source"),
    Column("basis_date", "date"),
    Column("test_group", heading="Group"),
    Column("first_name", is_extra=True),
    Column("middle_name", is_extra=True),
    Column("last_name", is_extra=True),
    Column("phone", is_extra=True),
    Column("contact", "code", is_extra=True),
    Column("is_main_contact", "flag", "Main", is_extra=True),
    Column("sharing", "integer", "Contacts of this address", is_extra=True),
    Column("contact_id", "integer", is_extra=True),
)
BASES = ("consent", "customer", "published")
_YEARS = 3  # an invoice within this period makes the account a customer: segmentation.md 3.7 gives the sources
_HUNDRED, _BUCKETS = 100, 10_000
_MEMBERS = """SELECT k.contact_id FROM marketing_list_member AS k JOIN marketing_list AS m ON m.id = k.marketing_list_id
   WHERE m.name COLLATE BINARY IN (SELECT value FROM json_each(:{name})) OR label_key(m.name) IN (SELECT label_key(value)
         FROM json_each(:{name}) WHERE value NOT IN (SELECT name COLLATE BINARY FROM marketing_list))"""
_NOTED = "CASE WHEN coalesce(c.consent_date, '') <= :as_of THEN c.{0} END"
_CONTACTS = f"""
{SUPPRESSED},
barred AS MATERIALIZED (SELECT e.id, mail_key(e.email) AS mail FROM contact AS e WHERE e.id IN ({_MEMBERS.format(name="excluded")})),
candidate AS (
  SELECT c.id AS contact_id, s.id AS account_id, s.account, s.name, c.name AS contact_name, c.first_name, c.middle_name, c.last_name,
         c.code AS contact, c.job_title, coalesce(mail_address(c.email), c.email) AS email, c.mail, c.phone, c.language, c.is_main_contact,
         {WHY_NOT} AS why_not, coalesce({_NOTED.format("consent_basis")}, CASE WHEN EXISTS (SELECT 1 FROM invoice AS i
           WHERE i.account_id = s.id AND i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date > :since
             AND i.invoice_date <= :as_of) THEN 'customer' END) AS basis,
         {_NOTED.format("consent_source")} AS basis_source, {_NOTED.format("consent_date")} AS basis_date,
         c.id IN (SELECT id FROM barred) OR coalesce(c.mail IN (SELECT mail FROM barred), FALSE) AS is_excluded,
         {{bucket}} AS bucket
    FROM selection AS s {JOINED} WHERE {{universe}}
),
allowed AS (SELECT * FROM candidate AS c WHERE NOT is_excluded AND why_not IS NULL AND ({{basis}})),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY mail ORDER BY is_main_contact DESC, contact_id) AS place,
         {{sharing}} AS sharing FROM allowed
)"""
_STEPS = """
SELECT 'contacts', count(*) FROM candidate
UNION ALL SELECT * FROM (SELECT 'excluded: on a list of --exclude', count(*) AS n FROM candidate WHERE is_excluded) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'not written to: ' || why_not, count(*) FROM candidate WHERE NOT is_excluded AND why_not IS NOT NULL
                          GROUP BY why_not ORDER BY 2 DESC)
UNION ALL SELECT * FROM (SELECT 'without a basis that --basis asks for', count(*) - (SELECT count(*) FROM allowed) AS n FROM candidate
                          WHERE NOT is_excluded AND why_not IS NULL) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'the same address again', count(*) AS n FROM ranked WHERE place > 1) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'held out', count(*) AS n FROM ranked WHERE place = 1 AND bucket < :held) WHERE n > 0
UNION ALL SELECT 'to write to', count(*) FROM ranked WHERE place = 1 AND bucket >= :held"""


def overview(request: Request) -> Overview:
    """Return the list as of the request's day."""
    asked = request.values
    lists, excluded = (tuple(asked.get(name) or ()) for name in ("of_list", "exclude"))
    universe = f"c.id IN ({_MEMBERS.format(name='listed')})" if lists else "TRUE"
    basis, values = named(_basis(asked.get("basis") or ()), "basis")
    held, groups = _holdout(asked.get("holdout")), _split(asked.get("split"))
    bucket = "bucket(:seed, s.account)" if held or groups else "0"
    sharing = "count(*) OVER (PARTITION BY mail)" if request.names("sharing") else "NULL"
    ctes = _CONTACTS.format(universe=universe, basis=basis, bucket=bucket, sharing=sharing)
    if (held or groups) and not asked.get("seed"):
        raise UsageError("--split and --holdout need a --seed", "any word: the same word gives the same groups")
    values |= {"as_of": str(request.as_of), "since": str(add_months(request.as_of, -12 * _YEARS)), "held": held}
    values |= {"seed": asked.get("seed") or "", "listed": json.dumps(lists), "excluded": json.dumps(excluded)}
    return Overview(
        columns=COLUMNS if groups else tuple(column for column in COLUMNS if column.name != "test_group"),
        keeps=("email", "contact_name", "name"),
        counts="contacts",
        is_of_all=True,
        sql=f"""WITH {ctes}
SELECT account_id, account, name, email, contact_name, first_name, middle_name, last_name, contact, job_title, phone, language,
       is_main_contact, basis, basis_source, basis_date, sharing, contact_id, {_group(groups)} AS test_group
  FROM ranked WHERE place = 1 AND bucket >= :held""",
        sort=("account", "email"),
        values=values,
        expects=tuple(_expected(lists, excluded)),
        steps=f"{ctes} {_STEPS}",
    )


def _basis(given: Iterable[str]) -> Clause:
    lists = [parse_values(text, "--basis") for text in given]
    unknown = [w for values in lists for w in values.words if w.lower() not in {*BASES, "none", "any"}]
    if unknown:
        raise UsageError(f"--basis: there is no '{unknown[0]}'", f"there is: {', '.join(BASES)}, none, any")
    return text_values("c.basis", lists, "text")


def _holdout(text: str | None) -> int:
    """Return how many of 10,000 buckets are held out."""
    if text is None:
        return 0
    number = text.removesuffix("%")
    if not (is_whole(number) and 0 < int(number) < _HUNDRED):
        raise UsageError(f"--holdout: '{text}' is no share", "write 10 or 10%")
    return int(number) * _BUCKETS // _HUNDRED


def _split(text: str | None) -> list[int]:
    """Return the shares of the groups, in any unit: 90:10, 1:1:1."""
    parts = (text or "").split(":") if text else []
    is_right = all(is_whole(part) and int(part) for part in parts)
    if text and not (is_right and 1 < len(parts) <= len(ascii_uppercase)):
        raise UsageError(f"--split: '{text}' are no shares", "write 90:10 or 1:1:1")
    return [int(part) for part in parts]


def _group(shares: list[int]) -> str:
    """Return the SQL of a group: the buckets after the holdout are divided by the shares."""
    if not shares:
        return "NULL"
    limits, total = [], sum(shares)
    for number in range(1, len(shares)):
        part = sum(shares[:number])
        limits.append(
            f"WHEN (bucket - :held) * {total} < (10000 - :held) * {part} THEN '{ascii_uppercase[number - 1]}'"
        )
    return f"CASE {' '.join(limits)} ELSE '{ascii_uppercase[len(shares) - 1]}' END"


def _expected(lists: Iterable[str], excluded: Iterable[str]) -> Iterable[Expected]:
    sql = "SELECT name FROM marketing_list"
    yield from (Expected("--list", name, sql) for name in lists)
    yield from (Expected("--exclude", name, sql) for name in excluded)
