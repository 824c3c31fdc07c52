"""The keys of the sections of the configuration. Their defaults are in config.example.yaml."""

from collections.abc import Mapping, Sequence

from segcli.domain.reminders.policy import ACTIONS, MODES, STARTS
from segcli.domain.scoring.rfm_scheme import METHODS
from segcli.settings.keys import YES_NO, Key

DECIMALS = (".", ",")
DATES = ("iso", "dmy", "mdy", "ymd")
FALLBACKS = ("letter", "report")
WAYS = ("email", "letter")

PROFILE = (
    Key("as", "record kind", "The kind of the records, if the headings do not show it.", "as: account", "recognised"),
    Key(
        "map",
        "mapping of columns to fields",
        "The field of segcli that a column holds.",
        "map: {Klantnr: account, Naam: name}",
        shape=dict,
    ),
    Key("ignore", "columns", "Columns that are not read, separated by commas.", "ignore: Beheerder, Opmerking"),
    Key("delimiter", "text", "The delimiter of CSV files: `,` `;` `|`, tab or space.", 'delimiter: ";"', "recognised"),
    Key("encoding", "text", "The encoding of text files.", "encoding: cp1252", "recognised"),
    Key("decimal", "text", "The decimal sign.", 'decimal: ","', "recognised", DECIMALS),
    Key("dates", "text", "The form of dates.", "dates: dmy", "recognised", DATES),
)
SECURITY = ("tls", "starttls", "none")
_SMTP = (
    Key(
        "host",
        "host name",
        "The SMTP server, as in its certificate; empty: the program of `sendmail`.",
        "host: smtp.example.com",
    ),
    Key("port", "whole number", "Its port; empty: 465 for tls, 587 for starttls, 25 for none.", "port: 2525"),
    Key(
        "security",
        "text",
        "tls: encrypted from the start; none: only for a server on this machine.",
        "security: starttls",
        allowed=SECURITY,
    ),
    Key("user", "text", "The name to log in with; empty: no login.", "user: invoices@example.com"),
    Key(
        "password_command",
        "command",
        "A command that prints the password on its first line.",
        "password_command: pass show smtp",
    ),
    Key(
        "from",
        "e-mail address",
        "The sender of the envelope; empty: the sender of each message.",
        "from: invoices@example.com",
    ),
)
_LETTERS = (
    Key(
        "name",
        "text",
        "Name of the sender; empty: that of the administration, as for all keys of this section.",
        "name: Janssen BV",
    ),
    Key("address", "list", "Lines of the address.", "address: [Kade 1, 1011 AB Amsterdam]", shape=object),
    Key(
        "details",
        "list",
        "Lines under the address: telephone, VAT number, chamber of commerce.",
        "details: [Btw NL001234567B01]",
        shape=object,
    ),
    Key("email", "text", "E-mail address of the sender.", "email: finance@example.com"),
    Key("iban", "text", "Bank account for payments.", "iban: NL91ABNA0417164300"),
    Key("bic", "text", "BIC of that account.", "bic: ABNANL2A"),
    Key("logo", "file", "Logo on letters: PNG or JPEG.", "logo: ~/logo.png"),
    Key("font", "file", "TrueType font, for characters that the standard fonts lack.", "font: ~/NotoSans.ttf"),
)
_INVOICES = (
    Key("number", "text", "The form of invoice numbers: `{yy}` or `{yyyy}` is the year, `{n:6}` the number in six digits.",
        'number: "F{yyyy}-{n:5}"'),
    Key("payment_days", "whole number", "Days to pay if neither the invoice nor the account has a payment condition.", "payment_days: 14"),
    Key("journal", "journal code", "The journal that processed invoices are posted in; empty: none.", 'journal: "70"'),
    Key("gl_accounts", "mapping", "The ledger accounts of these postings.", 'gl_accounts: {revenue: "8100"}', shape=dict),
    Key("vat_percent", "number", "VAT rate of lines without a rate and VAT code; empty: that is an error.", "vat_percent: 21"),
    Key("ubl", "yes or no", "Also write each invoice as UBL for Peppol.", "ubl: no", allowed=YES_NO),
    Key("words", "mapping of languages to words", "The fixed words of invoices.", "words: {en: {due_date: Pay by}}", shape=object),
)  # fmt: skip
GL_ACCOUNTS = (
    Key("debtors", "ledger account", "Debtors.", 'debtors: "1310"', "1300"),
    Key("revenue", "ledger account", "Revenue.", 'revenue: "8100"', "8000"),
    Key("vat", "ledger account", "VAT to pay.", 'vat: "1510"', "1500"),
)
_SUBSCRIPTIONS = (
    Key("words", "mapping of languages to words", "Fixed words and letters of subscriptions.", "words: {en: {to: Until}}", shape=object),
)  # fmt: skip
_REMINDERS = (
    Key(
        "mode",
        "text",
        "step: one level per run; age: the level that belongs to the age of the item.",
        "mode: age",
        allowed=MODES,
    ),
    Key("interval", "whole number", "Least number of days between two reminders of one account.", "interval: 14"),
    Key("tolerance", "number", "Accounts that owe this amount or less are skipped.", "tolerance: 5.00"),
    Key("pay_within", "whole number", "Days to pay after the reminder.", "pay_within: 7"),
    Key("language", "text", "The language of accounts without a language or with one without texts.", "language: nl"),
    Key(
        "without_email",
        "text",
        "What happens to an e-mail without an address.",
        "without_email: report",
        allowed=FALLBACKS,
    ),
    Key(
        "also_open",
        "yes or no",
        "Also list other overdue items, open credits and the balance.",
        "also_open: no",
        allowed=YES_NO,
    ),
    Key(
        "levels",
        "list of levels",
        "The levels of reminders, in order.",
        "levels: [{action: letter, days: 14, fee: 40.00}]",
        shape=object,
    ),
    Key(
        "texts",
        "mapping of languages to texts",
        "Texts of letters by language and level.",
        "texts: {en: {2: {subject: Reminder}}}",
        shape=object,
    ),
)
_STATEMENTS = (
    Key("action", "text", "email: a draft with the PDF attached, besides the PDF; letter: the PDF only.", "action: letter", allowed=WAYS),
    Key("without_email", "text", "What happens to an e-mail without an address.", "without_email: report", allowed=FALLBACKS),
    Key("words", "mapping of languages to words", "Fixed words and texts of statements.", "words: {en: {page: Sheet}}", shape=object),
)  # fmt: skip
LEVEL = (
    Key("action", "text", "How the account is reminded.", "action: email", "letter", ACTIONS),
    Key("start", "text", "The day from which `days` count.", "start: previous reminder", "due date", STARTS),
    Key("days", "whole number", "Days after `start`.", "days: 14", "0", shape=object),
    Key(
        "fee",
        "amount or percentage",
        "An amount in the administration's currency, or a percentage of the open amount.",
        "fee: 15%",
        "0",
        shape=object,
    ),
    Key(
        "interest", "number", "Simple interest in per cent a year, from the due date.", "interest: 8", "0", shape=object
    ),
)
LANGUAGE = (
    Key("decimal", "text", "The decimal sign.", 'decimal: ","', allowed=DECIMALS, is_needed=True),
    Key(
        "date",
        "text",
        "The form of dates, with `{day}`, `{month}` and `{year}`.",
        'date: "{day} {month} {year}"',
        is_needed=True,
    ),
    Key(
        "default",
        "mapping",
        "The text of levels without a text.",
        "default: {subject: Rappel, opening: Bonjour, closing: Merci}",
        shape=object,
    ),
    Key(
        "1, 2, …",
        "mapping",
        "The text of a level.",
        "2: {subject: Second reminder, opening: Hello, closing: Thank you}",
        shape=object,
    ),
    Key("words", "mapping", "The fixed words of letters.", "words: {account: Customer}", is_needed=True, shape=object),
)
TEXT = (
    Key("subject", "text", "Subject line.", "subject: Reminder", is_needed=True),
    Key("opening", "text or list", "Paragraphs before the list of invoices.", "opening: [Hello]", is_needed=True, shape=object),
    Key("closing", "text or list", "Paragraphs after the list of invoices.", 'closing: ["{sender}"]', is_needed=True, shape=object),
)  # fmt: skip
_UNDO = (Key("keep", "days", "How long the values from before an import are kept for undo.", "keep: 30 days"),)
_IMPORTS = (
    Key("open_items", "yes or no", "Also make open items of imported new sales invoices, as `import --open-items` does.",
        "open_items: yes", allowed=YES_NO),
)  # fmt: skip

_ACCOUNTS = (
    Key("number", "text", "The form of the codes of new accounts that come without one: `{n:5}` is the number in five digits.",
        'number: "WEB-{n:4}"'),
)  # fmt: skip
_RFM = (
    Key("method", "text", "Where the limits come from: fixed: those below; rank: equal parts by rank; r: as the R package rfm.",
        "method: rank", allowed=METHODS),
    Key("recency", "four numbers", "Fixed limits in days since the last invoice; fewer days than the first score 5.",
        "recency: [14, 30, 60, 120]", shape=list),
    Key("frequency", "four numbers", "Fixed limits in invoices; fewer than the first score 1.", "frequency: [2, 4, 6, 12]", shape=list),
    Key("monetary", "four amounts", "Fixed limits in units of the administration's currency; less than the first scores 1.",
        "monetary: [250, 1k, 5k, 20k]", shape=list),
    Key("segments", "list of segments", "The named segments in order; the first that takes all three scores wins.",
        "segments: [{name: best, recency: 4-5, frequency: 4-5, monetary: 4-5}]", shape=list),
    Key("rest", "text", "The name of accounts that no segment takes.", "rest: others"),
)  # fmt: skip
SEGMENT = (
    Key("name", "text", "The name of the segment.", "name: champions", is_needed=True),
    Key("recency", "score or range", "The scores that it takes, from 1 to 5.", "recency: 4-5", "1-5"),
    Key("frequency", "score or range", "The scores that it takes, from 1 to 5.", "frequency: 1", "1-5"),
    Key("monetary", "score or range", "The scores that it takes, from 1 to 5.", "monetary: 3-5", "1-5"),
)

SECTIONS: Mapping[str, Sequence[Key]] = {
    "rfm": _RFM, "accounts": _ACCOUNTS, "smtp": _SMTP, "letters": _LETTERS, "invoices": _INVOICES, "reminders": _REMINDERS,
    "statements": _STATEMENTS, "subscriptions": _SUBSCRIPTIONS, "imports": _IMPORTS, "undo": _UNDO,
}  # fmt: skip
