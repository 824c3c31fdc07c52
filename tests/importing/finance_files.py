"""Small files in the formats that finances come in, written by hand from their standards."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from import_case import write

from segcli.importing import readers
from segcli.importing.readers import BadRow

XAF_32 = "http://www.auditfiles.nl/XAF/3.2"
XAF_40 = "http://www.odb.belastingdienst.nl/Belastingdienst/BCPP/1.1/structures/XmlauditfileXAF_4.0"


class Read(NamedTuple):
    """What a reader made of a file."""

    rows: Mapping[str | None, Sequence[Mapping[str, str | None]]]  # by kind
    headers: Mapping[str | None, Sequence[str]]
    bad: Sequence[BadRow]

    def of(self, kind: str, *names: str) -> list[tuple[str | None, ...]]:
        """Return some fields of all rows of a kind; a field that the block lacks is None."""
        return [tuple(row.get(name) for name in names) for row in self.rows.get(kind, ())]


def read(folder: Path, text: str | bytes, name: str = "file.xml") -> Read:
    """Write a file and read it."""
    return read_file(Path(write(text, str(folder / name))))


def read_file(path: Path) -> Read:
    """Read all blocks of a file."""
    rows: dict[str | None, list[Mapping[str, str | None]]] = {}
    headers: dict[str | None, Sequence[str]] = {}
    bad: list[BadRow] = []
    for block in readers.read(readers.open_source(str(path))):
        assert block.is_canonical
        assert block.kind not in headers, "one block for each kind"
        headers[block.kind] = block.header
        found = rows.setdefault(block.kind, [])
        for row in block.rows:
            if isinstance(row, BadRow):
                bad.append(row)
            else:
                assert len(row[1]) == len(block.header)
                found.append({"place": str(row[0]), **dict(zip(block.header, row[1], strict=True))})
        for column in block.header:
            assert not found or any(row[column] is not None for row in found), (
                f"{block.kind}.{column} is filled by no row"
            )
    return Read(rows, headers, bad)


def xaf(company: str, namespace: str = XAF_32, year: str = "2024") -> str:
    """Return an audit file of 2024 in euros with what stands in its company."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<auditfile xmlns="{namespace}"><header><fiscalYear>{year}</fiscalYear>'
        "<startDate>2024-01-01</startDate><endDate>2024-12-31</endDate><curCode>EUR</curCode></header>"
        f"<company><companyName>Wij</companyName>{company}</company></auditfile>"
    )


def elements(**values: str) -> str:
    """Return elements of these names and texts."""
    return "".join(f"<{name}>{text}</{name}>" for name, text in values.items())


def journal(lines: str, code: str = "70", kind: str = "S", entry: str = "1") -> str:
    """Return a journal with one transaction."""
    head = elements(jrnID=code, desc="Verkoop", jrnTp=kind)
    about = elements(nr=entry, periodNumber="1", trDt="2024-01-31")
    return f"<journal>{head}<transaction>{about}{lines}</transaction></journal>"


def line(number: str, account: str, amount: str, side: str, more: str = "") -> str:
    """Return a journal's line."""
    about = elements(nr=number, accID=account, docRef="", effDate="2024-01-30", amnt=amount, amntTp=side)
    return f"<trLine>{about}{more}</trLine>"


def saft(
    master: str = "", entries: str = "", namespace: str = "urn:StandardAuditFile-Taxation-Financial:NO", more: str = ""
) -> str:
    """Return a SAF-T file in Norwegian crowns."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<n1:AuditFile xmlns:n1="{namespace}"><Header><DefaultCurrencyCode>NOK</DefaultCurrencyCode>{more}</Header>'
        f"<MasterFiles>{master}</MasterFiles><GeneralLedgerEntries>{entries}</GeneralLedgerEntries></n1:AuditFile>"
    )


def eexact(**topics: str) -> str:
    """Return an eExact file with these topics."""
    return '<?xml version="1.0" encoding="utf-8"?>\n<eExact>' + elements(**topics) + "</eExact>"


def gl_line(number: str, account: str, amount: str, more: str = "", attributes: str = "") -> str:
    """Return a line of an entry of eExact."""
    return (
        f'<GLTransactionLine type="20" line="{number}"{attributes}><Date>2024-01-31</Date><FinYear number="2024"/><FinPeriod number="1"/>'
        f'<GLAccount code="{account}" type="20"/>{more}{amount}</GLTransactionLine>'
    )


def gl_value(amount: str, currency: str = "EUR", name: str = "Amount", more: str = "") -> str:
    """Return an amount of eExact in a currency."""
    return f'<{name}><Currency code="{currency}"/><Value>{amount}</Value>{more}</{name}>'


def gl_transaction(lines: str, entry: str = "24700001", journal: str = "70") -> str:
    """Return an entry of eExact."""
    return f'<GLTransaction entry="{entry}"><TransactionType number="20"/><Journal code="{journal}"/><Date>2024-01-31</Date>{lines}</GLTransaction>'


def saft_account(code: str, kind: str = "GL") -> str:
    """Return an account of the ledger."""
    return f"<Account>{elements(AccountID=code, AccountDescription='Konto ' + code, AccountType=kind)}</Account>"


def saft_party(kind: str, code: str, name: str, control: str, more: str = "") -> str:
    """Return a customer or a supplier."""
    return f"<{kind}>{elements(Name=name)}{elements(**{kind + 'ID': code})}{elements(AccountID=control)}{more}</{kind}>"


def saft_entry(lines: str, more: str = "") -> str:
    """Return a sales journal with one transaction of these lines."""
    about = elements(
        TransactionID="9", Period="3", PeriodYear="2024", TransactionDate="2024-03-01", GLPostingDate="2024-03-02"
    )
    return f"<Journal><JournalID>S</JournalID><Description>Salg</Description><Type>AR</Type><Transaction>{about}{more}{lines}</Transaction></Journal>"


def saft_post(number: str, code: str, side: str, amount: str, more: str = "", name: str = "Line") -> str:  # noqa: PLR0913
    """Return a journal's line."""
    return f"<{name}>{elements(RecordID=number, AccountID=code)}<{side}Amount><Amount>{amount}</Amount>{more}</{side}Amount></{name}>"


SAFT_MASTER = (
    f"<GeneralLedgerAccounts>{saft_account('1500')}{saft_account('2400')}{saft_account('3000')}</GeneralLedgerAccounts>"
    f"<Customers>{saft_party('Customer', '10', 'Kunde', '1500')}</Customers><Suppliers>{saft_party('Supplier', '20', 'Lev', '2400')}</Suppliers>"
)
