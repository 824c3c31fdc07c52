"""Bank statements for tests, written by hand: CAMT messages and MT940 messages of some payments."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

OWN = "NL91ABNA0417164300"
PAYER = "NL20INGB0001234567"


class Paid(NamedTuple):
    """A payment: its day, amount in cents (negative: paid by us), text, the other side's account, and more of its entry."""

    day: str
    amount: int
    text: str = ""
    iban: str = ""
    id: str = ""
    reference: str = ""
    end_to_end: str = ""
    is_reversal: bool = False
    name: str = "Payer"


def _party(side: str, paid: Paid, version: int) -> str:
    name = f"<Nm>{paid.name}</Nm>" if version < 8 else f"<Pty><Nm>{paid.name}</Nm></Pty>"
    account = f"<{side}Acct><Id><IBAN>{paid.iban}</IBAN></Id></{side}Acct>" if paid.iban else ""
    return f"<RltdPties><{side}>{name}</{side}>{account}</RltdPties>"


def details(paid: Paid, version: int = 2) -> str:
    """Return the TxDtls of a payment."""
    side = "Dbtr" if (paid.amount > 0) != paid.is_reversal else "Cdtr"
    structured = f"<Strd><CdtrRefInf><Ref>{paid.reference}</Ref></CdtrRefInf></Strd>" if paid.reference else ""
    free = f"<Ustrd>{paid.text}</Ustrd>" if paid.text else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{paid.end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs><Amt Ccy='EUR'>{abs(paid.amount) / 100:.2f}</Amt>"
        f"{_party(side, paid, version)}<RmtInf>{structured}{free}</RmtInf></TxDtls>"
    )


def entry(paid: Paid, inside: Sequence[str], ref: str, version: int = 2, status: str = "BOOK") -> str:
    """Return an entry with these details."""
    state = f"<Sts>{status}</Sts>" if version < 8 else f"<Sts><Cd>{status}</Cd></Sts>"
    back = "<RvslInd>true</RvslInd>" if paid.is_reversal else ""
    return (
        f"<Ntry><Amt Ccy='EUR'>{abs(paid.amount) / 100:.2f}</Amt><CdtDbtInd>{'DBIT' if paid.amount < 0 else 'CRDT'}</CdtDbtInd>{back}{state}"
        f"<BookgDt><Dt>{paid.day}</Dt></BookgDt>{f'<AcctSvcrRef>{ref}</AcctSvcrRef>' if ref else ''}<NtryDtls>{''.join(inside)}</NtryDtls></Ntry>"
    )


def message(entries: Iterable[str], version: int = 2, kind: str = "053", balances: str = "") -> str:
    """Return a CAMT message with one statement."""
    outer, inner = ("BkToCstmrStmt", "Stmt") if kind == "053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version:02d}'><{outer}>"
        f"<GrpHdr><MsgId>1</MsgId></GrpHdr><{inner}><Id>1</Id><Acct><Id><IBAN>{OWN}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances}"
        f"{''.join(entries)}</{inner}></{outer}></Document>"
    )


def camt(*payments: Paid, version: int = 2, kind: str = "053") -> str:
    """Return a CAMT message of these payments, each with a bank's id unless it has an own one."""
    return message(
        (entry(paid, [details(paid, version)], paid.id or f"B{at}{paid.day}", version) for at, paid in enumerate(payments)),
        version, kind,
    )  # fmt: skip
