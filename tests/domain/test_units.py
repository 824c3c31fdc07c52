"""Units of stored amounts: what is rounded in Python and in SQL is the same."""

import sqlite3
from contextlib import closing

import pytest

from segcli.domain.units import FINE, whole, whole_sql

_HALF = FINE // 2
_SAMPLES = [None, 0, 1, _HALF - 1, _HALF, _HALF + 1, FINE, 3 * _HALF, 3 * _HALF - 1, 10**17, 10**17 + _HALF]


@pytest.mark.parametrize("net", [*_SAMPLES, *(-net for net in _SAMPLES if net)])
def test_whole_units_are_the_same_in_sql(net: int | None) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        assert db.execute(f"SELECT {whole_sql('n')} FROM (SELECT ? AS n)", (net,)).fetchone() == (whole(net),)


def test_halves_are_rounded_away_from_zero() -> None:
    assert [whole(net * _HALF) for net in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
