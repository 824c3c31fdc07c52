"""Hands over the message of a report, by the SMTP server or the mailer of the configuration, once."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from segcli.base import bounded_read, signals
from segcli.base.errors import Problem, RejectedError, SegcliError
from segcli.output.mailing.message import MOST, Message, parse, ready
from segcli.output.mailing.sending import message_id
from segcli.output.mailing.transport import SENT, UNKNOWN, Answer, Transport
from segcli.reports.publishing import Place

LOST = "an earlier run was ended while it handed over its message: that may have arrived, and is not sent again"


def hand_over(place: Place, way: Transport) -> Mapping[str, str]:
    """Hand over the message; return the refused recipients with the answers. Not taken: a SegcliError, and it stays.

    While it is handed over it has another name. A run that is killed then does not let the next one send it again.
    """
    try:
        data = bounded_read.read(place.message, MOST)
        message = parse("the message", data)
        sender = way.sender or message.sender
        own = ready(message, data, way.sender, message_id(sender))
        way.open()
        with closing(way):
            refused = _offered(way, message, sender, own)
            with signals.deferred():  # a signal waits for the answer
                place.hand(place.message, place.handed)
                _settle(place, way.complete(message, own))
    except SegcliError as error:
        if place.message.exists():
            raise _failed(error.message) from error
        raise
    return refused


def _offered(way: Transport, message: Message, sender: str, data: bytes) -> Mapping[str, str]:
    """Return the refused recipients. A SegcliError where all are refused, or nobody sends it."""
    if not sender and way.needs_sender:
        raise SegcliError("From is empty: set smtp.from in the configuration")
    refused = way.offer(sender, message.recipients, data)
    if len(refused) == len(message.recipients):
        raise SegcliError("; ".join(f"{one}: {answer}" for one, answer in refused.items()))
    return refused


def _settle(place: Place, answer: Answer) -> None:
    """Forget the message, or keep it for the next run. One whose answer did not come is forgotten and told."""
    if answer.status not in {SENT, UNKNOWN}:
        place.hand(place.handed, place.message)
        raise SegcliError(answer.text)
    place.forget()
    if answer.status == UNKNOWN:
        raise SegcliError(
            f"the message was handed over, and may have arrived or not: {answer.text}",
            "the files stand; the next run does not send it again: run the report without --if-changed for a new one",
        )


def _failed(reason: str) -> SegcliError:
    return SegcliError(
        f"the message was not sent: {reason}", "the files were written; the next run tries to send it again"
    )


def report(path: Path, refused: Mapping[str, str]) -> None:
    """Name the recipients who did not get the message: a RejectedError where there is one."""
    if refused:
        problems = tuple(Problem(str(path), None, one, None, f"refused: {answer}") for one, answer in refused.items())
        raise RejectedError(
            "the message was sent, but not to everybody", "correct the addresses", problems, names_all=True
        )
