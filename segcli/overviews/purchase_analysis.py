"""Purchase analysis: purchases by supplier, period, item, item group, country or class.

This is sales-analysis for purchase invoices: --group-by gives the dimensions of the rows (default: account, the
supplier). revenue is the amount bought, without VAT; credit notes subtract. --compare, --abc and --top work as in
sales-analysis.
"""

from segcli.domain.table import Overview
from segcli.overviews.parts import analysis
from segcli.query.compose import Request

AREA = "Invoices, sales, purchase, prices"
PARAMETERS = ("item", "item_group", "across", "compare", "abc", "top", "base_currency", "chart")
EXAMPLES = (
    "segcli show purchase-analysis --period 2026 --group-by month",
    "segcli show purchase-analysis --abc --sort -revenue",
)


asks = analysis.asks


def overview(request: Request) -> Overview:
    """Return the analysis of what was bought."""
    return analysis.overview(request, "purchase", "ordered_by_id")
