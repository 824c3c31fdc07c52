"""Trials: a small administration with something of everything, and the commands that change it or write files."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

SCHEMAS = Path(__file__).parents[1] / "schemas"
FILES = {
    "classes.yaml": "labels:\n  1: {label: Region, values: [N, S]}\n  2: {label: Value, values: [{code: A, description: Much}, B]}\n",
    "more.yaml": "labels:\n  2: {label: Worth, values: [{code: A, description: Most}, C]}\n  3: {label: Sector, values: [X, Y]}\n",
    "conditions.csv": "payment_condition,description,days\n14,Two weeks,14\n",
    "accounts.csv": "account,name,email,invoice_by,payment_condition,class1\nA,Ann,ann@a.example,email,14,N\nB,Bob & Co,bob@b.example,,14,S\n"
    "C,Carla,,,,\nD,Dirk,,,14,N\n",
    "later.csv": "account,name,email,class1,class2\nA,Anna,anna@a.example,S,A\n"
    + "".join(f"N{n},New {n},,N,\n" for n in range(30)),
    "contacts.csv": "account,contact,first_name,last_name,email,phone\nA,1,Fatima,Amrani,fatima@a.example,06-1\nB,1,Joost,Bakker,joost@b.example,\n",
    "people.csv": "account,contact,first_name,last_name,email,phone\nA,1,Fatima,el Amrani,fatima@a.example,06-2\n"
    + "".join(f"C,{n},Piet,Number {n},p{n}@c.example,\n" for n in range(20)),
    "items.csv": "item,description,sales_price,unit\nTEA,Tea,25.00,box\n",
    "lists.csv": "price_list,description,currency,item,new_price\nSHOP,Shops,EUR,TEA,20\nFAIR,The fair,EUR,TEA,18\n",
    "links.csv": "price_list,account\nSHOP,A\n",
    "types.csv": "subscription_type,description,frequency,timing,proration\nM,Monthly,monthly,advance,days\n",
    "heads.csv": "subscription,account,type,start_date\nS1,A,M,2026-01-31\nS2,B,M,2026-03-15\n",
    "lines.csv": "subscription,line_number,item,description,quantity,unit_price,vat_percent\nS1,1,,Licence,1,10,21\nS2,1,TEA,,3,19.99,9\n",
    "invoices.csv": "external_id,account,invoice_date,description,currency,status\ni1,A,2026-05-01,Tea,EUR,open\ni2,B,2026-05-02,Milk,EUR,open\n",
    "invoice-lines.csv": "invoice_id,line,description,quantity,unit_price,vat_percent\ni1,1,Tea,3,33.33,21\ni2,1,Milk,3,19.97,9\n",
    "sold.csv": "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    + "".join(f"F{n},2026-04-{n:02d},B,processed,EUR,10.00,2.10,12.10\n" for n in range(1, 20)),
    "sold-lines.csv": "invoice_number,line,item,description,quantity,unit_price,net_amount,vat_percent,vat_amount\n"
    + "".join(f"F{n},1,TEA,Tea,1,10.00,10.00,21,2.10\n" for n in range(1, 20)),
    "owed.csv": "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-03-01,2026-03-31,EUR,100.00\nB,2,2026-02-01,2026-03-01,EUR,50.50\n",
    "more-owed.csv": "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-03-01,2026-03-31,EUR,100.00\n"
    + "".join(f"C,{n},2026-05-01,2026-05-31,EUR,{n}.25\n" for n in range(10, 40)),
    "paid.csv": "account,invoice_number,term,allocation_date,currency,amount,reference\nA,1,1,2026-04-10,EUR,40.00,B1\nB,2,1,2026-04-11,EUR,0.50,B2\n",
    "tags.csv": "account,class1,class2\nA,S,A\nB,none,B\nC,N,B\nD,S,\n",
    "rules.yaml": "version: 1\nfield: Value\notherwise: keep\nrules:\n  - {id: north, set: A, when: class1 = N, why: in the north}\n"
    "  - {id: rest, set: B, when: '*', why: all others}\n",
    "report.yaml": "title: Debtors\nfiles:\n- {file: a.csv, show: outstanding-items}\n- {file: sub/b.xlsx, show: account-search}\n"
    "- {file: c.html, show: debtor-ageing}\n",
    "bad.csv": "account,name\nE,Eve\nF,\nG,Gus\n",
    "config.yaml": "letters: {name: Ours BV, iban: NL91 ABNA 0417 1643 00, email: us@us.example}\n"
    "reminders: {tolerance: 0, interval: 1, levels: [{action: letter, start: due date, days: 5, fee: 10, interest: 8}]}\n",
}
_BEFORE = (
    "conditions",
    "accounts",
    "contacts",
    "items",
    "lists",
    "links",
    "types",
    "heads",
    "lines",
    "invoices",
    "invoice-lines",
    "owed",
)
SETTING_UP = (
    ("init", "--name", "Ours"),
    ("classification", "import", "classes.yaml"),
    *(("import", f"{name}.csv") for name in _BEFORE),
    ("list", "create", "north", "--class1", "N"),
    ("tag", "C", "--set", "class2=B"),
)


class Trial(NamedTuple):
    """A command that changes something. What comes before it sets the stage; once more, it ends with `again`."""

    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    again: int = 0
    status: int = 0


def _apply(*words: str) -> tuple[str, ...]:
    return "--config", "config.yaml", "run", *words, "--apply", "--yes"


_TAG = ("tag", "--from", "tags.csv", "--yes")
TRIALS = {
    "import accounts": Trial(("import", "later.csv")),
    "import contacts": Trial(("import", "people.csv")),
    "import receivables": Trial(("import", "more-owed.csv")),
    "import allocations": Trial(("import", "paid.csv")),
    "import invoices": Trial(("import", "sold.csv")),
    "import invoice lines": Trial(("import", "sold-lines.csv"), (("import", "sold.csv"),)),
    "import and skip": Trial(("import", "bad.csv", "--on-error", "skip", "--rejects", "mend.csv"), again=5, status=5),
    "classification import": Trial(("classification", "import", "more.yaml")),
    "classification merge": Trial(("classification", "value", "merge", "1", "N", "S")),
    "tag from a file": Trial(_TAG),
    "tag a selection": Trial(("tag", "--class1", "N", "--set", "class2=A", "--yes")),
    "rules": Trial(("rules", "apply", "rules.yaml", "--yes")),
    "undo": Trial(("undo", "16", "--yes"), (_TAG,), again=1),
    "undo an action": Trial(("undo", "16", "--yes"), (_apply("link-price-list", "FAIR", "--all"),), again=1),
    "generate": Trial(_apply("generate-subscription-invoices", "--all")),
    "print invoices": Trial(_apply("print-invoices", "--all", "--folder", "out")),
    "print reminders": Trial(_apply("print-reminders", "--all", "--folder", "out")),
    "print statements": Trial(_apply("print-statements", "--all", "--folder", "out")),
    "print subscriptions": Trial(_apply("print-subscriptions", "--all", "--unprinted", "--folder", "out")),
    "new prices": Trial(_apply("update-subscription-prices", "--all", "--percent", "10", "--from", "2026-08-01")),
    "link a price list": Trial(_apply("link-price-list", "FAIR", "--all")),
    "anonymise": Trial(("contact", "anonymise", "fatima@a.example", "--yes")),
    "anonymise by code": Trial(("contact", "anonymise", "A:1", "--yes")),
    "list sync": Trial(("list", "sync"), (("tag", "C", "--set", "class1=N"), ("tag", "A", "--set", "class1=S"))),
    "report": Trial(("report", "report.yaml", "--folder", "out"), (("report", "report.yaml", "--folder", "out"), _TAG, ("import", "later.csv"))),
    "show into a file": Trial(("show", "account-search", "-o", "list.xlsx"), (("show", "debtor-ageing", "-o", "list.xlsx"),)),
    "show a page": Trial(("show", "account-search", "-o", "list.pdf"), (("show", "debtor-ageing", "-o", "list.pdf"),)),
    "export": Trial(("classification", "export", "-o", "c.yaml"), (("classification", "export", "-o", "c.yaml"), ("classification", "import", "more.yaml"))),
    "plan": Trial(("rules", "plan", "rules.yaml", "-o", "plan.json")),
    "backup": Trial(("backup", "copy.db"), again=2),
}  # fmt: skip


def write_files(folder: Path) -> None:
    """Write the files of the administration into a folder."""
    for name, text in FILES.items():
        (folder / name).write_text(text)


def older(path: Path, version: int) -> None:
    """Make a database of an older version, with something in it."""
    db = sqlite3.connect(path)
    db.create_function("fold", 1, str.lower, deterministic=True)
    db.executescript((SCHEMAS / f"{version}.sql").read_text(encoding="utf-8"))
    db.executescript("""
        INSERT INTO administration (id, name, currency) VALUES (1, 'Ours', 'EUR');
        INSERT INTO account (code, name, search_text) VALUES ('1', 'Jansen', '1' || char(10) || 'jansen'),
          ('2', 'Pieters', '2' || char(10) || 'pieters');
        INSERT INTO contact (account_id, code, name, search_text) VALUES (1, '1', 'Piet', 'piet');
        INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, currency, amount, open_amount)
          VALUES (1, 'invoice 7 1', '7', '2026-01-05', 'EUR', 10000, 10000);
        INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES (1, 'a', '2026-02-01', 3000);
        PRAGMA journal_mode = WAL;
    """)
    db.close()
    path.chmod(0o600)
