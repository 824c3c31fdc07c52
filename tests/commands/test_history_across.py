"""`segcli history` across accounts: the changes of those that a selection finds now, since a day."""

from pathlib import Path

import pytest
from conftest import Run, connected


@pytest.fixture
def tagged(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the example with changes on two days: in May and in June 2026."""
    with connected(example) as db:
        db.execute("UPDATE run SET started_at = '2026-01-01T08:00:00Z'")
        db.commit()
    for day, words in {
        "2026-05-31": ("000001", "000002", "--set", "class7=NEW"),
        "2026-06-01": ("000002", "000003", "--set", "class7=SPRING"),
        "2026-06-15": ("000003", "--set", "class7=NEW"),
    }.items():
        monkeypatch.setenv("SEGCLI_TODAY", day)
        assert segcli("tag", *words, "--yes").status == 0
    return example


def expected(path: Path, condition: str, since: str) -> set[tuple[str, str, str | None, str | None]]:
    """Return account, class, old and new code of the changes, from the tables."""
    with connected(path) as db:
        return set(
            db.execute(
                f"""SELECT a.code, 'class' || c.field, o.code, n.code FROM classification_change c JOIN account a ON a.id = c.account_id
                      JOIN run r ON r.id = c.run_id LEFT JOIN classification_value o ON o.id = c.old_value_id
                      LEFT JOIN classification_value n ON n.id = c.new_value_id
                     WHERE {condition} AND r.started_at >= '{since}'"""
            )
        )


SPRING = "a.class7 = (SELECT id FROM classification_value WHERE field = 7 AND code = 'SPRING')"


@pytest.mark.parametrize(
    ("words", "condition", "since"),
    [
        (("--class7", "SPRING", "--since", "2026-06-01"), SPRING, "2026-06-01"),
        (("--class", "Campaign=SPRING", "--since", "2026-05-31"), SPRING, "2026-05-31"),
        (("--since", "2026-06-02"), "1", "2026-06-02"),
        (("000001", "000002", "--since", "2026-05-01"), "a.code IN ('000001', '000002')", "2026-05-01"),
        (("000001", "000002", "--class7", "SPRING", "--since", "2026-05-01"), f"a.code = '000002' AND {SPRING}", "2026-05-01"),
    ],
)  # fmt: skip
def test_it_has_the_changes_since_a_day(
    segcli: Run, tagged: Path, words: tuple[str, ...], condition: str, since: str
) -> None:
    rows = segcli("history", *words, "-f", "json").rows
    wanted = expected(tagged, condition, since)
    assert {(row["account"], row["class"], row["from"], row["to"]) for row in rows} == wanted
    assert len(rows) == len(wanted) > 0


def test_without_a_day_it_begins_with_what_they_were_added_with(segcli: Run, tagged: Path) -> None:
    one = segcli("history", "000002", "-f", "json").rows
    across = [row for row in segcli("history", "--class7", "SPRING", "-f", "json").rows if row["account"] == "000002"]
    assert one == across
    assert (one[0]["from"], one[0]["command"]) == (None, "import accounts.csv")


def test_it_says_which_accounts_and_since_when(segcli: Run, tagged: Path) -> None:
    assert tagged.exists()
    shown = segcli("history", "--class7", "SPRING", "--since", "2026-06-01", "-f", "table").out
    assert shown.rstrip().endswith("Campaign = SPRING · since 2026-06-01")


def test_it_needs_accounts_a_selection_or_a_day(segcli: Run, example: Path) -> None:
    assert example.exists()
    wrong = segcli("history")
    assert (wrong.status, wrong.out, "--since DATE" in wrong.err) == (2, "", True)
    unknown = segcli("history", "--class1", "QQ", "--since", "2026-01-01")
    assert (unknown.status, "unknown value 'QQ'" in unknown.err) == (2, True)
