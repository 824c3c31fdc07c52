"""A small administration with known balances, and statements of it, for the tests of statements."""

from pathlib import Path
from typing import Any

from conftest import APPLY, Run

ACCOUNTS = """account,name,address,postcode,city,country,email,language
C,Client,Street 1,1000 AA,Town,NL,c@c.example,en
D,Afnemer,Straat 2,2000 BB,Stad,NL,,nl
E,Kunde,Gasse 3,30000,Ort,DE,e@e.example,de
N,Nothing,,,,,n@n.example,en
"""
# F-1 is paid in two parts, CR-1 is set off against F-2, and 30 came in for nothing in particular.
ITEMS = """account,invoice_number,invoice_date,due_date,currency,amount,entry_number
C,F-1,2026-05-10,2026-06-09,EUR,100.00,1
C,F-2,2026-06-05,2026-07-05,EUR,250.50,2
C,CR-1,2026-06-10,,EUR,-50.00,3
C,,2026-06-20,,EUR,-30.00,4
C,U-1,2026-04-01,2026-05-01,USD,10.00,5
D,F-3,2026-02-01,2026-03-03,EUR,75.25,6
E,F-4,2026-06-30,2026-07-30,EUR,12.34,7
N,F-5,2026-01-01,2026-01-31,EUR,5.00,8
"""
PAID = """account,invoice_number,allocation_date,amount
C,F-1,2026-05-20,60.00
C,F-1,2026-06-12,40.00
C,F-2,2026-06-15,50.00
C,CR-1,2026-06-15,-50.00
N,F-5,2026-02-01,5.00
"""
CONFIG = "letters: {name: Ours, iban: NL91ABNA0417164300}\n"


def filled(segcli: Run, config: str = CONFIG) -> None:
    """Import the administration."""
    for name, text in (("accounts.csv", ACCOUNTS), ("items.csv", ITEMS), ("paid.csv", PAID)):
        Path(name).write_text(text)
        done = segcli("import", name)
        assert done.status == 0, done.err
    Path("config.yaml").write_text(config)


def preview(segcli: Run, *words: object) -> list[dict[str, Any]]:
    """Return the rows of the preview."""
    done = segcli("--config", "config.yaml", "run", "print-statements", *words, "-f", "json")
    assert done.status == 0, done.err
    return done.rows


def printed(segcli: Run, *words: object, status: int = 0) -> str:
    """Print statements of all accounts into out/, and return what was told."""
    done = segcli("--config", "config.yaml", "run", "print-statements", *words, "--folder", "out", *APPLY)
    assert (done.status, done.out) == (status, ""), done.err
    return done.err
