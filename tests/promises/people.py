"""A person who stands in every corner of a database, in every spelling; others who look alike; and the search for traces in bytes."""

import re
import unicodedata
from pathlib import Path

from conftest import Run, connected

MAIL, MOBILE = "piet.zwartjes@bakker.example", "06-1234 5678"
WHO = f"account,contact,name,first_name,last_name,email,mobile,job_title,notes,consent_basis,external_id\nK1,1,Piet Zwärtjes,Piet,Zwärtjes,{MAIL},{MOBILE},Chef inkoop,likes rye,consent,G-77-33\n"
OTHERS = (
    "K1,2,Joan Piet,Joan,Piet,npiet.zwartjes@bakker.example,06-1234 5679,,{notes},consent,\n"
    "K2,1,Anna,Anna,,anna@slager.example,,,,consent,\n"
    "K2,2,Joanna Zwart,Joanna,Zwart,joanna@slager.example,,,,consent,\n"
)
ACCOUNTS = "account,name,email,phone,remarks\nK1,Bakker,{mail},{mobile},{remarks}\nK2,Slager,joanna@slager.example,020-1112233,\n"
WAYS = ("Piet Zwärtjes", "PIET ZWÄRTJES", unicodedata.normalize("NFD", "Piet Zwärtjes"), "Piet  Zwartjes", "Piet\u00a0Zwärtjes", "Zwärtjes, Piet",
        "P. Zwärtjes", "piet_zwartjes", MAIL, MAIL.upper(), f"mailto:{MAIL}.", "0612345678", "06 12 34 56 78", "+31 (0)6-12345678")  # fmt: skip
# What of them is a trace, in text that is lowered and stripped of accents.
TRACES = re.compile(
    rb"zwartjes|zwa\xcc\x88rtjes|zw\xc3\xa4rtjes|zw\xc3\x84rtjes|zw..u00e4rtjes|chef inkoop|likes rye|g-77-33|1234.?5678|12 34 56 78"
)
NOT_THEIRS = (b"npiet.zwartjes@bakker.example", b"zwartjesstraat")


def traces(folder: Path) -> set[tuple[str, bytes]]:
    """Return what is found of the person in the bytes of every file of a folder."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            for theirs in NOT_THEIRS:
                data = data.replace(theirs, b"")
            found |= {(path.name, match[0]) for match in TRACES.finditer(data)}
    return found


def write(folder: Path) -> list[Path]:
    """Write the files that bring everybody in, and return them."""
    said = " / ".join(WAYS).replace('"', "")
    requests = "request,type,account,contact,description,notes,assignee,created_by,request_date\n"
    requests += f'R1,task,K1,1,"Mr Zwärtjes rang, Piet was cross","{said}",,,2026-06-01\n'
    requests += "".join(f'W{n},task,K2,1,"{way}","x {way} y",,,2026-06-01\n' for n, way in enumerate(WAYS))
    requests += "R2,task,K2,1,Anna in Savannah,joanna@slager.example anna@slager.example.org Zwartjesstraat 3,Piet Zwärtjes,Piet Zwärtjes,2026-06-01\n"
    texts = {
        "a.csv": ACCOUNTS.format(mail=MAIL, mobile=MOBILE, remarks="ask Piet Zwärtjes"),
        "c.csv": WHO + OTHERS.format(notes="Piet Zwärtjes is her boss"),
        "r.csv": requests,
        "piet_zwartjes.csv": "account,invoice_number,invoice_date,amount,dispute_reason\nK1,1,2026-01-05,10.00,Piet Zwärtjes says so\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


def fill(segcli: Run, folder: Path) -> None:
    """Bring everybody in and let each command keep something of the person."""
    files = write(folder)
    commands = [
        ("import", *files),
        ("request", "assign", "R2", "--to", "Jan", "--reason", f"{MAIL} asked"),
        ("request", "assign", "W0", "--to", "Piet Zwärtjes"),
        ("request", "assign", "W0", "--nobody"),
        ("request", "add", "K1", "call Piet Zwärtjes", "--contact", "1", "--notes", MOBILE),
        ("selection", "save", "his", "--search", "Piet Zwärtjes", "--description", "of Piet Zwärtjes"),
        ("list", "create", "all", "--all", "--description", MAIL),
        ("list", "create", "some", "--search", MAIL, "--static"),
        ("list", "opt-out", MAIL, "--source", "Piet Zwärtjes rang", "--reason", MAIL),
        ("subscription", "add", "K1", "--number", "S1", "--name", "for Piet Zwärtjes", "--description", "Zwärtjes, Piet", "--price", "10", "--reference", MAIL),
        ("subscription", "change", "S1", "--name", "of PIET ZWÄRTJES"),
        ("classification", "label", "1", "Region"),
        ("classification", "value", "add", "1", "N", "North"),
        ("tag", "K1", "--set", "class1=N", "--reason", f"as {MAIL} wrote"),
    ]  # fmt: skip
    for words in commands:
        done = segcli(*words)
        assert done.status == 0, (words, done.err)


def everyone_else(path: Path) -> list[tuple[object, ...]]:
    """Return what is held of others, and of requests that name nobody of ours."""
    with connected(path) as db:
        people = db.execute(
            "SELECT account_id, code, name, first_name, last_name, email, mobile FROM contact WHERE id <> 1 ORDER BY id"
        ).fetchall()
        texts = db.execute(
            "SELECT request_number, description, notes FROM request WHERE request_number = 'R2'"
        ).fetchall()
        accounts = db.execute(
            "SELECT code, name, CASE code WHEN 'K2' THEN email END, CASE code WHEN 'K2' THEN phone END FROM account"
        ).fetchall()
    return [*people, *texts, *accounts]


def written(segcli: Run) -> list[str]:
    """Return the addresses of the marketing list."""
    return [row["email"].lower() for row in segcli("show", "marketing-list", "-f", "json").rows]
