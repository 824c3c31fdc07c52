"""`segcli administration`: the administration itself: name, address, numbers and bank account; set and show."""

import sqlite3

from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
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
    "vat_number": "With the country code: NL001234567B01.",
    "chamber_of_commerce": "The number in the trade register.",
    "iban": "The bank account for payments.",
    "bic": "The bank, if the account needs it.",
    "phone": "The telephone number.",
    "email": "The e-mail address.",
    "website": "The web address.",
    "currency": "Three letters, ISO 4217; only while no amounts are stored.",
}
_CLEARED = tuple(field.replace("_", "-") for field in administration.FIELDS if field != "currency")
_OUTPUT = options.named(options.FORM)


def show(session: Session, values: Values) -> None:
    """Show the administration's data: one row per field."""
    with session.connect() as db:
        own = administration.read(db)
        said = _in_configuration(session)
        rows = [(field, own[field] or None, said.get(field)) for field in administration.FIELDS]
        table = Table("Administration", SHOWN, rows, with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def _in_configuration(session: Session) -> dict[str, str]:
    """Return, by field, the values in the configuration that letters and invoices use instead."""
    from segcli.settings import sections

    found = sections.section(session.config, "letters")
    said = {field: str(found[field] or "") for field in ("name", "email", "iban", "bic")}
    address = found["address"] if isinstance(found["address"], list) else [found["address"]]
    said["address"] = ", ".join(str(line) for line in address if line)
    return {field: text for field, text in said.items() if text}


def set_(session: Session, values: Values) -> None:
    """Set or clear fields, as one run that can be undone."""
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
    """Return the checked fields that the flags set or clear."""
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
    """Reverse what a run set, where it still stands."""
    done, stay = administration.take_back(db, run_id, by_run)
    if not done and stay:
        raise SegcliError(
            f"nothing of run {run_id} can be undone: its fields were set again", "undo the later run first"
        )
    kept = f", {stay} kept: set again since" if stay else ""
    return f"{counted(done, 'field')} of the administration of run {run_id} undone{kept}" if done else ""


def _flags() -> tuple[Parameter, ...]:
    made: list[Parameter] = [
        Parameter(field, (f"--{field.replace('_', '-')}",), text, metavar="TEXT") for field, text in _TEXTS.items()
    ]
    clear = Parameter(
        "clear", ("--clear",), "Clear a field; repeatable.", metavar="FIELD", is_many=True, choices=_CLEARED
    )
    return (*made, clear)


COMMAND = group(
    "The administration itself: name, address, numbers and bank account; set and show.",
    {
        "set": Command(
            "Set or clear the administration's own data.\n\nLetters and invoices (PDF and UBL) use it unless `letters:` in"
            " the configuration overrides it. Values are checked: IBAN by its check digits, country and currency by ISO 3166"
            " and 4217, VAT number by the format of its country. Setting the present value changes nothing. An import of the"
            " administration's own relation (type D) does not overwrite values set here. The change is one run, which undo"
            " reverses.",
            set_,
            (*_flags(), *options.BY_HAND),
            (
                "segcli administration set --iban NL91ABNA0417164300 --bic ABNANL2A",
                "segcli administration set --address 'Kade 1' --postcode '1011 AB' --city Amsterdam --country NL --dry-run",
                "segcli administration set --clear website",
            ),
        ),
        "show": Command(
            "Show the administration's own data: one row per field.\n\nIf `letters:` in the configuration overrides a value,"
            " that value is shown beside it; letters and invoices use it.",
            show,
            _OUTPUT,
            ("segcli administration show", "segcli administration show -f json"),
        ),
    },
)
