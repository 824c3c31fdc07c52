"""What `list list` and `list show` show: the marketing lists, and the groups of one."""

from segcli.discover.campaigns import groups
from segcli.discover.campaigns.members import Listed
from segcli.domain.campaigns import split
from segcli.domain.table import Column, Table
from segcli.storage.reader import Reader

_LISTS = (
    Column("name"),
    Column("sync"),
    Column("contacts", "integer"),
    Column("groups"),
    Column("flags"),
    Column("description"),
)
_GROUPS = (
    Column("test_group", heading="Group"),
    Column("share", "percent"),
    Column("accounts", "integer", total="sum"),
    Column("left", "integer", "Left the list", total="sum"),
    Column("contacts", "integer", total="sum"),
)
_PERCENT = 100


def every(db: Reader) -> Table:
    """Return the table of all lists."""
    found = db.execute(
        "SELECT l.id, l.name, l.sync, (SELECT count(*) FROM marketing_list_member AS k WHERE k.marketing_list_id = l.id),"
        " l.flags, l.description FROM marketing_list AS l ORDER BY l.name"
    ).fetchall()
    rows = [(*row[1:4], groups.words(db, row[0]), *row[4:]) for row in found]
    return Table("Marketing lists", _LISTS, rows, with_totals=False)


def one(db: Reader, found: Listed) -> Table:
    """Return the groups of a list; a list without groups has one row, without a name."""
    if found.split is None:
        sql = """SELECT '', NULL, count(DISTINCT c.account_id), 0, count(*) FROM marketing_list_member AS k
                   JOIN contact AS c ON c.id = k.contact_id WHERE k.marketing_list_id = ?"""
        return Table(
            "Groups", _GROUPS, db.execute(sql, (found.id,)), f"list {found.name}, without groups", with_totals=False
        )
    drawn = split.stored(found.split)
    sizes = {name: rest for name, *rest in groups.sizes(db, found.id)}
    rows = []
    for group, weight in zip(drawn.groups, drawn.weights, strict=True):
        accounts, contacts, left = sizes.get(group.name, (0, 0, 0))
        rows.append((group.name, _PERCENT * weight / sum(drawn.weights), accounts, left, contacts))
    about = f"list {found.name} · split {drawn.words} on {found.split_date} · seed {found.seed}"
    return Table("Groups", _GROUPS, rows, about)
