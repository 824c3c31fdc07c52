"""`segcli send`: send e-mail drafts, each message once, and record them."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.base import bounded_read, file_guard
from segcli.base.errors import CHANGED, Problem, RejectedError, SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.table import Column, Table
from segcli.interface import changes, confirm, options, progress
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import Parameter, flag

if TYPE_CHECKING:
    from segcli.output.mailing.message import Message
    from segcli.output.mailing.sending import Item

HELP = """Send e-mail drafts, each message once, and record them.

Give the folder that an action wrote (run print-reminders, print-invoices or print-statements), or single .eml files. All .eml
files directly in a folder are sent, through the SMTP server in the configuration (smtp), else through sendmail. --dry-run
lists recipients and subjects without contacting a server. Off a terminal --yes is needed.

The database records for each recipient when a message was sent and the server's answer. Running the command again sends only
unsent messages; a changed draft is another message. Refused recipients are reported, and the command ends with status 5. If the
server's answer was lost, the message may have arrived: it is reported in each run, and sent again only with --again. Ctrl-C ends
the command after the current message. Sent messages cannot be undone.
"""
COLUMNS = (
    Column("file"),
    Column("recipient"),
    Column("subject"),
    Column("status"),
    Column("sent_at", "code", "When"),
    Column("answer"),
)
_TO_SEND = "to send"
PARAMETERS = (
    Parameter("files", (), "Folders of drafts, or .eml files.", metavar="FOLDER|FILE", is_many=True, is_required=True,
              completes="file"),
    flag("again", "--again", "Send messages with an unknown outcome again.", "Writing", kind="flag"),
    *options.named(("dry_run", "yes", "max_changes", "exit_code")),
    *options.RECORDED,
    *options.named(("format", "output", "no_header")),
)  # fmt: skip


def run(session: Session, values: Values) -> int:
    """Read the drafts, ask for confirmation, send, and report failures."""
    from segcli.output.mailing import sending, smtp_settings

    smtp_settings.read(session.config)  # report wrong settings before anything is read
    messages, problems = _messages(values["files"])
    if values["output"]:  # report a table that cannot be written before messages are sent
        file_guard.refuse(values["output"], "--output")
    with session.connect(write=not values["dry_run"]) as db:
        found = sending.items(db, messages)
        chosen = [item for item in found if item.pending(again=values["again"])]
        done = _Done({}, "", 0)
        if values["dry_run"]:
            changes.write_table(session, values, _table(found, again=values["again"]), is_shown=True)
            session.note(_counted(found, chosen))
            _guard(values, found, chosen)
        elif chosen:
            done = _send(session, values, db, found, chosen)
        else:
            session.note(f"nothing to send; {counted(len(found), 'message')} already sent")
        if not values["dry_run"]:
            changes.write_table(session, values, _table(found))
    _report(session, found, chosen, done, problems)
    return CHANGED if values["exit_code"] and (session.outcome.runs or (values["dry_run"] and chosen)) else 0


class _Done(NamedTuple):
    """Why messages were not sent, by digest, and why sending ended early ('' if it did not)."""

    said: Mapping[str, str]
    stopped: str
    sent: int  # messages sent by this run to at least one recipient


def _messages(names: Iterable[str]) -> tuple[list[tuple[Path, "Message"]], list[Problem]]:
    """Return the messages of the drafts, and the drafts that cannot be sent."""
    from segcli.output.mailing.message import MOST, parse

    found, problems = [], []
    for path in dict.fromkeys(path for name in names for path in _drafts(Path(name))):
        try:
            found.append((path, parse(path.name, bounded_read.read(path, MOST))))
        except SegcliError as error:
            problems.append(Problem(str(path), None, "", None, error.message, error.hint))
    return found, problems


def _drafts(path: Path) -> list[Path]:
    """Return the drafts in a folder by name, or the file itself."""
    from segcli.output.mailing.message import ENDING

    if not path.is_dir():
        if not path.exists():
            raise SegcliError(f"there is no folder or file {path}")
        return [path]
    try:
        found = sorted(one for one in path.glob(f"*{ENDING}") if one.is_file() and not one.name.startswith("."))
        below = sorted({one.parent for one in path.glob(f"*/*{ENDING}")}) if not found else []
    except OSError as error:
        raise SegcliError(f"{path} cannot be read: {error.strerror}") from error
    if below:
        raise UsageError(f"{path} has no {ENDING} files itself", f"name a folder in it, such as {below[-1]}")
    return found


def _send(
    session: Session, values: Values, db: sqlite3.Connection, found: "Sequence[Item]", chosen: "Sequence[Item]"
) -> _Done:
    """Ask for confirmation, and send."""
    from segcli.output.mailing import configured, sending
    from segcli.output.mailing.transport import SENT, LostError

    way = configured.transport(session.config)
    _guard(values, found, chosen)
    if not values["yes"]:
        line = f"{_counted(found, chosen)}; through {way.place}"
        confirm.require(f"this sends {counted(len(chosen), 'message')}", "--dry-run", (line,), "Send them?")
    session.outcome.is_final = True
    way.open()
    with closing(way):
        sender, sent = sending.Sender(db, session.database, way, session.config.wait, values["reason"]), 0
        try:
            with progress.bar(session, "sending", "messages") as tick:
                for number, item in enumerate(chosen, 1):
                    wanted = item.pending(again=values["again"])
                    sender.send(item, again=values["again"])
                    sent += any(item.status(one) == SENT for one in wanted)
                    tick(number)
        except LostError as error:
            return _Done(sender.said, f"{error.message}{'; ' if error.hint else ''}{error.hint}", sent)
    return _Done(sender.said, "", sent)


def _guard(values: Values, found: "Sequence[Item]", chosen: "Sequence[Item]") -> None:
    from segcli.classify import reclassify

    reclassify.guard(
        len(chosen), len(found), values["max_changes"], what=f"{counted(len(found), 'message')} would be sent"
    )


def _counted(found: "Sequence[Item]", chosen: "Sequence[Item]") -> str:
    return f"{counted(len(chosen), 'message')} to send, {len(found) - len(chosen)} already sent"


def _table(found: "Sequence[Item]", *, again: bool | None = None) -> Table:
    """Return a row for each recipient with its status; before sending (`again` is not None) also with pending ones."""
    rows = []
    for item in found:
        pending = () if again is None else item.pending(again=again)
        for one in item.message.recipients:
            entry = item.states.get(one)
            status = _TO_SEND if one in pending else item.status(one)
            known = (entry.sent_at, entry.answer) if entry else (None, None)
            rows.append((str(item.path), one, item.message.subject, status, *known))
    return Table("Messages", COLUMNS, rows, with_totals=False, keeps=("recipient", "subject", "status"))


def _report(
    session: Session, found: "Sequence[Item]", chosen: "Sequence[Item]", done: _Done, problems: list[Problem]
) -> None:
    """Count the results. If any recipients and drafts were not sent, list them and end with status 5."""
    is_dry = not session.outcome.is_final
    total = len(found) + len(problems)
    problems += [problem for item in found for problem in _unsent(item, done, is_dry=is_dry or item not in chosen)]
    session.outcome.count(changed=done.sent, unchanged=len(found) - len(chosen), rejected=len(problems))
    if done.sent:
        session.note(f"{counted(done.sent, 'message')} sent, run {session.outcome.runs[-1]}")
    if done.stopped:
        left = sum(1 for item in chosen if item.pending(again=False))
        message = f"{done.stopped}; {counted(left, 'message')} not sent"
    else:
        failed = len({problem.file for problem in problems})
        message = f"{failed} of {counted(total, 'message')} could not be sent to all recipients"
    if problems or done.stopped:
        hint = "fix this and run it again: only unsent messages are sent"
        raise RejectedError(f"send: {message}", hint, tuple(problems), names_all=True)


def _unsent(item: "Item", done: _Done, *, is_dry: bool) -> Iterator[Problem]:
    """Yield why a message or a recipient failed. Unattempted ones are no problem, unless an earlier answer was lost."""
    from segcli.output.mailing.transport import REFUSED, UNKNOWN

    if item.message.digest in done.said:
        yield Problem(str(item.path), None, "", None, f"not sent: {done.said[item.message.digest]}")
    for one in item.message.recipients:
        entry = item.states.get(one)
        if entry and entry.status == UNKNOWN:
            why = entry.answer or "the command ended before the answer came"
            fix = "ask the recipient; if it has not arrived, send it with --again, else remove the file"
            yield Problem(
                str(item.path), None, one, None, f"handed over at {entry.sent_at}, outcome unknown: {why}", fix
            )
        elif entry and entry.status == REFUSED and not is_dry:
            yield Problem(str(item.path), None, one, None, f"refused: {entry.answer}")


COMMAND = Command(
    HELP,
    run,
    PARAMETERS,
    (
        "segcli send letters/reminders-2026-06-30 --dry-run",
        "segcli send letters/reminders-2026-06-30 --yes",
        "segcli send letters/reminders-2026-06-30/000001.eml --yes",
    ),
)
