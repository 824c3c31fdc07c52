"""Ledger accounts: the chart of accounts, and which of them are control accounts of debtors or creditors."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("gl_account", "code", "glaccountcode glaccountnumber grootboekrekening grootboek rekening rekeningnummer "
          "accid ledgeraccount code", is_required=True, column="code", about="Number of the ledger account, unique"),
    Field("description", "text", "glaccountdescription omschrijving accdesc name naam",
          about="Description of the ledger account"),
    Field("type", "balance_type", "balancetype acctp", about="B for the balance sheet, P (or W) for profit and loss"),
    Field("subledger", "subledger", "subadministratie",
          about="debtors or creditors, for the control account of a subledger"),
    Field("is_blocked", "flag", "blocked isblocked geblokkeerd", about="Whether the ledger account is blocked"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_DEFAULTS = {"description": "''", "is_blocked": "0"}


def merge(stage: Stage) -> Counts:
    """Upsert the staged ledger accounts by code."""
    upsert.refuse_duplicates(stage, ("gl_account",), "gl_account")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    required = frozenset({*_DEFAULTS, "subledger"})  # a blank cell does not clear the subledger
    target = upsert.Target("gl_account", "t.code = s.gl_account", columns, _DEFAULTS, required, keys=("code",))
    return upsert.upsert(stage, target)


KIND = Kind("gl_account", "ledger accounts", FIELDS, merge, rank=4, also=("glaccount", "glaccounts"))
