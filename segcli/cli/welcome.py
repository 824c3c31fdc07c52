"""`segcli` alone on a terminal: what the database holds, and what to do next."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from segcli.base.money import to_human
from segcli.interface.command import Session
from segcli.output import destinations
from segcli.query import holdings

_INDENT, _GAP = "  ", 2
_NO_BREAK = "\N{NO-BREAK SPACE}"


def show(session: Session) -> None:
    """Print what the database holds and the next commands, as wide as the terminal."""
    with session.connect() as db:
        found = holdings.read(db, str(session.today))
    room = destinations.terminal_width()
    decimal = session.config.values["decimal"]
    lines = [
        f"{found.administration or 'segcli'} · {session.database}",
        "",
        *_columns(_facts(found, decimal, str(session.today)), room),
        "",
        "Next:",
        *_columns(_next(found, session.common), room),
    ]
    destinations.write_stdout("".join(f"{line}\n" for line in lines))


def _facts(found: holdings.Holdings, decimal: str, day: str) -> Iterator[tuple[str, str]]:
    def number(count: int) -> str:
        return f"{count:,}".replace(",", "." if decimal == "," else ",")

    yield "Accounts", number(found.accounts)
    yield "Contacts", number(found.contacts)
    yield "Invoices", number(found.invoices)
    sums = [(code, to_human(amount, code, decimal), to_human(due, code, decimal)) for code, amount, due in found.open]
    wide, due_wide = (max((len(row[at]) for row in sums), default=0) for at in (1, 2))
    amounts = [f"{code} {amount:>{wide}}, overdue {due:>{due_wide}}" for code, amount, due in sums]
    yield f"Open on {day}", next(iter(amounts), "nothing")
    yield from (("", amount) for amount in amounts[1:])
    classes = [f"{label} ({number(values)} value{'s' * (values != 1)})" for _, label, values, _ in found.classes]
    yield "Classifications", ", ".join(text.replace(" ", _NO_BREAK) for text in classes) or "no labels yet"
    yield "Last import", found.last_import or "none yet"


def _next(found: holdings.Holdings, common: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the commands that fit what the database holds, each with what it does."""
    segcli = shlex.join(("segcli", *common))
    if not found.accounts:
        yield f"{segcli} import FILE...", "load accounts, contacts, invoices, receivables, …"
        yield f"{segcli} import --help", "which files are recognised, and how"
    if not found.classes:
        yield f"{segcli} classification label 1 TEXT", "name the first classification"
    without = next(((field, label, n) for field, label, values, n in found.classes if values and n), None)
    if found.accounts:
        yield f"{segcli} account CODE|WORDS", "the card of an account"
        if not found.items:
            yield f"{segcli} import FILE...", "load invoices and receivables"
        elif found.classes:
            yield (
                f"{segcli} show debtor-ageing --group-by class{found.classes[0][0]}",
                f"what is open, by {found.classes[0][1]}",
            )
        else:
            yield f"{segcli} show debtor-ageing", "what is open, by age"
    if without:
        field, label, number = without
        verb = "accounts have" if number != 1 else "account has"
        yield f"{segcli} show account-search --class{field} none", f"{number} {verb} no {label}"
    yield f"{segcli} show", "all overviews; segcli run: all actions"
    yield f"{segcli} --help", "all commands"


def _columns(rows: Iterable[tuple[str, str]], room: int) -> Iterator[str]:
    """Yield pairs as two columns; the right one wraps, and goes below the left one if there is no room beside it."""
    import textwrap

    pairs = list(rows)
    left = len(_INDENT) + max(len(first) for first, _ in pairs) + _GAP
    is_beside = room - left >= room // 3
    indent = " " * left if is_beside else _INDENT * 2
    for first, second in pairs:
        wrapped = textwrap.wrap(second, max(room - len(indent), 1), break_on_hyphens=False)
        lines = [line.replace(_NO_BREAK, " ") for line in wrapped]
        top = f"{_INDENT}{first}"
        yield f"{top:{left}}{lines.pop(0)}" if is_beside else top
        yield from (f"{indent}{line}" for line in lines)
