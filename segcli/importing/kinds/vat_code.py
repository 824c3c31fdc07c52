"""VAT codes: their rates and VAT categories."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.bounds import VAT
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("vat_code", "code", "vatcode btwcode code", is_required=True, column="code", about="VAT code, unique"),
    Field("description", "text", "vatcodedescription omschrijving", about="Description of the VAT code"),
    Field("percent", "decimal", "percentage vatpercentage btwpercentage vatpercent", is_required=True, bound=VAT,
          about="VAT rate in per cent, 21 for 21 %"),
    Field("category", "vat_category", "vatcategory",
          about="Category in e-invoices: S, Z, E, AE, K, G or O; without it S (standard)"),
)  # fmt: skip
_DEFAULTS = {"description": "''", "category": "'S'"}


def merge(stage: Stage) -> Counts:
    """Upsert the staged VAT codes by code."""
    upsert.refuse_duplicates(stage, ("vat_code",), "vat_code")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    target = upsert.Target("vat_code", "t.code = s.vat_code", columns, _DEFAULTS, frozenset(_DEFAULTS), ("code",))
    return upsert.upsert(stage, target)


KIND = Kind("vat_code", "VAT codes", FIELDS, merge, rank=2, never="quantity aantal itemcode item invoicenumber amount")
