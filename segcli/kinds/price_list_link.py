"""Links of price lists: which account has which; one account has one."""

from segcli.kinds import _merge, _pricing
from segcli.kinds._account import resolve
from segcli.kinds._kind import Field, Kind
from segcli.kinds._stage import Counts, Stage

FIELDS = (
    _pricing.LIST,
    Field("account", "code", "relatie relatiecode klant klantcode customer debiteur", is_required=True,
          surely="accountcode"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Bring the staged links in; a link takes the place of the account's former one."""
    resolve(stage)
    _pricing.find_list(stage)
    _merge.refuse_duplicates(stage, ("account_id",), "account", "the price list of this account")
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
