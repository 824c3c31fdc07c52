"""`segcli export classifications --format csv`: what Odoo and ERPNext get, by the ids that they gave."""

from pathlib import Path

import pytest
from conftest import Run, connected
from export_case import ERPNEXT, GUID, ODOO, OWN, change, codes, export, rows_of, set_up


@pytest.fixture
def tagged(segcli: Run, example: Path) -> Path:
    """Return the example after a few changes; `before.db` is the example before them."""
    change(segcli, example)
    return example


def test_odoo_gets_tags_by_the_id_that_it_gave(segcli: Run, tagged: Path) -> None:
    set_up(
        tagged,
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'odoo:res_partner_1' FROM account WHERE code = '000001'",
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'shopify:7' FROM account WHERE code = '000001'",
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'odoo:base.main' FROM account WHERE code = '000017'",
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'odoo:x.twice' FROM account WHERE code = '000017'",
    )
    done = export(segcli, *ODOO, "-o", "f.csv", status=5)
    head, *rows = rows_of("f.csv")
    assert head == ["id", "category_id"]
    assert [row[0] for row in rows] == ["res_partner_1", "base.main", "x.twice"]
    with connected(tagged) as db:
        wanted = [
            f"{label} / {description}"
            for label, description in db.execute(
                """SELECT l.label, v.description FROM account AS a JOIN classification_value AS v
                       ON v.id IN (a.class1, a.class2, a.class3, a.class4, a.class5, a.class6, a.class7, a.class8)
                     JOIN classification_label AS l ON l.field = v.field WHERE a.code = '000001' ORDER BY v.field"""
            )
        ]
    assert rows[0][1].split(",") == wanted
    assert len(wanted) > 2
    assert "Campaign" not in rows[1][1]
    assert "000002:Region: 'X': this account has no id of odoo; import it from odoo" in done.err


def test_odoo_splits_tags_at_commas(segcli: Run, tagged: Path) -> None:
    set_up(tagged, "UPDATE classification_value SET description = 'South, and sea' WHERE field = 1 AND code = 'S'")
    done = export(segcli, *ODOO, "--key", "code", "-o", "f.csv", status=5)
    assert "000001:Region: 'S': a tag cannot hold 'South, and sea'; remove the comma or ' / ' from it" in done.err
    assert "000001" not in {row[0] for row in rows_of("f.csv")}
    export(segcli, *ODOO, *OWN, "--key", "code", "-o", "f.csv")
    assert ["000001", "South, and sea", "Newcomers"] in rows_of("f.csv")


def test_fields_hold_the_present_value_of_each_class(segcli: Run, tagged: Path) -> None:
    """An empty cell would empty the field in Odoo, so an unchanged class is written as well."""
    export(segcli, *ODOO, *OWN, "--key", "code", "--values", "code", "-o", "f.csv")
    now = codes(tagged)
    head, *rows = rows_of("f.csv")
    assert head == ["ref", "x_region", "x_campaign"]
    assert rows == [[a, now[a][0] or "", now[a][6] or ""] for a in ("000001", "000002", "000017", "000081")]


def test_erpnext_knows_a_customer_by_its_name_there_else_by_the_code(segcli: Run, tagged: Path) -> None:
    set_up(
        tagged,
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'erpnext:CUST-1' FROM account WHERE code = '000001'",
    )
    words = (*ERPNEXT, "--field", "Region=territory")
    assert export(segcli, *words).out.split("\n")[:3] == ["ID,territory", "CUST-1,South", "000002,Abroad"]
    assert export(segcli, *words, "--key", "code").out.split("\n")[1] == "000001,South"
    done = export(segcli, *words, "--key", "id", status=5)
    assert done.out == "ID,territory\nCUST-1,South\n"
    assert "3 changes left out" in done.err
    set_up(
        tagged,
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'odoo:7' FROM account WHERE code = '000002'",
        "INSERT INTO account_reference (account_id, reference) SELECT id, 'code:17' FROM account WHERE code = '000017'",
        f"UPDATE account SET external_id = '{GUID.format(81)}' WHERE code = '000081'",
    )
    done = export(segcli, *words, status=5)  # what came from Odoo or Exact is not in ERPNext under its code here
    assert done.out == "ID,territory\nCUST-1,South\n000017,East\n"
    assert "000002:Region: 'X': this account has no id of erpnext; import it from erpnext" in done.err
