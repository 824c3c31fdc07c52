"""Suggest rules that reproduce a classification: a decision list learnt from classified accounts, counted on all of them.

How a list is learnt: segcli/domain/induction/decision_list.py. What is learnt from: segcli/discover/explaining/learning.py.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from segcli.base.errors import SegcliError
from segcli.base.text import counted
from segcli.classify.rules import deciding
from segcli.classify.rules.file import CLEAR, KEEP
from segcli.classify.rules.suggestions import counts as suggested_counts
from segcli.classify.rules.suggestions import scope as scoping
from segcli.classify.rules.suggestions.counts import Suggested
from segcli.discover.explaining import learning
from segcli.discover.explaining.learning import LEARNT, TABLE, Wanted
from segcli.discover.explaining.wording import Wording, in_order
from segcli.discover.features import Feature
from segcli.domain.catalogue import Value
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.induction import decision_list
from segcli.domain.induction.candidates import bits_of
from segcli.domain.induction.decision_list import Learned
from segcli.domain.segments.shares import share
from segcli.domain.table import Cell, Column
from segcli.query.names import Names

LEAST = 20  # classified accounts to learn from
SAMPLE = learning.SAMPLE // 2  # a cross-validation searches six times
FOLDS = 5
SOURCES = ("manual", "csv", "import")
_WHOLE = 100
_USUAL = Wanted()
COLUMNS = (
    Column("rule"),
    Column("set", "code"),
    Column("when"),
    Column("accounts", "integer"),
    Column("right", "integer"),
    Column("held_out", "integer", "Held out"),
    Column("accuracy", "percent"),
    Column("coverage", "percent"),
    Column("counter_examples"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to learn: the classification, the sources of its values, the accounts, and the limits of the list."""

    field: int
    sources: tuple[str, ...] = SOURCES
    among: Clause = EVERYTHING
    scope: str = ""  # the same as an expression
    wanted: Wanted = _USUAL
    most: int = decision_list.RULES


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The rules in order, the last one for what no rule matches; and what they rest on."""

    asked: Asked
    rules: tuple[Suggested, ...]
    about: str  # how many accounts were learnt from and held out
    cross_validated: float | None
    most_frequent: tuple[
        str, int
    ]  # of the held-out accounts: what a file without rules would give, and how often it is right
    unreached: tuple[tuple[str, int], ...]  # values that no rule gives, with their accounts
    retired: int  # accounts that were left out, because their value is retired
    changes: tuple[int, int]  # planned with keep: [manual]: classified otherwise, and without a value
    kept: int  # set by hand otherwise than the rules would
    features: tuple[Feature, ...]
    scope_operands: tuple[str, ...] | None  # None: the scope cannot be tested on an imaginary account
    measures: frozenset[str]

    @property
    def held(self) -> tuple[int, int]:
        """Return the number of held-out accounts, and of those decided rightly."""
        return sum(rule.held for rule in self.rules), sum(rule.held_right for rule in self.rules)

    @property
    def wrong(self) -> tuple[int, int]:
        """Return the number of classified accounts that the rules decide otherwise, and of all."""
        every = sum(rule.accounts for rule in self.rules)
        return every - sum(rule.right for rule in self.rules), every

    def rows(self) -> Iterable[tuple[Cell, ...]]:
        """Yield a row of COLUMNS per rule."""
        held = self.held[0]
        for rule in self.rules:
            coverage = share(rule.held, held, 1)
            examples = ", ".join(f"{found.account} ({found.value})" for found in rule.examples)
            yield (
                rule.id,
                rule.code,
                rule.when,
                rule.accounts,
                rule.right,
                rule.held,
                rule.accuracy,
                coverage,
                examples or None,
            )


def suggest(db: sqlite3.Connection, names: Names, asked: Asked) -> Suggestion:
    """Return the suggested rules. Raise SegcliError if there is too little to learn from."""
    names = replace(names, measures=set())
    values = {value.id: value for value in names.catalogue.values(asked.field)}
    wanted = replace(asked.wanted, left_out=frozenset((f"class{asked.field}",)))
    texts = learning.texts(names, wanted)
    scoped = scoping.operands(asked.scope, names) if asked.scope else []
    extra = [text for text in scoped or () if text not in texts]
    laid = learning.lay(db, names, (*texts, *extra), asked.among, _flags(asked, values))
    retired = db.execute(f"SELECT count(*) FROM temp.{TABLE} AS k WHERE k.is_retired").fetchone()[0]
    _refuse(db, asked, names, values)
    found = laid[: len(texts)]
    rows = learning.sample(db, found, "k.is_used", SAMPLE, "k.value")
    rows.sort(key=lambda row: str(row[0]))
    search, words = learning.searching(names, found, rows)
    present = sorted({int(str(row[-1])) for row in rows})
    classes = [bits_of((at for at, row in enumerate(rows) if row[-1] == value), len(rows)) for value in present]
    folds = [
        bits_of((at for at, row in enumerate(rows) if int(str(row[-2])) % FOLDS == fold), len(rows))
        for fold in range(FOLDS)
    ]
    learned = decision_list.learn(search, classes, folds, search.every, asked.most, asked.wanted.depth)
    if not learned.decided.rules:
        raise _apart(db, asked, names, values)
    given = [present[rule.value] for rule in learned.decided.rules] + [present[learned.decided.default]]
    whens = [words.of(rule.condition) for rule in learned.decided.rules]
    suggested_counts.decide(db, learning.compiled(names, laid), whens)
    rules = suggested_counts.rules(db, [values[value] for value in given], whens, _operands(learned, words), values)
    return Suggestion(
        asked,
        rules,
        _about(db, len(rows)),
        learned.cross_validated,
        suggested_counts.most_frequent(db, values),
        suggested_counts.unreached(db, values, given),
        retired,
        *suggested_counts.planned(db, given),
        laid,
        None if scoped is None else tuple(scoped),
        frozenset(names.measures),
    )


def _flags(asked: Asked, values: dict[int, Value]) -> dict[str, Clause]:
    """Return the columns of temp.learning besides features: the value, its source, and whether it is learnt from."""
    column = f"a.class{asked.field}"
    source = deciding.source(asked.field).replace("d.account_id", "a.id").replace("d.old_value_id", column)
    retired = ", ".join(str(found.id) for found in values.values() if found.is_retired) or "NULL"
    listed = ", ".join("?" * len(asked.sources))
    is_asked = f"{column} IS NOT NULL AND {source} IN ({listed})"
    is_retired = f"coalesce({column} IN ({retired}), FALSE)"
    return {
        "value": Clause(column),
        "source": Clause(source),
        "is_used": Clause(f"{is_asked} AND NOT {is_retired}", asked.sources),
        "is_retired": Clause(f"{is_asked} AND {is_retired}", asked.sources),
    }


def _refuse(db: sqlite3.Connection, asked: Asked, names: Names, values: dict[int, Value]) -> None:
    """Raise SegcliError for too few accounts, one value only, or a value that a rule file cannot name."""
    label = names.catalogue.label(asked.field)
    found = db.execute(
        f"SELECT k.value, count(*) FROM temp.{TABLE} AS k WHERE k.is_used GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    every = sum(count for _, count in found)
    if every < LEAST:
        raise SegcliError(
            f"{counted(every, 'account')} with a value of {label} from {', '.join(asked.sources)}: at least {LEAST} are needed",
            "classify more accounts, or use --source or a wider selection",
        )
    if len(found) == 1:
        code = values[found[0][0]].code
        raise SegcliError(
            f"all {every} accounts have the value {code} of {label}: there is nothing to tell apart",
            "classify accounts with another value, too",
        )
    for value, _ in found:
        if values[value].code.lower() in {KEEP, CLEAR}:
            raise SegcliError(
                f"a rule file cannot give the value {values[value].code} of {label}: the word has a meaning there",
                "rename it: segcli classification value rename",
            )


def _apart(db: sqlite3.Connection, asked: Asked, names: Names, values: dict[int, Value]) -> SegcliError:
    """Return the error that no rule is better than the most frequent value."""
    held = db.execute(
        f"SELECT coalesce(sum(k.bucket >= ?), 0) FROM temp.{TABLE} AS k WHERE k.is_used", (LEARNT,)
    ).fetchone()[0]
    code, right = suggested_counts.most_frequent(db, values)
    part = f" ({_WHOLE * right / held:.1f} % of the held-out accounts)" if held else ""
    return SegcliError(
        f"no short rule tells the values of {names.catalogue.label(asked.field)} apart better than {code} for all{part}",
        "add what the classification depends on: --with FIELD, such as a score or a metric with where",
    )


def _about(db: sqlite3.Connection, learnt: int) -> str:
    total, held = db.execute(
        f"SELECT count(*), coalesce(sum(k.bucket >= ?), 0) FROM temp.{TABLE} AS k WHERE k.is_used", (LEARNT,)
    ).fetchone()
    return learning.told(learnt, total, held)


def _operands(learned: Learned, words: Wording) -> list[tuple[str, ...]]:
    return [
        tuple(dict.fromkeys(words.operands[test.column].text for test in in_order(rule.condition)))
        for rule in learned.decided.rules
    ]
