"""Two accounts, and what they owe."""

from conftest import Run
from import_case import bring

ACCOUNTS = "account,name\nA,Alpha\nB,Beta\n"


def load(segcli: Run, *texts: str) -> None:
    for number, text in enumerate((ACCOUNTS, *texts)):
        done = bring(segcli, text, name=f"in{number}.csv")
        assert (done.status, done.err) == (0, "")


def items(*rows: str) -> str:
    return "account,invoice_number,invoice_date,due_date,currency,amount\n" + "".join(f"{row}\n" for row in rows)
