"""Sales analysis: quantity, revenue, cost and margin by any dimensions: period, item, item group, account, country, class.

--group-by says which dimensions are the rows: month, quarter, year, item, item_group, account, manager, country, class1 to
class8, … (default: account). Processed invoices only; credit notes subtract; revenue is without VAT. Accounts are those that
ordered; --role invoice-to or deliver-to looks at the others. --compare puts the period before or the same of the last year
beside it. --abc: A are the largest that make up 80 % of the revenue (the one that crosses it included), B those up to
95 %, C the rest; equal ones share a class, and what is not above zero has "no value". --top N adds up all beyond the N
largest. Amounts are rounded when they are shown, never before.
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
