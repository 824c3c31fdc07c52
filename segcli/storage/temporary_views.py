"""Substitutes other classes on one connection: a temporary view masks the table `account`."""

from collections.abc import Mapping

from segcli.domain.catalogue import CLASSES
from segcli.storage.reader import Reader


def cast(db: Reader, classes: Mapping[int, str]) -> None:
    """Mask `account` with a temporary view that has these classes: by field, the SQL of the value id for `main.account AS x`."""
    lift(db)
    columns = [row[0] for row in db.execute("SELECT name FROM pragma_table_info('account')")]
    shown = [
        f"{classes[int(name[5])]} AS {name}" if name in CLASSES and int(name[5]) in classes else f"x.{name}"
        for name in columns
    ]
    db.execute(f"CREATE TEMP VIEW account AS SELECT {', '.join(shown)} FROM main.account AS x")


def lift(db: Reader) -> None:
    """Remove the mask from `account`."""
    db.execute("DROP VIEW IF EXISTS temp.account")
