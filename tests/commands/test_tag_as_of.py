"""tag --as-of: the day of the condition, not of the change."""

from pathlib import Path

from conftest import Run, connected

OWED = """SELECT a.code FROM account AS a JOIN outstanding_item AS o ON o.account_id = a.id WHERE o.invoice_date <= '2026-03-31'
 GROUP BY a.id HAVING sum(o.base_amount - coalesce((SELECT sum(l.base_amount) FROM allocation AS l WHERE l.item_id = o.id
   AND l.allocation_date <= '2026-03-31'), 0)) > 100000"""


def tagged(segcli: Run, *words: str) -> set[str]:
    rows = segcli("tag", "--where", "outstanding > 1000", "--clear", "class3", "--dry-run", "-f", "json", *words).rows
    return {str(row["account"]) for row in rows}


def test_the_day_of_the_condition(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        wanted = {code for (code,) in db.execute(OWED)}
        with_value = {code for (code,) in db.execute("SELECT code FROM account WHERE class3 IS NOT NULL")}
    assert tagged(segcli, "--as-of", "2026-03-31") == wanted & with_value
    assert tagged(segcli) != wanted & with_value
    assert (
        segcli("tag", "--where", "outstanding > 1000", "--clear", "class3", "--as-of", "2026-03-31", "--yes").status
        == 0
    )
    with connected(example) as db:
        moments = {moment for (moment,) in db.execute(
            "SELECT DISTINCT r.started_at FROM classification_change AS c JOIN run AS r ON r.id = c.run_id WHERE r.command LIKE 'tag%'"
            " ORDER BY r.id DESC LIMIT 1"
        )}  # fmt: skip
    assert all(not moment.startswith("2026-03-31") for moment in moments)
    assert moments


def test_refused(segcli: Run, example: Path) -> None:
    Path("c.csv").write_text("account,class3\n000001,A\n")
    done = segcli("tag", "--from", "c.csv", "--as-of", "2026-03-31", "--yes")
    assert (done.status, "--as-of is the date of --where" in done.err) == (2, True)
    assert segcli("tag", "000001", "--set", "class3=A", "--as-of", "2026-02-30").status == 2
