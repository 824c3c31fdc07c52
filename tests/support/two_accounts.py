"""Two accounts, and what they owe."""

from pathlib import Path

from conftest import Run

ACCOUNTS = "account,name\nA,Alpha\nB,Beta\n"


def load(segcli: Run, *texts: str) -> None:
    for number, text in enumerate((ACCOUNTS, *texts)):
        Path(f"in{number}.csv").write_text(text, encoding="utf-8")
        done = segcli("import", f"in{number}.csv")
        assert (done.status, done.err) == (0, "")


def items(*rows: str) -> str:
    return "account,invoice_number,invoice_date,due_date,currency,amount\n" + "".join(f"{row}\n" for row in rows)
