"""CAMT bank statements (ISO 20022): camt.053 statements and camt.054 notifications, of any version, one payment a time.

Element names are the same from camt.053.001.02 on. From version 8 on, a party is inside Pty and a status inside Cd. An entry with
several TxDtls becomes that many payments if their amounts add up to its amount; otherwise it stays one payment.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from segcli.base.errors import Problem, SegcliError
from segcli.importing.readers import BadRow, Block, Source, text_head
from segcli.importing.readers.parts import bank
from segcli.importing.readers.parts.bank import HEADER, KIND, Row, Statement
from segcli.importing.readers.parts.values import UnreadableError, date, number
from segcli.importing.readers.parts.xml import Node, records

_MESSAGE = re.compile(
    r"urn:iso:std:iso:20022:tech:xsd:camt\.(05[234])\.|<(?:[\w.-]+:)?BkToCstmr(Stmt|DbtCdtNtfctn|AcctRpt)[\s>]"
)
_NAMES = {"Stmt": "053", "DbtCdtNtfctn": "054", "AcctRpt": "052"}
_PARENTS = frozenset({"stmt", "ntfctn"})
_OPENING, _CLOSING = frozenset({"OPBD", "PRCD"}), frozenset({"CLBD"})
_PARTY = {"CRDT": ("Dbtr", "DbtrAcct", "UltmtDbtr"), "DBIT": ("Cdtr", "CdtrAcct", "UltmtCdtr")}
_OTHER = {"CRDT": "DBIT", "DBIT": "CRDT"}


def recognises(head: bytes) -> bool:
    """Tell whether the file is a bank statement in CAMT."""
    start = text_head(head)
    return start.startswith("<") and _MESSAGE.search(start) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield the block of payments; its rows are read while they are used, so that a file of any size needs little memory."""
    with source.path.open("rb") as file:
        match = _MESSAGE.search(text_head(file.read(4096)))
    message = "053" if match is None else match[1] or _NAMES[match[2]]
    if message == "052":
        raise SegcliError(
            f"{source.name} is a CAMT.052 report of the day, which is not final",
            "download the statement (CAMT.053) of that day, or the notifications (CAMT.054)",
        )
    yield Block(KIND, "", HEADER, _File(source, f"camt.{message}").rows(), is_canonical=True)


class _File:
    """The state of one file while it is read."""

    def __init__(self, source: Source, message: str) -> None:
        self.source, self.message = source, message
        self.account: str | None = None
        self.currency: str | None = None
        self.statement: Statement | None = None
        self.statement_number = 0  # the ordinal of the element in the file
        self.skipped: dict[str, int] = {}  # entries that are not booked, by their status

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the payments."""
        for node in records(self.source, {"acct", "bal", "ntry"}):
            if node.parent not in _PARENTS:
                continue
            self._begin(node)
            if node.key == "acct":
                self.account = bank.own_account(node.get("Id/IBAN", "Id/Othr/Id"))
                self.currency = node.get("Ccy")
            elif node.key == "bal":
                self._balance(node)
            else:
                yield from self._entry(node)
        self._end()
        for status, count in self.skipped.items():
            self.source.leave_out(f"{count} entries with status {status} are not booked yet, and left out")

    def _begin(self, node: Node) -> None:
        """Begin a new statement if the element's parent is a new one."""
        if node.parent_number != self.statement_number:
            self._end()
            self.account = self.currency = None
            self.statement_number = node.parent_number
            self.statement = Statement(self.source, f"on line {node.line}")

    def _end(self) -> None:
        if self.statement is not None:
            self.statement.check()

    def _balance(self, node: Node) -> None:
        code = (node.get("Tp/CdOrPrtry/Cd") or "").upper()
        if self.statement is None or self.message != "camt.053":
            return
        try:
            signed = _signed(node)
        except UnreadableError as error:
            where = f"{self.source.name}:{node.line}:balance"
            raise SegcliError(f"{where}: '{error.value}' is not a number", "was the file edited by hand?") from error
        if code in _OPENING and self.statement.opening is None:
            self.statement.opening = signed
        elif code in _CLOSING:
            self.statement.closing = signed

    def _entry(self, node: Node) -> Iterator[Row | BadRow]:
        status = (node.get("Sts/Cd", "Sts/Prtry", "Sts") or "BOOK").upper()
        if status != "BOOK":
            self.skipped[status] = self.skipped.get(status, 0) + 1
            return
        try:
            if self.statement is not None:
                self.statement.total += _signed(node) or 0
            yield from self._payments(node)
        except UnreadableError as error:
            place = error.line or node.line
            yield BadRow(Problem(self.source.name, place, error.column, error.value, error.reason, error.fix), place)

    def _payments(self, node: Node) -> list[Row]:
        """Return the payments of an entry: one per transaction, if these add up to the entry, else one."""
        about = self._about(node)
        entry = Decimal(about["amount"] or "0")
        parts = list(node.all("TxDtls"))
        if len(parts) < 2:  # noqa: PLR2004 - one payment
            count = node.get("NtryDtls/Btch/NbOfTxs") or "1"
            about["is_batch"] = "1" if not parts and count.isdigit() and int(count) > 1 else "0"
            return [self._row(about, node, parts[0] if parts else None)] if entry else []
        amounts = [_part(part, entry) for part in parts]
        if None in amounts or sum(amount or 0 for amount in amounts) != entry:
            self.source.warn(
                f"line {node.line}: the details do not add up to their entry, which is taken as one payment"
            )
            return [self._row(about, node, None)]
        made = []
        seen: dict[str, int] = {}
        for part, amount in zip(parts, amounts, strict=True):
            own = part.get("Refs/AcctSvcrRef", "Refs/TxId", "Refs/InstrId", "Refs/EndToEndId")
            key = bank.reference(own) or ""
            seen[key] = seen.get(key, 0) + 1
            bank_id = f"{about['entry_id']}/{key}/{seen[key]}" if about["entry_id"] else None
            if amount:
                made.append(self._row({**about, "amount": f"{amount:f}", "bank_id": bank_id}, node, part))
        return made

    def _about(self, node: Node) -> dict[str, str | None]:
        """Return the values of the entry that all its payments share."""
        signed = _signed(node)
        if signed is None:
            raise UnreadableError("amount", node.get("Amt"), "the entry has no amount, or is neither credit nor debit")
        booked = node.get("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
        if booked is None:
            raise UnreadableError("payment_date", None, "the entry has no booking date")
        if self.account is None:
            raise UnreadableError("own_iban", None, "the statement does not name its bank account")
        entry = bank.reference(node.get("AcctSvcrRef"))
        return {
            "own_iban": self.account,
            "payment_date": date(booked),
            "currency": node.get("Amt@Ccy") or self.currency,
            "amount": f"{signed:f}",
            "bank_id": entry,
            "entry_id": entry,
            "source": self.message,
        }

    def _row(self, about: dict[str, str | None], node: Node, part: Node | None) -> Row:
        """Return the row of a payment, of the details of one transaction."""
        side = "DBIT" if (about["amount"] or "").startswith("-") else "CRDT"
        back = (node.get("RvslInd") or "").lower() in {"true", "1"} or (
            part is not None and part.find("RtrInf") is not None
        )
        info = node.get("AddtlNtryInf")
        if part is None:
            return bank.row(node.line, {**about, "description": bank.texts(info), "is_reversal": str(int(back))})
        # The parties of a reversal are those of the reversed payment.
        party, account, ultimate = _PARTY[_OTHER[side] if back else side]
        related = f"RltdPties/{party}"
        text = bank.texts(*(found.text for found in part.all("Ustrd")))
        details: dict[str, str | None] = {
            "counter_iban": bank.iban(part.get(f"RltdPties/{account}/Id/IBAN", f"RltdPties/{account}/Id/Othr/Id")),
            "counter_name": bank.texts(
                part.get(
                    f"{related}/Nm", f"{related}/Pty/Nm", f"RltdPties/{ultimate}/Nm", f"RltdPties/{ultimate}/Pty/Nm"
                )
            ),
            "description": text or bank.texts(part.get("AddtlTxInf"), info),
            "reference": bank.reference(part.get("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb")),
            "end_to_end_id": bank.reference(part.get("Refs/EndToEndId")),
            "is_reversal": str(int(back)),
        }
        return bank.row(part.line, {"is_batch": "0", **about, **details})


def _signed(node: Node) -> Decimal | None:
    """Return the amount of an entry or a balance, negative if debit; None if it has none."""
    text, side = node.get("Amt"), (node.get("CdtDbtInd") or "").upper()
    found = _decimal(text, node)
    return None if found is None or side not in _PARTY else -found if side == "DBIT" else found


def _part(node: Node, entry: Decimal) -> Decimal | None:
    """Return the amount of a transaction, with its own sign, else that of the entry."""
    text = node.get("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
    found = _decimal(text, node)
    side = (node.get("CdtDbtInd") or "").upper()
    is_debit = side == "DBIT" if side in _PARTY else entry < 0
    return None if found is None else -found if is_debit else found


def _decimal(text: str | None, node: Node) -> Decimal | None:
    try:
        plain = number(text)
        return None if plain is None else Decimal(plain)
    except UnreadableError as error:
        error.line = node.line
        raise
    except InvalidOperation:
        return None
