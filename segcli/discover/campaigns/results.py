"""`list results`: what the groups of a list did from one day to another, compared with the holdout or with another group.

An account counts if it had a group by the first day. It still counts after it has left the list, opted out or been blocked: otherwise
the groups would differ by more than chance. Accounts that joined later are left out, because who joins can depend on the campaign.
"""

import sqlite3
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.text import counted
from segcli.base.windows import Window
from segcli.discover.campaigns import groups, measuring
from segcli.discover.campaigns.measuring import Measured
from segcli.discover.campaigns.members import Listed
from segcli.domain.campaigns import comparing, split
from segcli.domain.campaigns.comparing import Compared, Ratio, Sample
from segcli.domain.table import Column, Table
from segcli.query.names import Names
from segcli.storage import temporary_tables

COLUMNS = (
    Column("metric"),
    Column("measure"),
    Column("test_group", heading="Group"),
    Column("accounts", "integer"),
    Column("value", "decimal"),
    Column("control", "decimal"),
    Column("difference", "decimal"),
    Column("low", "decimal", "Lower limit"),
    Column("high", "decimal", "Upper limit"),
    Column("uplift", "percent"),
    Column("p", "decimal", "p"),
)
# Accounts of a list, by its id: those that were drawn, and for a list without groups those on it.
TAKING_PART = "a.id IN (SELECT g.account_id FROM marketing_list_account AS g WHERE g.marketing_list_id = ?)"
ON_LIST = """a.id IN (SELECT c.account_id FROM marketing_list_member AS k JOIN contact AS c ON c.id = k.contact_id
              WHERE k.marketing_list_id = ?)"""
SAMPLE_RATIO, CHI_SQUARE, ALL = "sample ratio", "chi-square", "all"
DOUBTFUL = 0.01  # below this, the group sizes are no chance
_FEW = 5  # expected accounts with and without, below which the p of a rate is approximate
_P_DIGITS, _PERCENT = 4, 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: the span, the control group, and the confidence of the intervals."""

    first: date
    last: date
    control: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """The accounts that count, by group, and those that were left out or changed since."""

    counts: dict[str, int]
    joined: int  # after the first day: left out
    mixed: int  # merged of accounts of two groups: left out
    merged: int  # merged into another account, and counted
    left: int  # without a contact on the list now, and counted

    @property
    def told(self) -> str:
        """Return what happened to accounts that count."""
        parts = [f"{counted(self.left, 'account')} left the list since"] if self.left else []
        parts += [f"{counted(self.merged, 'account')} merged since"] if self.merged else []
        return ", ".join(parts)

    @property
    def lacking(self) -> str:
        """Return which accounts are left out; '' if none are."""
        parts = [f"{counted(self.joined, 'account')} joined after the first day"] if self.joined else []
        parts += [f"{counted(self.mixed, 'account')} merged of two groups"] if self.mixed else []
        return f"left out: {', '.join(parts)}" if parts else ""


def control_of(drawn: split.Split, wanted: str | None) -> str:
    """Return the group that the others are compared with. Raise UsageError if there is no such group."""
    names = [group.name for group in drawn.groups]
    known = f"its groups are {', '.join(names)}"
    if wanted is None:
        if split.HOLDOUT not in names:
            raise UsageError("the list has no holdout to compare with", f"name a group: --control {names[0]}; {known}")
        return split.HOLDOUT
    found = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if found is None:
        raise UsageError(f"--control: there is no group '{wanted}'", known)
    return found


def split_of(found: Listed) -> split.Split:
    """Return the split of a list. Raise UsageError if it has no groups."""
    if found.split is None:
        raise UsageError(
            f"list '{found.name}' has no groups",
            "make one with groups: segcli list create NAME --split 45:45 --holdout 10 …",
        )
    return split.stored(found.split)


def table(db: sqlite3.Connection, found: Listed, names: Names, texts: list[str], asked: Asked) -> Table:
    """Return the comparison; `names` are those of the last day."""
    parts = split_of(found).groups
    spanned = replace(names, span=Window(str(asked.first - timedelta(days=1)), str(asked.last)))
    metrics = measuring.metrics(texts, spanned)
    drawn = _draw(db, found, max(asked.first, date.fromisoformat(found.split_date or "")))
    measured = measuring.measure(db, spanned, metrics, "drawn")
    sizes = [drawn.counts.get(group.name, 0) for group in parts]
    ratio = comparing.sample_ratio(sizes, split_of(found).weights)
    others = [group.name for group in parts if group.name != asked.control]
    compared = [(one, name, _compared(one, name, asked)) for one in measured for name in others]
    rows = [(SAMPLE_RATIO, CHI_SQUARE, ALL, sum(sizes), *_of_ratio(ratio)), *(_row(*one) for one in compared)]
    about = (
        f"list {found.name}, split {split_of(found).words} on {found.split_date}",
        f"from {asked.first} to {asked.last}",
        f"compared with {asked.control}",
        f"{asked.confidence * _PERCENT:g} % confidence",
        f"groups: {', '.join(f'{group.name} {size}' for group, size in zip(parts, sizes, strict=True))}",
        drawn.told,
    )
    return Table(
        "Campaign results",
        COLUMNS,
        rows,
        " · ".join(filter(None, about)),
        with_totals=False,
        currency=names.currency,
        lacking="; ".join(filter(None, (drawn.lacking, *measuring.unknown(db, spanned, measured, "drawn")))),
        warning="; ".join(_doubts(found, asked, ratio, measured)),
        keeps=("metric", "test_group", "difference", "low", "high", "uplift", "p"),
    )


def _draw(db: sqlite3.Connection, found: Listed, day: date) -> Drawn:
    """Lay out the accounts that count in the temporary table drawn: one row each, with its group."""
    temporary_tables.create(db, "drawn", "account_id INTEGER PRIMARY KEY, group_name TEXT, is_merged, is_left")
    values = {"list": found.id, "day": str(day)}
    by_account = """FROM marketing_list_account AS g JOIN account AS a ON a.id = g.account_id
                    WHERE g.marketing_list_id = :list AND g.group_date <= :day GROUP BY g.account_id"""
    db.execute(
        f"""INSERT INTO temp.drawn WITH present AS MATERIALIZED ({groups.PRESENT})
            SELECT g.account_id, min(g.group_name), max(g.account_code <> a.code), g.account_id NOT IN (SELECT account_id FROM present)
            {by_account} HAVING count(DISTINCT g.group_name) = 1""",
        values,
    )
    mixed = f"SELECT count(*) FROM (SELECT 1 {by_account} HAVING count(DISTINCT g.group_name) > 1)"
    joined = """SELECT count(*) FROM (SELECT 1 FROM marketing_list_account WHERE marketing_list_id = :list GROUP BY account_id
                 HAVING min(group_date) > :day)"""
    merged, left = db.execute("SELECT total(is_merged), total(is_left) FROM temp.drawn").fetchone()
    return Drawn(
        dict(db.execute("SELECT group_name, count(*) FROM temp.drawn GROUP BY 1")),
        db.execute(joined, values).fetchone()[0],
        db.execute(mixed, values).fetchone()[0],
        int(merged),
        int(left),
    )


def _compared(measured: Measured, group: str, asked: Asked) -> Compared:
    compare = comparing.newcombe if measured.metric.kind == "rate" else comparing.welch
    nobody = Sample()
    return compare(measured.samples.get(group, nobody), measured.samples.get(asked.control, nobody), asked.confidence)


def _of_ratio(ratio: Ratio | None) -> tuple[Any, ...]:
    if ratio is None:
        return (None,) * 7
    return (measuring.rounded(ratio.chi_square), None, None, None, None, None, _p(ratio.p))


def _row(measured: Measured, group: str, found: Compared) -> tuple[Any, ...]:
    sample = measured.samples.get(group)
    shown = (found.value, found.control, found.difference, found.low, found.high)
    return (
        measured.metric.text,
        measured.metric.measure,
        group,
        sample.size if sample else 0,
        *(measuring.rounded(value, measured.metric.scale) for value in shown),
        measuring.rounded(found.relative, _PERCENT),
        _p(found.p),
    )


def _p(value: float | None) -> float | None:
    """Return p with four digits that count."""
    return None if value is None else float(f"{value:.{_P_DIGITS}g}")


def _doubts(found: Listed, asked: Asked, ratio: Ratio | None, measured: list[Measured]) -> list[str]:
    doubts = []
    if ratio and ratio.p < DOUBTFUL:
        doubts.append(
            f"the group sizes do not fit the split (p {ratio.p:.2g}): accounts are missing in a group, so that a difference need not be"
            " an effect of the campaign; find out which before you use these figures"
        )
    if str(asked.first) < (found.split_date or ""):
        doubts.append(f"the groups are of {found.split_date}: what happened before is no effect of the campaign")
    few = [one.metric.text for one in measured if one.metric.kind == "rate" and _is_few(one, asked.control)]
    if few:
        doubts.append(f"few accounts: the p of {', '.join(few)} is approximate")
    return doubts


def _is_few(measured: Measured, control: str) -> bool:
    """Tell whether a group is expected to have fewer than five accounts with, or without, what the rate counts."""
    base = measured.samples.get(control, Sample())
    for name, sample in measured.samples.items():
        whole = sample.size + base.size
        hits = sample.total + base.total
        if name != control and min(hits, whole - hits) * min(sample.size, base.size) < _FEW * whole:
            return True
    return False
