"""Requests: what comes in, what is found, what the command line changes, and the calendar that they become."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Once, Run, connected, fingerprint

ROWS = """request,type,status,account,contact,description,notes,assignee,request_date,start_date,start_time,end_date,end_time,due_date
T1,task,open,A,,Call Ann,About tea,Piet,2026-06-01,,,,,2026-06-10
T2,klacht,40,A,P1,Cheese was warm,,Jan,2026-06-02,,,,,2026-06-05
T3,event,approved,B,,Fair,,,2026-06-03,2026-07-01,14:30,2026-07-01,16:00,
T4,note,processed,,,Nobody's,,,2026-06-04,,,,,
T5,service,draft,B,,Machine leaks,Überall; Öl,Piet,2026-06-05,2026-06-06,,,,2026-06-30
"""


def _requests(segcli: Run) -> None:
    Path("a.csv").write_text("account,name,class1\nA,Ann,X\nB,Bob & Co,\n")
    Path("c.csv").write_text("account,contact,name\nA,P1,Paula\n")
    Path("r.csv").write_text(ROWS)
    assert segcli("import", "a.csv", "--create-missing").status == 0
    for name in "cr":
        done = segcli("import", f"{name}.csv")
        assert done.status == 0, done.err


@pytest.fixture
def requests(once: Once, empty: Path) -> Path:
    once(_requests)
    return empty


def found(segcli: Run, *words: str) -> list[str]:
    return [
        str(row["request"])
        for row in segcli("show", "request-search", "-f", "json", "--columns", "request", *words).rows
    ]


def test_what_is_found(segcli: Run, requests: Path) -> None:
    rows = segcli("show", "request-search", "-f", "json").rows
    assert [tuple(row.values()) for row in rows][:2] == [
        ("T1", "task", "open", "Call Ann", "A", "Ann", None, "Piet", "2026-06-01", "2026-06-10", 20, None),
        (
            "T2",
            "complaint",
            "realised",
            "Cheese was warm",
            "A",
            "Ann",
            "Paula",
            "Jan",
            "2026-06-02",
            "2026-06-05",
            None,
            None,
        ),
    ]
    cases = {
        (): ["T1", "T2", "T3", "T4", "T5"], ("--open",): ["T1", "T3", "T5"], ("--overdue",): ["T1"],
        ("--overdue", "--as-of", "2026-07-01"): ["T1", "T5"], ("--type", "task,service"): ["T1", "T5"],
        ("--state", "not:open,draft"): ["T2", "T3", "T4"], ("--assignee", "piet"): ["T1", "T5"], ("--assignee", "none"): ["T3", "T4"],
        ("--contact", "Paula"): ["T2"], ("--text", "uberall ol"): ["T5"], ("--text", "tea"): ["T1"], ("--account", "B"): ["T3", "T5"],
        ("--class1", "X"): ["T1", "T2"], ("--class1", "none"): ["T3", "T4", "T5"], ("--class1", "not:X"): ["T3", "T4", "T5"],
        ("--from", "2026-06-03", "--to", "2026-06-04"): ["T3", "T4"], ("--period", "2026-06", "--date", "due"): ["T1", "T2", "T5"],
        ("--date", "start", "--from", "2026-07-01"): ["T3"], ("--request", "T1,prefix:T5"): ["T1", "T5"],
    }  # fmt: skip
    assert {words: found(segcli, *words) for words in cases} == cases
    for words in (("--type", "tasks"), ("--state", "done"), ("--assignee", "Nobody"), ("--request", "T9")):
        assert segcli("show", "request-search", *words).status == 2


def test_beside_accounts_and_contacts(segcli: Run, requests: Path) -> None:
    rows = segcli("show", "account-overview", "--columns", "account,open_requests", "-f", "json").rows
    assert rows == [{"account": "A", "open_requests": 1}, {"account": "B", "open_requests": 2}]
    (row,) = segcli("show", "contact-overview", "--columns", "last_activity", "-f", "json").rows
    assert row == {"last_activity": "2026-06-02"}
    assert "Cheese was warm" in segcli("show", "account-overview", "A", "-f", "vertical").out


# ------------------------------------------------------------------------------------------------ what comes in
def test_again_and_changed(segcli: Run, requests: Path) -> None:
    before = fingerprint(requests)
    assert segcli("import", "r.csv", "--again").status == 0
    assert segcli("show", "request-search", "-o", "x.json").status == 0
    with connected(requests) as db:
        number = db.execute("SELECT count(*) FROM request").fetchone()
    assert segcli("import", "x.json").status == 0
    with connected(requests) as db:
        assert db.execute("SELECT count(*) FROM request").fetchone() == number
        assert db.execute("SELECT summary FROM run ORDER BY id DESC LIMIT 1").fetchone()[0] != ""
    Path("r.csv").write_text(ROWS.replace("40", "5"))
    assert segcli("import", "r.csv").status == 0
    assert found(segcli, "--state", "rejected") == ["T2"]
    assert fingerprint(requests) != before


def test_a_file_without_numbers(segcli: Run, requests: Path) -> None:
    Path("nl.csv").write_text(
        "onderwerp;relatie;soort;status;aangemaakt;vervaldatum\nBel;A;klacht;nieuw;2026-06-29;2026-07-09\nBel;B;taak;gereed;2026-06-29;\n"
    )
    for _ in range(2):
        assert segcli("import", "nl.csv", "--again").status == 0
    assert found(segcli)[-2:] == ["R-1", "R-2"]
    assert found(segcli, "--open", "--type", "complaint") == ["R-1"]


def test_exacts_answers(segcli: Run, requests: Path) -> None:
    def record(kind: str, **cells: Any) -> dict[str, Any]:
        return {"__metadata": {"type": f"Exact.Web.Api.Models.Activities.{kind}"}, **cells}

    Path("t.json").write_text(json.dumps({"d": {"results": [
        record("Task", ID="11111111-1111-1111-1111-111111111111", HID=7, Description="Ring back\nat noon", Account=None, Status=20,
               UserFullName="Piet", ActionDate="/Date(1782950400000)/", Created="/Date(1782777600000)/"),
        record("Complaint", ID="22222222-2222-2222-2222-222222222222", Complaint="Cold", Notes="Very", Status=30,
               AssignedToFullName="Jan", ReceiptDate="/Date(1782777600000)/"),
        record("Event", ID="33333333-3333-3333-3333-333333333333", Description="Tasting", Status=20,
               StartDate="/Date(1783000800000)/", EndDate="/Date(1783008000000)/", Created="/Date(1782777600000)/"),
    ]}}))  # fmt: skip
    for _ in range(2):
        done = segcli("import", "t.json", "--again")
        assert done.status == 0, done.err
    rows = segcli("show", "request-search", "-f", "json", "--from", "2026-06-30",
                  "--columns", "request,type,description,status,assignee,due_date,start_date,start_time,notes").rows  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [
        ("7", "task", "Ring back", "open", "Piet", "2026-07-02", None, None, "Ring back\nat noon"),
        ("R-1", "complaint", "Cold", "approved", "Jan", None, None, None, "Very"),
        ("R-2", "event", "Tasting", "open", None, None, "2026-07-02", "14:00", None),
    ]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("T9,taak,open,Z,,x,,,2026-06-01,,,,,", "r.csv:2:account", "no such account"),
        ("T9,taak,open,A,P9,x,,,2026-06-01,,,,,", "r.csv:2:contact", "no such contact"),
        ("T9,taak,25,A,,x,,,2026-06-01,,,,,", "r.csv:2:status", "not the status"),
        ("T9,dream,open,A,,x,,,2026-06-01,,,,,", "r.csv:2:type", "this word is not known"),
        ("T9,event,open,A,,x,,,2026-06-01,2026-06-02,25:00,,,", "r.csv:2:start_time", "time of day"),
        ("T9,taak,open,A,,,,,2026-06-01,,,,,", "r.csv:2:description", "empty"),
        (
            "T9,taak,open,A,,x,,,2026-06-01,,,,,\nT9,taak,open,A,,x,,,2026-06-01,,,,,",
            "r.csv:3:request",
            "duplicate of line 2",
        ),
    ],
)
def test_what_is_wrong_is_named(segcli: Run, requests: Path, text: str, place: str, reason: str) -> None:
    before = fingerprint(requests)
    Path("r.csv").write_text(f"{ROWS.splitlines()[0]}\n{text}\n")
    done = segcli("import", "r.csv")
    assert done.status == 1
    assert place in done.err
    assert reason in done.err
    assert fingerprint(requests) == before


# ------------------------------------------------------------------------------------------------ by hand
def state(database: Path, number: str) -> Any:
    with connected(database) as db:
        return db.execute(
            "SELECT status, assignee, closed_date FROM request WHERE request_number = ?", (number,)
        ).fetchone()


def test_add_assign_close_and_back(segcli: Run, requests: Path) -> None:
    before = fingerprint(requests)
    added = segcli(
        "request",
        "add",
        "A",
        "Call again",
        "--due",
        "2026-07-03",
        "--contact",
        "paula",
        "--type",
        "service",
        "--by",
        "Me",
    )
    assert (added.status, added.out, added.err) == (0, "R-1\n", "")
    assert segcli("request", "add", "Order paper").out == "R-2\n"
    assert segcli("request", "add", "Two words", "--account", "B").out == "R-3\n"
    assert found(segcli, "--account", "A", "--text", "again") == ["R-1"]
    assert segcli("request", "assign", "R-1", "T1", "--to", "Anna").status == 0
    assert (state(requests, "R-1"), state(requests, "T1")) == ((20, "Anna", None), (20, "Anna", None))
    assert segcli("request", "close", "R-1", "--on", "2026-06-29").status == 0
    same = fingerprint(requests)
    assert segcli("request", "close", "R-1").status == 0  # twice is once: it keeps its day
    assert fingerprint(requests) == same
    assert state(requests, "R-1") == (40, "Anna", "2026-06-29")
    assert segcli("request", "reopen", "R-1").status == 0
    assert segcli("request", "assign", "R-1", "--nobody").status == 0
    assert state(requests, "R-1") == (20, None, None)
    runs = [row["run"] for row in segcli("log", "-f", "json").rows if str(row["command"]).startswith("request")]
    for run in runs:  # the last first
        assert segcli("undo", run, "--yes").status == 0, run
    with connected(requests) as db:
        assert db.execute("SELECT count(*) FROM request WHERE request_number LIKE 'R-%'").fetchone() == (0,)
    assert state(requests, "T1") == (20, "Piet", None)
    assert fingerprint(requests) != before  # the runs are kept


def test_undo_leaves_what_was_changed_since(segcli: Run, requests: Path) -> None:
    assert segcli("request", "assign", "T1", "T5", "--to", "Anna").status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("request", "assign", "T1", "--to", "Zoe").status == 0
    assert segcli("undo", run, "--yes").status == 0
    assert (state(requests, "T1")[1], state(requests, "T5")[1]) == ("Zoe", "Piet")
    assert segcli("request", "close", "T5").status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("request", "reopen", "T5").status == 0
    before = fingerprint(requests)
    refused = segcli("undo", run, "--yes")  # nothing of it stands
    assert (refused.status, f"nothing of run {run} can be undone: its requests were changed again" in refused.err) == (
        1,
        True,
    )
    assert fingerprint(requests) == before
    Path("r.csv").write_text(ROWS.replace("Zoe", "Piet"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Z", "Call"), "no account 'Z'"), (("add", "A", "Call", "--contact", "Nobody"), "contact-search"),
        (("add", "Call", "--contact", "Paula"), "of which account"), (("add", "A", "Call", "--due", "2026-02-30"), "2026-02-28"),
        (("close", "T9"), "no request 'T9'"), (("assign", "T1"), "--to"), (("assign", "T1", "--to", "x", "--nobody"), "--nobody"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(segcli: Run, requests: Path, words: tuple[str, ...], said: str) -> None:
    before = fingerprint(requests)
    done = segcli("request", *words)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert fingerprint(requests) == before


# ------------------------------------------------------------------------------------------------ the calendar
def components(text: str) -> list[dict[str, str]]:
    """Read a calendar by its grammar: unfolded, a property a line."""
    unfolded = text.replace("\r\n ", "")
    parts = re.findall(r"BEGIN:(V(?:TODO|EVENT|JOURNAL))\r\n(.*?)END:\1\r\n", unfolded, re.DOTALL)
    return [{"": kind, **dict(line.split(":", 1) for line in body.splitlines())} for kind, body in parts]


def test_a_calendar(segcli: Run, requests: Path) -> None:
    assert segcli("show", "request-search", "-o", "r.ics").status == 0
    text = Path("r.ics").read_bytes().decode()
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    task, complaint, fair, note, service = components(text)
    assert task == {
        "": "VTODO", "UID": "T1@requests.segcli", "DTSTAMP": "20260601T000000Z", "DUE;VALUE=DATE": "20260610", "SUMMARY": "Call Ann",
        "DESCRIPTION": "About tea", "STATUS": "NEEDS-ACTION", "CATEGORIES": "task", "CONTACT": "Ann (A)", "X-SEGCLI-ASSIGNEE": "Piet",
    }  # fmt: skip
    assert (complaint["STATUS"], complaint["CONTACT"]) == ("COMPLETED", "Paula\\, Ann (A)")
    assert (fair[""], fair["DTSTART"], fair["DTEND"]) == ("VEVENT", "20260701T143000", "20260701T160000")
    assert (note[""], note["DTSTART;VALUE=DATE"], note["SUMMARY"]) == ("VJOURNAL", "20260604", "Nobody's")
    assert (service["DTSTART;VALUE=DATE"], service["DESCRIPTION"]) == ("20260606", "Überall\\; Öl")
    again = segcli("show", "request-search", "-f", "ics").out
    assert again.replace("\r\n", "\n") == text.replace("\r\n", "\n")
    for words in (("--columns", "request"), ("--group-by", "type")):
        refused = segcli("show", "request-search", "-f", "ics", *words)
        assert (refused.status, refused.out) == (2, "")
    assert segcli("show", "account-search", "-f", "ics").status == 2


def test_hostile_texts_stay_in_their_property(segcli: Run, requests: Path) -> None:
    evil = "x\r\nBEGIN:VALARM\r\nACTION:x\n\x1b\\;,é" + "€" * 60
    with connected(requests) as db:
        db.execute("UPDATE request SET description = ?, notes = ? WHERE request_number = 'T1'", (evil, evil))
        db.commit()
    assert segcli("show", "request-search", "--request", "T1", "-o", "x.ics").status == 0
    raw = Path("x.ics").read_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\x1b" not in raw
    assert b"\nBEGIN:VALARM" not in raw
    (task,) = components(raw.decode())
    assert task["SUMMARY"] == "x\\nBEGIN:VALARM\\nACTION:x\\n\\\\x1b\\\\\\;\\,é" + "€" * 60
