"""`segcli administration`: the administration itself: name, address, numbers and bank account; set and show."""

import sqlite3
from typing import Any

from segcli.base.errors import SegcliError, UsageError
from segcli.classify.catalogue_edit import writing
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.settings import administration

SHOWN = (Column("field"), Column("value"), Column("in_configuration", heading="In the configuration"))
_TEXTS = {
    "name": "The name on letters and invoices.",
    "address": "Street and number.",
    "postcode": "The postcode.",
    "city": "The city.",
    "country": "Two letters, ISO 3166: NL.",
    "vat_number": "With its country in front: NL001234567B01.",
    "chamber_of_commerce": "The number in the trade register.",
    "iban": "The bank account that is paid to.",
    "bic": "The bank, where the account needs it.",
    "phone": "The telephone number.",
    "email": "The e-mail address.",
    "website": "The web address.",
    "currency": "Three letters, ISO 4217; only while nothing is kept in the present one.",
}
_CLEARED = tuple(field.replace("_", "-") for field in administration.FIELDS if field != "currency")
_OUTPUT = options.named(options.FORM)


def show(session: Session, values: Values) -> None:
    """Show who we are: a row for each field."""
    with session.connect() as db:
        own = administration.read(db)
        said = _in_configuration(session)
        rows = [(field, own[field] or None, said.get(field)) for field in administration.FIELDS]
        table = Table("Administration", SHOWN, rows, with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def _in_configuration(session: Session) -> dict[str, str]:
    """Return what letters and invoices have instead, by field."""
    from segcli.settings import sections

    found = sections.section(session.config, "letters")
    said = {field: str(found[field] or "") for field in ("name", "email", "iban", "bic")}
    address = found["address"] if isinstance(found["address"], list) else [found["address"]]
    said["address"] = ", ".join(str(line) for line in address if line)
    return {field: text for field, text in said.items() if text}


def set_(session: Session, values: Values) -> None:
    """Set or clear fields: one run, which undo takes back."""
    new = _wanted(values)
    with (
        session.connect(write=True) as db,
        writing(session, db, "administration set", values) as run,
    ):
        changes = administration.change(db, run.id, new)
        for field, old, now in changes:
            session.outcome.change("administration", field, old, now)
        words = ", ".join(f"{field} {_shown(old)} -> {_shown(new)}" for field, old, new in changes)
        run.note(f"{'would change' if values['dry_run'] else 'changed'}: {words}" if changes else "")


def _shown(value: str | None) -> str:
    return f"'{value}'" if value else "none"


def _wanted(values: Values) -> dict[str, str | None]:
    """Return the fields that the flags set or clear, checked."""
    new: dict[str, str | None] = {
        field: administration.checked(field, values[field])
        for field in administration.FIELDS
        if values[field] is not None
    }
    for name in dict.fromkeys(values["clear"]):
        field = name.replace("-", "_")
        if field in new:
            raise UsageError(f"--{name} and --clear {name} contradict each other")
        new[field] = None
    if not new:
        raise UsageError("nothing to set", "say --name TEXT, --iban IBAN, … or --clear FIELD")
    return new


def undo(db: sqlite3.Connection, run_id: int, by_run: int) -> str:
    """Take back what a run set, as far as it still stands."""
    done, stay = administration.take_back(db, run_id, by_run)
    if not done and stay:
        raise SegcliError(f"what run {run_id} set was set again since", "undo the later run first")
    kept = f", {stay} set again since stay" if stay else ""
    return f"{done} fields of the administration of run {run_id} taken back{kept}" if done else ""


def _flags() -> tuple[Parameter, ...]:
    made: list[Any] = [
        Parameter(field, (f"--{field.replace('_', '-')}",), text, metavar="TEXT") for field, text in _TEXTS.items()
    ]
    clear = Parameter("clear", ("--clear",), "Leave a field empty; again for each.", metavar="FIELD", is_many=True,
                      choices=_CLEARED)  # fmt: skip
    return (*made, clear)


COMMAND = group(
    "The administration itself: name, address, numbers and bank account; set and show.",
    {
        "set": Command(
            "Set or clear the administration's own data.\n\nLetters and invoices (PDF and UBL) take them, where `letters:` in the"
            " configuration says nothing else. What is set is checked: IBAN by its check digits, country and currency by ISO"
            " 3166 and 4217, VAT number by the shape of its country. Setting what is there already changes nothing. An import that"
            " brings the administration's own relation (type D) leaves alone what was set here. One run, which undo takes back.",
            set_,
            (*_flags(), *options.BY_HAND),
            (
                "segcli administration set --iban NL91ABNA0417164300 --bic ABNANL2A",
                "segcli administration set --address 'Kade 1' --postcode '1011 AB' --city Amsterdam --country NL --dry-run",
                "segcli administration set --clear website",
            ),
        ),
        "show": Command(
            "Show the administration's own data: a row for each field.\n\nBeside a value stands what `letters:` in the configuration says"
            " instead: it goes first on letters and invoices.",
            show,
            _OUTPUT,
            ("segcli administration show", "segcli administration show -f json"),
        ),
    },
)
