"""The accounts and items that a flat sales file names: found by code or GUID, and created if they are missing."""

from typing import NamedTuple

from segcli.importing.kinds.machinery.account_lookup import lookup
from segcli.importing.kinds.machinery.stage import Stage
from segcli.storage import summaries


class Made(NamedTuple):
    """What was created for the rows."""

    accounts: int
    items: int
    filled: int  # existing accounts and items that got a name, a country or a group that they lacked


def create(stage: Stage) -> Made:
    """Create the missing accounts and items; set account_id in temp.sale_order and fill temp.sale_item."""
    accounts, named = _accounts(stage)
    items, described = _items(stage) if stage.has("item") else (0, 0)
    return Made(accounts, items, named + described)


def _accounts(stage: Stage) -> tuple[int, int]:
    stage.execute("DROP TABLE IF EXISTS temp.sale_account")
    stage.execute(
        "CREATE TEMP TABLE sale_account (code TEXT PRIMARY KEY, name TEXT, country TEXT, id INTEGER) WITHOUT ROWID"
    )
    stage.execute(
        f"INSERT INTO temp.sale_account SELECT account, max(name), max(country), {lookup('account')} FROM temp.sale_order"
        " GROUP BY account"
    )
    filled = _fill_accounts(stage)
    made = stage.execute(
        "INSERT INTO account (code, name, country, search_text, added_run_id) SELECT code, coalesce(name, code), country,"
        " fold(code || char(10) || coalesce(name, code)), ? FROM temp.sale_account WHERE id IS NULL ORDER BY code",
        stage.run_id,
    ).rowcount
    stage.execute(f"UPDATE temp.sale_account SET id = {lookup('sale_account.code')} WHERE id IS NULL")
    stage.execute(
        "UPDATE temp.sale_order SET account_id = (SELECT a.id FROM temp.sale_account AS a WHERE a.code = account)"
    )
    return made, filled


def _fill_accounts(stage: Stage) -> int:
    """Fill in the country of accounts that have none, and the name of those of which only the code is known."""
    filled = stage.execute(
        "UPDATE account SET country = s.country FROM temp.sale_account AS s"
        " WHERE s.id = account.id AND account.country IS NULL AND s.country IS NOT NULL"
    ).rowcount
    return (
        filled
        + stage.execute(
            "UPDATE account SET name = s.name, search_text = fold(account.code || char(10) || s.name) FROM temp.sale_account AS s"
            " WHERE s.id = account.id AND account.name = account.code AND s.name <> account.name"
            " AND account.search_text = fold(account.code || char(10) || account.code)"
        ).rowcount
    )


def _items(stage: Stage) -> tuple[int, int]:
    description, group = (name if stage.has(name) else "NULL" for name in ("description", "item_group"))
    stage.execute("DROP TABLE IF EXISTS temp.sale_item")
    stage.execute(
        "CREATE TEMP TABLE sale_item (code TEXT PRIMARY KEY, description TEXT, item_group TEXT, id INTEGER) WITHOUT ROWID"
    )
    find = "coalesce((SELECT t.id FROM item AS t WHERE t.code = {0}), (SELECT t.id FROM item AS t WHERE t.external_id = {0}))"
    stage.execute(
        f"INSERT INTO temp.sale_item SELECT item, max(description), max(item_group), {find.format('item')} FROM"
        f" (SELECT DISTINCT item, {description} AS description, {group} AS item_group FROM {{stage}} WHERE item IS NOT NULL) GROUP BY item"
    )
    summaries.touch(  # invoices are counted once per item group
        stage.db,
        "SELECT l.invoice_id FROM temp.sale_item AS s JOIN item AS t ON t.id = s.id JOIN invoice_line AS l ON l.item_id = t.id"
        " WHERE t.item_group IS NULL AND s.item_group IS NOT NULL",
    )
    filled = stage.execute(
        "UPDATE item SET item_group = coalesce(item.item_group, s.item_group),"
        " description = iif(item.description = item.code, coalesce(s.description, item.code), item.description)"
        " FROM temp.sale_item AS s WHERE s.id = item.id AND (item.item_group IS NULL AND s.item_group IS NOT NULL"
        " OR item.description = item.code AND s.description <> item.code)"
    ).rowcount
    made = stage.execute(
        "INSERT INTO item (code, description, item_group) SELECT code, coalesce(description, code), item_group"
        " FROM temp.sale_item WHERE id IS NULL ORDER BY code"
    ).rowcount
    stage.execute(f"UPDATE temp.sale_item SET id = {find.format('sale_item.code')} WHERE id IS NULL")
    return made, filled
