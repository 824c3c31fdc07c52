"""Links between accounts and price lists; an account has at most one."""

from segcli.importing.kinds.machinery import price_list_fields, upsert
from segcli.importing.kinds.machinery.account_headings import CUSTOMER
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    price_list_fields.LIST,
    Field("account", "code", CUSTOMER, is_required=True,
          surely="accountcode", about="Number of the account that has this price list"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged links; a link replaces the account's earlier one."""
    resolve(stage)
    price_list_fields.find_list(stage)
    upsert.refuse_duplicates(stage, ("account_id",), "account")
    total = stage.count()
    changed = stage.execute(
        "UPDATE price_list_link SET price_list_id = s.list_id FROM {stage} AS s"
        " WHERE price_list_link.account_id = s.account_id AND price_list_link.price_list_id <> s.list_id"
    ).rowcount
    added = stage.execute(
        "INSERT INTO price_list_link (account_id, price_list_id) SELECT s.account_id, s.list_id FROM {stage} AS s"
        " WHERE true ON CONFLICT DO NOTHING"
    ).rowcount
    return Counts(added, changed, total - added - changed)


KIND = Kind("price_list_link", "price list links", FIELDS, merge, rank=6, never="item itemcode newprice discount price")
