"""Mailing list: one row per e-mail address, with its legal basis and an optional test group.

The list is made in this order: take the contacts of the selected accounts, or of --list; remove the addresses of the
--exclude lists; remove those that may not be mailed (account or contact excluded, blocked or ended; opted out; address
missing or malformed; no flag overrides this); keep one contact per address, main contacts first, then the oldest;
remove the holdout, of the list or of --holdout. An address that is removed for one contact is removed for all, in any
spelling. On a terminal each step reports its count. The basis is the one recorded for the contact by that day: consent,
customer, or a published address. Without a record, it is customer if the account was invoiced in the three years up to
the as-of day. --basis keeps only these bases. --split 90:10 assigns accounts to groups A, B, … by a hash of --seed and
their code, so that neither new accounts nor another order changes a group.
"""

import json
from collections.abc import Iterable

from segcli.base.dates import add_months
from segcli.base.errors import UsageError
from segcli.domain.campaigns import split
from segcli.domain.campaigns.split import HOLDOUT
from segcli.domain.catalogue import parse_values
from segcli.domain.clause import EVERYTHING, Clause, named, text_values
from segcli.domain.table import Column, Expected, Overview, Refused
from segcli.overviews.parts.mailing import JOINED, SUPPRESSED, WHY_NOT
from segcli.query import list_groups
from segcli.query.compose import Request

AREA = "Accounts and contacts"
PARAMETERS = ("of_list", "exclude", "basis", "split", "holdout", "seed", "only_group")
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
    Column("test_group", heading="Group", is_extra=True),
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
_MEMBERS = f"""SELECT k.contact_id FROM marketing_list_member AS k JOIN marketing_list AS m ON m.id = k.marketing_list_id
   WHERE {list_groups.NAMED.format(":{name}")}"""
_SPLIT = f"FROM marketing_list AS m WHERE m.split IS NOT NULL AND {list_groups.NAMED.format(':listed')}"
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
         {{group}} AS test_group, {{held}} AS is_held
    FROM selection AS s {JOINED}{{grouped}} WHERE {{universe}}
),
held AS (SELECT DISTINCT mail FROM candidate WHERE is_held = 1 AND mail IS NOT NULL),
allowed AS (SELECT * FROM candidate AS c WHERE NOT is_excluded AND why_not IS NULL AND ({{basis}})),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY mail ORDER BY is_main_contact DESC, contact_id) AS place,
         {{sharing}} AS sharing, mail IN (SELECT mail FROM held) AS is_out FROM allowed
)"""
_STEPS = """
SELECT 'contacts', count(*) FROM candidate
UNION ALL SELECT * FROM (SELECT 'excluded: on a list of --exclude', count(*) AS n FROM candidate WHERE is_excluded) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'not written to: ' || why_not, count(*) FROM candidate WHERE NOT is_excluded AND why_not IS NOT NULL
                          GROUP BY why_not ORDER BY 2 DESC)
UNION ALL SELECT * FROM (SELECT 'without a basis that --basis asks for', count(*) - (SELECT count(*) FROM allowed) AS n FROM candidate
                          WHERE NOT is_excluded AND why_not IS NULL) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'the same address again', count(*) AS n FROM ranked WHERE place > 1) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'held out', count(*) AS n FROM ranked WHERE place = 1 AND is_out) WHERE n > 0
UNION ALL SELECT * FROM (SELECT 'in another group', count(*) AS n FROM ranked WHERE place = 1 AND NOT is_out AND NOT ({only})) WHERE n > 0
UNION ALL SELECT 'to write to', count(*) FROM ranked WHERE place = 1 AND NOT is_out AND ({only})"""


def overview(request: Request) -> Overview:
    """Return the list as of the request's day."""
    asked = request.values
    lists, excluded = (tuple(asked.get(name) or ()) for name in ("of_list", "exclude"))
    universe = f"c.id IN ({_MEMBERS.format(name='listed')})" if lists else "TRUE"
    basis, values = named(_basis(asked.get("basis") or ()), "basis")
    drawn = split.read(asked.get("split"), asked.get("holdout"))
    if (drawn.shares or drawn.holdout) and not asked.get("seed"):
        raise UsageError("--split and --holdout need a --seed", "any word: the same word gives the same groups")
    only, of_group = named(_only(asked.get("only_group") or ()), "only")
    sharing = "count(*) OVER (PARTITION BY mail)" if request.names("sharing") else "NULL"
    ctes = _CONTACTS.format(universe=universe, basis=basis, sharing=sharing, **_groups(drawn, lists))
    values |= {"as_of": str(request.as_of), "since": str(add_months(request.as_of, -12 * _YEARS)), **of_group}
    values |= {"seed": asked.get("seed") or "", "listed": json.dumps(lists), "excluded": json.dumps(excluded)}
    return Overview(
        columns=COLUMNS,
        keeps=("email", "contact_name", "name"),
        counts="contacts",
        is_of_all=True,
        sql=f"""WITH {ctes}
SELECT account_id, account, name, email, contact_name, first_name, middle_name, last_name, contact, job_title, phone, language,
       is_main_contact, basis, basis_source, basis_date, sharing, contact_id, test_group
  FROM ranked WHERE place = 1 AND NOT is_out AND ({only})""",
        sort=("account", "email"),
        values=values,
        expects=tuple(_expected(lists, excluded)),
        refuses=tuple(_refused(drawn, lists, asked.get("only_group") or ())),
        shown_if={"test_group": "SELECT 1" if drawn.shares else f"SELECT 1 {_SPLIT}"},
        steps=f"{ctes} {_STEPS.format(only=only)}",
    )


def _groups(drawn: split.Split, lists: Iterable[str]) -> dict[str, str]:
    """Return the SQL of the group of a contact's account, of whether it is held out, and of the join that both need."""
    if drawn.shares or drawn.holdout:
        bucket = list_groups.of_bucket(drawn.groups, "bucket(:seed, s.account)")
        group = f"nullif({bucket}, '{HOLDOUT}')" if drawn.shares else "NULL"
        held = f"CASE WHEN {bucket} = '{HOLDOUT}' THEN 1 ELSE 0 END" if drawn.holdout else "0"
        return {"group": group, "held": held, "grouped": ""}
    if not lists:
        return {"group": "NULL", "held": "0", "grouped": ""}
    found = list_groups.ACCOUNTS.format(list_groups.NAMED.format(":listed"))
    return {"group": "p.group_name", "held": "coalesce(p.is_held, 0)",
            "grouped": f" LEFT JOIN ({found}) AS p ON p.account_id = s.id"}  # fmt: skip


def _only(given: Iterable[str]) -> Clause:
    lists = [parse_values(text, "--group") for text in given]
    if any(word.lower() == HOLDOUT for values in lists for word in values.words):
        raise UsageError("--group: the holdout is never written to", "its size: segcli list show NAME")
    return text_values("test_group", lists, "text") if lists else EVERYTHING


def _refused(drawn: split.Split, lists: Iterable[str], groups: Iterable[str]) -> Iterable[Refused]:
    """Yield what contradicts the groups of the lists."""
    own = f"SELECT 1 {_SPLIT}"
    yield Refused(
        f"SELECT 1 FROM (SELECT count(DISTINCT label_key(m.name)) AS lists {_SPLIT}) WHERE lists > 1",
        "two of the lists have groups of their own",
        "show one at a time",
    )
    if drawn.shares or drawn.holdout:
        yield Refused(own, "the list has groups of its own", "leave --split and --holdout out")
        return
    for word in (word for text in groups for word in parse_values(text, "--group").words):
        found = f"SELECT DISTINCT g.group_name FROM marketing_list_account AS g WHERE g.marketing_list_id IN (SELECT m.id {_SPLIT})"
        clause, values = named(text_values("group_name", [parse_values(word, "--group")], "text"), "word")
        sql = f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM ({found}) WHERE {clause})"
        yield Refused(
            sql,
            f"--group: there is no group '{word}'",
            "see: segcli list show NAME" if lists else "add --list NAME",
            values,
        )


def _basis(given: Iterable[str]) -> Clause:
    lists = [parse_values(text, "--basis") for text in given]
    unknown = [w for values in lists for w in values.words if w.lower() not in {*BASES, "none", "any"}]
    if unknown:
        raise UsageError(f"--basis: there is no '{unknown[0]}'", f"there is: {', '.join(BASES)}, none, any")
    return text_values("c.basis", lists, "text")


def _expected(lists: Iterable[str], excluded: Iterable[str]) -> Iterable[Expected]:
    sql = "SELECT name FROM marketing_list"
    yield from (Expected("--list", name, sql) for name in lists)
    yield from (Expected("--exclude", name, sql) for name in excluded)
