"""The groups of marketing lists in SQL: which accounts are in which group, and which are held out. Pure."""

from collections.abc import Iterable

from segcli.domain.campaigns.split import HOLDOUT, Group
from segcli.domain.clause import Clause

# The lists that a JSON array names, in their own spelling or in another one that no list has.
NAMED = """(m.name COLLATE BINARY IN (SELECT value FROM json_each({0})) OR label_key(m.name) IN (SELECT label_key(value)
         FROM json_each({0}) WHERE value NOT IN (SELECT name COLLATE BINARY FROM marketing_list)))"""
# The accounts of these lists with their group, and whether they are held out on any of them. After a merge an account can have two
# groups; that of its own code precedes.
ACCOUNTS = f"""SELECT g.account_id, coalesce(min(CASE WHEN g.account_code = x.code THEN g.group_name END), min(g.group_name)) AS group_name,
         max(CASE WHEN g.group_name = '{HOLDOUT}' THEN 1 ELSE 0 END) AS is_held
    FROM marketing_list_account AS g JOIN marketing_list AS m ON m.id = g.marketing_list_id JOIN account AS x ON x.id = g.account_id
   WHERE {{0}} GROUP BY g.account_id"""


def of_bucket(groups: Iterable[Group], bucket: str) -> str:
    """Return the SQL of the group that a bucket is in."""
    cases = [f"WHEN {bucket} >= {group.first} AND {bucket} < {group.past} THEN '{group.name}'" for group in groups]
    return f"CASE {' '.join(cases)} END"


def on_list(name: str, group: str = "") -> Clause:
    """Return the condition that a contact of `account AS a` is on a list and may be written to, or that the account is in a group."""
    held = """SELECT 1 FROM marketing_list_account AS g JOIN marketing_list AS m ON m.id = g.marketing_list_id
                WHERE g.account_id = a.id AND m.name = ? COLLATE BINARY AND g.group_name = ?"""
    if group:
        return Clause(f"EXISTS ({held})", (name, group))
    member = """SELECT 1 FROM contact AS c JOIN marketing_list_member AS k ON k.contact_id = c.id
                JOIN marketing_list AS m ON m.id = k.marketing_list_id WHERE c.account_id = a.id AND m.name = ? COLLATE BINARY"""
    return Clause(f"EXISTS ({member}) AND NOT EXISTS ({held})", (name, name, HOLDOUT))
