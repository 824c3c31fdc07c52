"""Sales analysis: quantity, revenue, cost and margin by period, item, item group, account, country or class.

--group-by gives the dimensions of the rows: week, month, quarter, year, item, item_group, account, manager, country,
class1 to class8, … (default: account). Weeks are those of ISO 8601: 2026W05 is Monday 26 January to Sunday 1 February.
Periods without invoices have rows of 0 where a period is the only dimension, and columns of 0 with --across: within
--period, --from and --to, else between the first and the last invoice. Only processed invoices count; credit notes
subtract; revenue is without VAT. Accounts are those that ordered; --role invoice-to or deliver-to selects by another
role. --compare adds the previous period or the same period a year earlier. --abc adds ABC classes: A are the largest
rows that make up 80 % of the revenue (including the one that crosses the limit), B those up to 95 %, C the rest. Equal
rows share a class, and rows at or below zero have "no value". --top N sums all rows beyond the N largest. Amounts are
rounded only for display.
"""

from segcli.domain.table import Overview
from segcli.overviews.parts import analysis
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request

AREA = "Invoices, sales, purchase, prices"
PARAMETERS = ("role", "item", "item_group", "across", "compare", "abc", "top", "base_currency", "chart")
EXAMPLES = (
    "segcli show sales-analysis --period 2026Q1 --group-by item_group,class1",
    "segcli show sales-analysis --group-by month --chart --period 2026 -f plain",
    "segcli show sales-analysis --group-by account --abc --sort -revenue --limit 20",
)


asks = analysis.asks


def overview(request: Request) -> Overview:
    """Return the analysis of what was sold."""
    role = ROLES[request.values.get("role") or "ordered-by"]
    return analysis.overview(request, "sales", role)
