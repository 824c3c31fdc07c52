"""Tables to draw, and the pictures made of them."""

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import strategies as st

from segcli.domain.table import Chart, Column, Row, Table
from segcli.output.charts import Gatherer, Picture

COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("currency"),
    *(Column(name, "money", total="sum") for name in ("new", "old")),
)
STACKED = Chart(("new", "old"), "stacked", ("account", "name"))
SINGLE = Chart(("new",), "bar", ("account", "name"))


def table(rows: Iterable[Row], **changes: object) -> Table:
    return replace(Table("Ageing", COLUMNS, rows, currency_at=2), **changes)  # type: ignore[arg-type]


def pictures(rows: Iterable[Row], chart: Chart = STACKED, **changes: object) -> list[Picture]:
    gatherer = Gatherer(table(rows, **changes), chart)
    for _ in gatherer.watch(rows):
        pass
    return gatherer.pictures()


AMOUNTS = st.integers(-(2**62), 2**62) | st.integers(-300, 300)
ROWS = st.lists(
    st.tuples(st.text(max_size=6), st.none() | st.text(max_size=40), st.sampled_from(["EUR", "JPY"]), AMOUNTS, AMOUNTS),
    max_size=60,
)
