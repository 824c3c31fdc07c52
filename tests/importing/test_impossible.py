"""What cannot be is refused at every entrance, by one rule: numbers beyond their bounds, an end before its start."""

import json
from pathlib import Path

import pytest
from conftest import Once, Run, connected, fingerprint

from segcli.importing.kinds.machinery import bounds


def _books(segcli: Run) -> None:
    files = {
        "a.csv": "account,name,start_date,end_date\nA,Ann,2026-01-01,2026-12-31\n",
        "i.csv": "item,description,unit\nTEA,Tea,kg\n",
        "n.csv": "invoice,account,invoice_date,net_amount,vat_amount\n1,A,2026-05-01,10,2.10\n",
        "s.csv": "subscription,account,start_date,end_date,cancellation_date\nS1,A,2026-03-01,2026-12-31,\n",
        "l.csv": "subscription,line_number,description,unit_price,start_date,end_date\nS1,1,Licence,10,2026-04-01,2026-11-30\n",
        "r.csv": "request,description,start_date,end_date\nR-1,Fair,2026-05-01,2026-05-03\n",
    }
    for name, text in files.items():
        Path(name).write_text(text)
        done = segcli("import", name)
        assert done.status == 0, done.err


@pytest.fixture
def books(once: Once, empty: Path) -> Path:
    """Return a database with an account, an item, an invoice, a subscription with a line, a request and a price list."""
    once(_books)
    return empty


REFUSED = {
    # kind, columns, values, the column that is named, the reason
    "a discount of an invoice line": ("invoice_line", "invoice_number,description,quantity,unit_price,discount_percent", "1,Tea,1,10,100.01",
                                      "discount_percent", "a discount is 100 % at most"),
    "a VAT rate below 0": ("invoice_line", "invoice_number,description,quantity,unit_price,vat_percent", "1,Tea,1,10,-21",
                           "vat_percent", "a VAT rate is 0 to 100 %"),
    "a VAT rate above 100": ("invoice_line", "invoice_number,description,quantity,unit_price,vat_percent", "1,Tea,1,10,2100",
                             "vat_percent", "a VAT rate is 0 to 100 %"),
    "a VAT code below 0": ("vat_code", "vat_code,percent", "X,-9", "percent", "a VAT rate is 0 to 100 %"),
    "a discount of a subscription line": ("subscription_line", "subscription,line_number,description,unit_price,discount_percent",
                                          "S1,2,More,10,250", "discount_percent", "a discount is 100 % at most"),
    "the VAT of a subscription line": ("subscription_line", "subscription,line_number,description,unit_price,vat_percent",
                                       "S1,2,More,10,-1", "vat_percent", "a VAT rate is 0 to 100 %"),
    "a discount of a subscription with its line": ("subscription", "subscription,account,start_date,description,unit_price,discount_percent",
                                                   "S2,A,2026-01-01,x,10,101", "discount_percent", "a discount is 100 % at most"),
    "a cancellation before the start": ("subscription", "subscription,account,start_date,cancellation_date", "S2,A,2026-03-01,2026-02-28",
                                        "cancellation_date", "this lies before the start, 2026-03-01"),
    "a start after the end that is known": ("subscription", "subscription,account,start_date", "S1,A,2027-01-01",
                                            "start_date", "this lies after the end, 2026-12-31"),
    "an end of a subscription": ("subscription", "subscription,account,start_date,end_date", "S2,A,2026-03-01,2026-02-01",
                                 "end_date", "this lies before the start, 2026-03-01"),
    "an end of a line": ("subscription_line", "subscription,line_number,description,unit_price,start_date,end_date",
                         "S1,2,x,1,2026-05-02,2026-05-01", "end_date", "this lies before the start, 2026-05-02"),
    "an end of a line whose start is known": ("subscription_line", "subscription,line_number,description,unit_price,end_date",
                                              "S1,1,Licence,10,2026-03-31", "end_date", "this lies before the start, 2026-04-01"),
    "an end of an account": ("account", "account,name,start_date,end_date", "B,Bob,2026-02-02,2026-02-01",
                             "end_date", "this lies before the start, 2026-02-02"),
    "an end of an account whose start is known": ("account", "account,name,end_date", "A,Ann,2025-12-31",
                                                  "end_date", "this lies before the start, 2026-01-01"),
    "a start of an account whose end is known": ("account", "account,name,start_date", "A,Ann,2027-01-01",
                                                 "start_date", "this lies after the end, 2026-12-31"),
    "an end of a request": ("request", "request,description,start_date,end_date", "R-2,x,2026-05-02,2026-05-01",
                            "end_date", "this lies before the start, 2026-05-02"),
    "an end of a request on its day": ("request", "request,description,start_date,start_time,end_time", "R-2,x,2026-05-02,14:00,13:30",
                                       "end_time", "this lies before the start, 14:00"),
    "a quantity break below 0": ("price_list", "price_list,item,minimum_quantity,new_price", "P,TEA,-1,5",
                                 "minimum_quantity", "a break is 0 or more"),
    "a discount of a price list": ("price_list", "price_list,item,discount", "P,TEA,100.5", "discount", "a discount is 100 % at most"),
    "a period of a price list": ("price_list", "price_list,item,start_date,end_date,new_price", "P,TEA,2026-05-02,2026-05-01,5",
                                 "end_date", "this lies before the start, 2026-05-02"),
    "a price below 0": ("price_list", "price_list,item,new_price", "P,TEA,-5", "new_price", "a price is 0 or more"),
    "a rate of nothing": ("price_list", "price_list,currency,rate,item,new_price", "P,USD,0,TEA,5", "rate", "a rate is more than 0"),
}  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_says_what_cannot_be_is_refused(segcli: Run, books: Path, name: str, form: str) -> None:
    kind, header, row, column, reason = REFUSED[name]
    if form == "csv":
        Path("x.csv").write_text(f"{header}\n{row}\n")
    else:
        Path("x.json").write_text(json.dumps([dict(zip(header.split(","), row.split(","), strict=True))]))
    before = fingerprint(books)
    refused = segcli("import", f"x.{form}", "--as", kind, "--decimal", ".")
    assert refused.status == 1
    assert f":{column}: '" in refused.err
    assert reason in refused.err
    assert fingerprint(books) == before


ACCEPTED = {
    "a surcharge": ("invoice_line", "invoice_number,description,quantity,unit_price,discount_percent", "1,Tea,1,10,-5"),
    "a gift": ("invoice_line", "invoice_number,description,quantity,unit_price,discount_percent", "1,Tea,1,10,100"),
    "a credit": ("invoice_line", "invoice_number,description,quantity,unit_price,vat_percent", "1,Tea,-1,10,0"),
    "a price list that is dearer": ("price_list", "price_list,item,discount,surcharge", "P,TEA,-10,-0.05"),
    "one day": ("subscription", "subscription,account,start_date,end_date,cancellation_date", "S2,A,2026-03-01,2026-03-01,2026-03-01"),
    "an account of one day": ("account", "account,name,start_date,end_date", "B,Bob,2026-02-02,2026-02-02"),
    "an end that moves with its start": ("account", "account,name,start_date,end_date", "A,Ann,2028-01-01,2028-12-31"),
    "an end that is taken away": ("account", "account,name,start_date,end_date", "A,Ann,2028-01-01,"),
    "over midnight": ("request", "request,description,start_date,start_time,end_date,end_time", "R-2,x,2026-05-02,22:00,2026-05-03,01:00"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_unusual_and_possible_is_accepted(segcli: Run, books: Path, name: str) -> None:
    kind, header, row = ACCEPTED[name]
    Path("x.csv").write_text(f"{header}\n{row}\n")
    done = segcli("import", "x.csv", "--as", kind, "--decimal", ".")
    assert done.status == 0, done.err


def test_a_first_load_looks_as_closely(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text(
        "account,name,start_date,end_date\nA,Ann,2026-01-01,2026-12-31\nB,Bob,2026-02-02,2026-02-01\n"
    )
    refused = segcli("import", "a.csv")
    assert refused.status == 1
    assert "a.csv:3:end_date: '2026-02-01': this lies before the start, 2026-02-02" in refused.err
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)


COMMANDS = (
    (("add", "A", "--description", "x", "--price", "1", "--discount", "101"), "--discount: '101': a discount is 100 % at most"),
    (("add", "A", "--description", "x", "--price", "1", "--vat-percent", "-21"), "--vat-percent: '-21': a VAT rate is 0 to 100 %"),
    (("change", "S1", "--line", "1", "--discount", "250"), "a discount is 100 % at most"),
    (("change", "S1", "--line", "1", "--end", "2026-03-31"), "--end 2026-03-31 lies before the line's start, 2026-04-01"),
    (("change", "S1", "--end", "2026-02-28"), "--end 2026-02-28 lies before the start, 2026-03-01"),
    (("change", "S1", "--add", "--description", "x", "--price", "1", "--from", "2026-02-28"), "lies before the start of the subscription"),
    (("change", "S1", "--add", "--description", "x", "--price", "1", "--from", "2027-01-01"), "lies after the end of the subscription"),
    (("cancel", "S1", "--on", "2026-02-28"), "subscription S1 begins on 2026-03-01: its last day cannot be 2026-02-28"),
)  # fmt: skip


@pytest.mark.parametrize(("words", "reason"), COMMANDS)
def test_commands_refuse_the_same(segcli: Run, books: Path, words: tuple[str, ...], reason: str) -> None:
    before = fingerprint(books)
    refused = segcli("subscription", *words)
    assert (refused.status, reason in refused.err) == (2, True), refused.err
    assert fingerprint(books) == before


@pytest.mark.parametrize(("bound", "right", "wrong"), [
    (bounds.DISCOUNT, ("100", "-500", "0"), ("100.000000001",)),
    (bounds.VAT, ("0", "100", "21"), ("-0.1", "100.1")),
    (bounds.RATE, ("0.000001",), ("0", "-1")),
])  # fmt: skip
def test_a_bound_says_the_same_in_python_and_in_sql(
    books: Path, bound: bounds.Bound, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    with connected(books) as db:
        for text in (*right, *wrong):
            assert bound.is_wrong(text) == (text in wrong)
            assert db.execute(f"SELECT {bound.sql('?1')}", (text,)).fetchone()[0] == int(text in wrong)
