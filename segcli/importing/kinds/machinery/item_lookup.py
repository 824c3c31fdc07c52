"""The item of a line: found by code or GUID, or created on request; otherwise the line is rejected."""

from segcli.base.text import counted
from segcli.importing.kinds.machinery.stage import Stage


def item_of(item: str) -> str:
    """Return the SQL of an item's id; `item` is the SQL of its code or GUID."""
    return f"coalesce((SELECT t.id FROM item AS t WHERE t.code = {item}), (SELECT t.id FROM item AS t WHERE t.external_id = {item}))"


def find_items(stage: Stage) -> tuple[str, ...]:
    """Set final_item on each line; a line with an unknown code is rejected, or the item created on request."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN final_item INTEGER")
    if not stage.has("item"):
        return ()
    _find(stage)
    return settle_items(stage)


def _find(stage: Stage) -> None:
    """Set final_item where it is not known."""
    found = item_of(f"{stage.table.removeprefix('temp.')}.item")
    stage.execute(f"UPDATE {{stage}} SET final_item = {found} WHERE item IS NOT NULL AND final_item IS NULL")


def settle_items(stage: Stage) -> tuple[str, ...]:
    """Create the items that lines lack, if wished; else reject the lines. Those that are known have their final_item."""
    if not stage.has("item"):
        return ()
    if stage.options.must_create:
        text = "coalesce(max(description), item)" if stage.has("description") else "item"
        stage.execute(
            f"INSERT INTO item (code, description) SELECT item, {text} FROM {{stage}} WHERE final_item IS NULL AND item IS NOT NULL"
            " AND length(item) <> 36 GROUP BY item"
        )
        _find(stage)
    stage.reject(  # not for GUIDs: such a line is kept with its description only
        f"SELECT n, place, item FROM {stage.table} WHERE final_item IS NULL AND item IS NOT NULL AND length(item) <> 36",
        "item",
        "there is no such item",
        "import the items first, or use --create-missing",
    )
    nameless = stage.execute("SELECT count(*) FROM {stage} WHERE item IS NOT NULL AND final_item IS NULL").fetchone()[0]
    return (
        (f"{counted(nameless, 'line')} with an unknown item id: import the items, then this file again",)
        if nameless
        else ()
    )
