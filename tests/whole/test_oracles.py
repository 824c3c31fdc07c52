"""What segcli checks and writes, held against libraries that do nothing else: schwifty (IBAN), icalendar (RFC 5545)."""

import contextlib
import itertools
from datetime import date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import schwifty
from conftest import Run
from hypothesis import given
from hypothesis import strategies as st
from schwifty import registry
from schwifty.exceptions import InvalidCountryCode, InvalidLength, InvalidStructure

from segcli.base.errors import SegcliError
from segcli.domain import bank_account

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def lengths() -> dict[str, int]:
    """Return how long the IBAN of each country is that schwifty knows."""
    known = {}
    for country in map("".join, itertools.product(LETTERS, repeat=2)):
        with contextlib.suppress(InvalidCountryCode):
            known[country] = registry.get_iban_spec(country).iban_length
    return known


LENGTHS = lengths()
# What schwifty knows and the IBAN registry has not: territories, whose numbers begin with FR, GB or FI, and countries that
# use an IBAN of their own making. Segcli holds them to 15 to 34 characters and to their check digits.
TERRITORIES = "AX BL GF GG GP IM JE MF MQ NC PF PM RE TF WF YT"
OWN_MAKING = "AO BF BJ CF CG CI CM CV DZ GA GQ GW IR KM MA MG ML MZ NE SN TD TG"
NOT_LISTED = {*TERRITORIES.split(), *OWN_MAKING.split()}


def is_taken(iban: str) -> bool:
    try:
        bank_account.check_iban(iban)
    except SegcliError:
        return False
    return True


def checked(country: str, account: str) -> str:
    """Return an account number as an IBAN, with the check digits that fit."""
    number = int("".join(str(int(c, 36)) for c in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


def test_every_country_of_the_registry_has_its_length() -> None:
    assert {country: length for country, length in LENGTHS.items() if bank_account._LENGTHS.get(country) != length} == {
        country: LENGTHS[country] for country in NOT_LISTED
    }
    assert set(bank_account._LENGTHS) <= set(LENGTHS)


@pytest.mark.parametrize("country", sorted(LENGTHS))
def test_an_iban_of_every_country(country: str) -> None:
    iban = str(schwifty.IBAN.random(country_code=country))
    assert is_taken(iban)
    for wrong in (iban[:-1], iban + "0", iban[:2] + f"{(int(iban[2:4]) + 1) % 100:02}" + iban[4:]):
        assert not schwifty.IBAN(wrong, allow_invalid=True).is_valid
        assert not is_taken(wrong) or (country in NOT_LISTED and len(wrong) != len(iban))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Return something like an IBAN: mostly of its country's length and shape, often with fitting check digits."""
    country = draw(st.sampled_from(sorted(bank_account._LENGTHS)) | st.text(LETTERS, min_size=2, max_size=2))
    length = LENGTHS.get(country, 20) - 4 + draw(st.sampled_from([0, 0, 0, 1, -1]))
    account = draw(st.text("0123456789", min_size=length, max_size=length))
    if country in LENGTHS and draw(st.booleans()):
        account = str(schwifty.IBAN.random(country_code=country))[4:]
    return checked(country, account) if draw(st.booleans()) else f"{country}{draw(st.integers(0, 99)):02}{account}"


@given(numbers())
def test_what_schwifty_takes_segcli_takes(iban: str) -> None:
    if schwifty.IBAN(iban, allow_invalid=True).is_valid:
        assert is_taken(iban)


@given(numbers())
def test_what_segcli_refuses_and_what_it_takes_beyond_schwifty(iban: str) -> None:
    """Segcli takes more in two ways: it knows no letters and digits by place, and countries that are in no registry."""
    if not is_taken(iban):
        assert not schwifty.IBAN(iban, allow_invalid=True).is_valid
        return
    try:
        schwifty.IBAN(iban)
    except (InvalidStructure, InvalidCountryCode):
        return
    except InvalidLength:
        assert iban[:2] in NOT_LISTED


TEXTS = ("Call Ann", 'Tea; milk, sugar \\ honey: "x"', "Überall; Öl 日本" * 9, "BEGIN:VEVENT", "two\nlines\nhere")
REQUESTS = """request,type,status,account,description,notes,assignee,request_date,start_date,start_time,end_date,end_time,due_date
{rows}
"""


def test_icalendar_reads_what_segcli_writes(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text('account,name\nA,"Bob & Co, Ltd; x"\n')
    rows = []
    for number, text in enumerate(TEXTS):
        quoted = '"' + text.replace('"', '""') + '"'
        rows += [
            f"T{number},task,open,A,{quoted},{quoted},Piet,2026-06-01,2026-06-05,,,,2026-06-10",
            f"E{number},event,approved,A,{quoted},,,2026-06-03,2026-07-01,14:30,2026-07-02,16:00,",
            f"W{number},event,approved,A,{quoted},,,2026-06-03,2026-07-01,,2026-07-02,,",
            f"N{number},note,processed,A,{quoted},{quoted},,2026-06-04,,,,,",
        ]
    Path("r.csv").write_text(REQUESTS.format(rows="\n".join(rows)))
    for name in "ar":
        done = segcli("import", f"{name}.csv")
        assert done.status == 0, done.err
    assert segcli("show", "request-search", "-o", "r.ics").status == 0
    data = Path("r.ics").read_bytes()
    calendar = icalendar.Calendar.from_ical(data)
    parts = {str(part["UID"]): part for part in calendar.subcomponents}
    assert [part.errors for part in (calendar, *parts.values()) if part.errors] == []
    assert len(parts) == len(rows)
    kinds = {"T": "VTODO", "E": "VEVENT", "W": "VEVENT", "N": "VJOURNAL"}
    for number, text in enumerate(TEXTS):
        for letter, kind in kinds.items():
            part = parts[f"{letter}{number}@requests.segcli"]
            assert part.name == kind
            assert str(part["SUMMARY"]) == text
            assert part["DTSTAMP"].dt.utcoffset() == timedelta(0)
            if letter in "TN":
                assert str(part["DESCRIPTION"]) == text
            assert str(part["CONTACT"]) == "Bob & Co, Ltd; x (A)"
        task, timed, whole = (parts[f"{letter}{number}@requests.segcli"] for letter in "TEW")
        assert (task["DTSTART"].dt, task["DUE"].dt) == (date(2026, 6, 5), date(2026, 6, 10))
        assert (timed["DTSTART"].dt, timed["DTEND"].dt) == (datetime(2026, 7, 1, 14, 30), datetime(2026, 7, 2, 16))  # noqa: DTZ001 - in whoever's time zone
        assert (whole["DTSTART"].dt, whole["DTEND"].dt) == (date(2026, 7, 1), date(2026, 7, 2) + timedelta(days=1))
    # What icalendar writes again says the same: nothing was lost in reading it.
    again = icalendar.Calendar.from_ical(calendar.to_ical())
    assert [str(part["SUMMARY"]) for part in again.subcomponents] == [str(p["SUMMARY"]) for p in calendar.subcomponents]
