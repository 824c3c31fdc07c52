"""The columns of the account itself, which every overview has. Pure data."""

from segcli.classification import CLASSES
from segcli.overview import Column

CLASS_NAMES = tuple(f"{name}_name" for name in CLASSES)
# What every overview can show, sort and group by for nothing, taken from the account itself.
ACCOUNT_COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("search_code"),
    Column("address"),
    Column("city"),
    Column("postcode"),
    Column("state"),
    Column("country"),
    Column("email", heading="E-mail"),
    Column("phone"),
    Column("language"),
    Column("manager"),
    Column("sector"),
    Column("vat_number", heading="VAT number"),
    Column("chamber_of_commerce"),
    *(Column(name, "code") for name in CLASSES),
    *(Column(name) for name in CLASS_NAMES),
)
