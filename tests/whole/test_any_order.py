"""Generated administrations: neither the order of files nor what is dated later changes an answer."""

import random
from datetime import date
from pathlib import Path

import pytest
from administrations import DAY, HEADS, Administration, administrations, answers, begin, bring_in
from conftest import Run
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink takes minutes, and what is drawn is small
DAYS = (date(2025, 12, 15), date(2026, 2, 10), DAY, date(2026, 6, 30))


def several_terms() -> Administration:
    """Two payments that are imported in the wrong order, one that names its term, and one of too much."""
    made = Administration()
    day = date(2025, 12, 1)
    made.add("10-invoices", day, 1, "A", day, "EUR", 12, 0, 12)
    made.add("11-lines", day, 1, 1, "X", 1, 12)
    for term, amount in enumerate((4, 3, 5), 1):
        made.add("20-receivables", day, "A", 1, term, day, date(2025, 12 + term // 4, 28), "EUR", amount)
    for paid, amount, reference in (
        (date(2026, 2, 1), 8, "b"),
        (date(2025, 12, 10), 3, "a"),
        (date(2026, 5, 1), 4, "c"),
    ):
        made.add("30-allocations", paid, "A", 1, None, paid, amount, reference)
    made.add("31-payments", date(2026, 1, 1), "A", 1, "E1", date(2026, 1, 1), -2)
    return made


def early_refund() -> Administration:
    """A refund before the only payment, which is dated later and exceeds what the terms leave open."""
    made = Administration()
    day = date(2025, 12, 1)
    made.add("10-invoices", day, 1, "A", day, "EUR", 6, 0, 6)
    made.add("11-lines", day, 1, 1, "X", 1, 6)
    for term, amount in enumerate((5, 1), 1):
        made.add("20-receivables", day, "A", 1, term, day, date(2025, 12 + term // 4, 28), "EUR", amount)
    made.add("31-payments", date(2026, 1, 6), "A", 1, "E1", date(2026, 1, 6), 2)
    made.add("31-payments", date(2026, 5, 15), "A", 1, "E2", date(2026, 5, 15), -5)
    return made


FIRST, AFTER = ("10-invoices", "20-receivables"), ("11-lines", "30-allocations", "31-payments")  # what needs what


def files(made: Administration) -> list[tuple[str, str]]:
    """Return files of one record each: payments, entries with their lines, invoices with their terms, requests as they end."""
    found: dict[tuple[str, object], list[str]] = {}
    for at, line in enumerate(made.lines):
        cells = line.text.split(",")
        key = {"20-receivables": cells[1], "40-entries": cells[1], "50-requests": cells[0]}.get(line.file, at)
        kept = found.setdefault((line.file, key), [])
        if line.file == "50-requests":
            kept.clear()
        kept.append(line.text)
    return [(name, "\n".join([HEADS[name], *lines, ""])) for (name, _), lines in found.items()]


@pytest.mark.repeats
@given(administrations(), st.integers(0, 10_000))
@example(several_terms(), 1)
@example(early_refund(), 1)
@settings(max_examples=5, phases=PHASES, suppress_health_check=QUIET)
def test_the_order_of_files_changes_no_answer(segcli: Run, tmp_path: Path, made: Administration, seed: int) -> None:
    order = random.Random(seed)
    path = tmp_path / "order.db"
    plain = sorted(files(made), key=lambda file: file[0])
    mixed = order.sample(plain, len(plain))
    mixed.sort(key=lambda file: 0 if file[0] in FIRST else 2 if file[0] in AFTER else order.randint(0, 3))
    found = []
    for given_order in (plain, mixed):
        begin(segcli, path)
        for name, content in given_order:
            bring_in(segcli, path, {name: content})
        assert segcli("--database", path, "check").status == 0
        found.append(answers(segcli, path, DAYS))
    assert {name: (found[0][name], found[1][name]) for name in found[0] if found[0][name] != found[1][name]} == {}


@pytest.mark.repeats
@given(administrations(is_mixed=False))
@example(several_terms())
@example(early_refund())
@settings(max_examples=5, phases=PHASES, suppress_health_check=QUIET)
def test_what_is_dated_later_changes_no_answer(segcli: Run, tmp_path: Path, made: Administration) -> None:
    path = tmp_path / "later.db"
    begin(segcli, path)
    bring_in(segcli, path, made.files(later=False))
    before = answers(segcli, path, (DAY,))
    bring_in(segcli, path, made.files(later=True))
    after = answers(segcli, path, (DAY,))
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}
