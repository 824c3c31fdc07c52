"""Files of rules, what they plan, and the classes that they gave."""

from pathlib import Path

from conftest import Run, connected

HEAD = "version: 1\nfield: class3\n"


def written(text: str, name: str = "r.yaml") -> Path:
    path = Path(name)
    path.write_text(text)
    return path


def found(segcli: Run, expression: str) -> set[str]:
    rows = segcli(
        "show", "account-search", "--inactive", "-f", "json", "--columns", "account", "--where", expression
    ).rows
    return {str(row["account"]) for row in rows}


def classes(database: Path, field: int = 3) -> dict[str, str | None]:
    with connected(database) as db:
        return dict(db.execute(
            f"SELECT a.code, v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class{field}"
        ))  # fmt: skip


def state(database: Path) -> list[tuple[object, ...]]:
    """What all accounts have in all fields, byte for byte."""
    with connected(database) as db:
        return db.execute("SELECT * FROM account ORDER BY id").fetchall()


EXPRESSIONS = (
    "turnover(12m) >= 5k", "turnover(12m) >= 2k and invoices(90d) > 0", "invoices(1y) = 0", "last_invoice < 180d ago",
    "country = NL", "country in (BE, DE)", "class1 = N", "class1 is empty", "not class2 = RET", "overdue(30d) > 100",
    "outstanding > 500", "days_to_pay(12m) > 40", "abc(12m) = A", "lifecycle = lost", "rfm_segment in (champions, loyal)",
    "contacts > 1", "subscriptions > 0", "requests(1y) > 0", "turnover(12m where item_group = COFFEE) > 100", "name contains a",
    "class3 was A", "churn = 'at risk'", "recurring > 10", "class3 = B", "in selection north", "in list post", "margin(1y) > 1k",
    "turnover(12m) > 1.2 * turnover(24m, 12m)", "abc(6m) != abc(12m, 6m)",
)  # fmt: skip
RULE = "rules:\n  - {id: a, set: A, when: '*'}\n"
