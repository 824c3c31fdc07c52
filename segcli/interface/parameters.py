"""The Parameter class, and the parameters of single overviews and actions. Pure data."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from segcli.base.record import Record

SAME = "The same."  # the help of an option that continues a row of options: --class2 to --class8


class Parameter(Record):
    """A flag, or an argument where `flags` is empty."""

    name: str
    flags: tuple[str, ...]
    help: str
    kind: Literal["text", "flag", "integer"] = "text"
    metavar: str = ""
    choices: tuple[str, ...] = ()
    is_many: bool = False  # repeatable; an argument then takes any number of words
    is_required: bool = False
    section: str = "Options"
    completes: str = ""  # kind of completion: class1, label, account, column, overview, file
    is_written: bool = False  # an output file or folder, which must not be an input

    @property
    def is_argument(self) -> bool:
        """Tell whether it is positional."""
        return not self.flags


def flag(name: str, flags: str, text: str, section: str, **rest: Any) -> Parameter:  # noqa: ANN401 - passed on
    """Return a flag; `flags` are separated by spaces."""
    return Parameter(name, tuple(flags.split()), text, section=section, **rest)


def of_section(section: str) -> Callable[..., Parameter]:
    """Return a function (name, help, metavar) that declares the flag --NAME under this heading."""

    def declared(name: str, text: str, metavar: str = "", **rest: Any) -> Parameter:  # noqa: ANN401 - passed on
        return Parameter(name, (f"--{name.replace('_', '-')}",), text, metavar=metavar, section=section, **rest)

    return declared


def _overviews() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("inactive", "--inactive", "Also blocked and ended accounts.", section, kind="flag")
    yield flag("buckets", "--buckets", "Upper limits in days, inclusive: 30,60,90", section, metavar="DAYS")
    yield flag("by", "--by", "Age by due or invoice date.", section, metavar="due|invoice",
                choices=("due", "invoice"))  # fmt: skip
    yield flag("monthly", "--monthly", "Calendar months instead of days.", section, kind="flag")
    yield flag(
        "open_items", "--open-items", "Only the items that are open, instead of all movements.", section, kind="flag"
    )
    yield flag("details", "--details", "One row per outstanding item.", section, kind="flag")
    yield flag("share", "--share", "Each row's share of the total per currency.", section, kind="flag")
    yield flag("chart", "--chart", "Bars above the table (table, plain, md, html, pdf): per currency, the largest 20 and the rest.",
                section, kind="flag")  # fmt: skip
    yield flag("zero", "--zero", "Also accounts at zero.", section, kind="flag")
    yield flag("level", "--level", "Only reminders of this level.", section, kind="integer", metavar="N")
    yield flag("mode", "--mode", "step: one level per run, none skipped; age: the level by days overdue.", section,
                metavar="step|age", choices=("step", "age"))  # fmt: skip
    yield flag("folder", "--folder", "Create a new folder in this one for letters, drafts and the mail merge.", section,
                metavar="DIR", completes="file", is_written=True)  # fmt: skip
    yield flag("merged", "--merged", "All letters in one PDF.", section, kind="flag")
    yield flag(
        "base_currency", "--base-currency", "All amounts in the administration's currency.", section, kind="flag"
    )
    yield flag("ledger", "--ledger", "From the debtors' ledger accounts instead of the items.", section, kind="flag")
    yield flag("journal", "--journal", "Journals: 70,90 · A..C · prefix:7", section, metavar="VALUES", is_many=True)
    yield flag("type", "--type", "sales, purchase, cash, bank, general, opening, other", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield flag("gl_account", "--gl-account", "Ledger accounts: 1300 · 8000..8999 · prefix:4", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield flag("amount", "--amount", "Debit or credit of this amount or range: 100..500", section,
                metavar="A..B")  # fmt: skip
    yield flag("entry", "--entry", "Entry numbers.", section, metavar="VALUES", is_many=True)
    yield flag("invoice", "--invoice", "Invoice numbers.", section, metavar="VALUES", is_many=True)
    yield flag("reference", "--reference", "References.", section, metavar="VALUES", is_many=True)
    yield flag("in_currency", "--currency", "Currencies.", section, metavar="VALUES", is_many=True)
    yield flag("running", "--running", "The balance after each line, in date order, including earlier lines.",
                section, kind="flag")  # fmt: skip
    yield flag("overdue", "--overdue", "Only items past their due date.", section, kind="flag")


def _invoices() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("role", "--role", "The account's role: ordered-by (default for analyses), invoice-to or deliver-to.",
                section, metavar="ordered-by|invoice-to|deliver-to",
                choices=("ordered-by", "invoice-to", "deliver-to"))  # fmt: skip
    yield flag("item", "--item", "Items: THE001 · prefix:THE", section, metavar="VALUES", is_many=True)
    yield flag("item_group", "--item-group", "Item groups.", section, metavar="VALUES", is_many=True)
    yield flag("state", "--state", "draft, open, processed", section, metavar="VALUES", is_many=True)
    yield flag("credit_notes", "--credit-notes", "Credit notes only.", section, kind="flag")
    yield flag("unpaid", "--unpaid", "Only invoices that are not fully paid.", section, kind="flag")
    yield flag("lines", "--lines", "One row per invoice line.", section, kind="flag")
    yield flag("across", "--across", "A dimension as revenue columns: year, quarter, class1, country, …", section,
                metavar="NAME", completes="group")  # fmt: skip
    yield flag("compare", "--compare", "Add the previous period, or the same period a year earlier.", section,
                metavar="previous|year", choices=("previous", "year"))  # fmt: skip
    yield flag(
        "abc", "--abc", "ABC classes: A up to 80 % of the revenue, B up to 95 %, C the rest.", section, kind="flag"
    )
    yield flag("top", "--top", "The N largest rows, and one row for the rest.", section, kind="integer", metavar="N")
    yield flag("draft", "--draft", "Print into --folder without processing.", section, kind="flag")
    yield flag("reprint", "--reprint", "Print copies of processed invoices: numbers.", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield flag("main", "--main", "Make it the main template.", section, kind="flag")
    yield flag("unlink", "--unlink", "Remove the link.", section, kind="flag")
    yield flag("spread", "--spread", "Show the entry that the template makes of this amount.", section,
                metavar="AMOUNT")  # fmt: skip
    yield flag("item_details", "--details", "One row per item last bought, with its present and its new price.", section,
                kind="flag")  # fmt: skip
    yield Parameter("price_list", (), "The code of a price list.", metavar="PRICE_LIST", completes="price_list")
    yield Parameter("template", (), "The code of an entry template.", metavar="TEMPLATE")
    yield Parameter("text", (), "Words to search for.", metavar="TEXT", is_many=True)
    yield Parameter("code", (), "Show the card of this account.", metavar="ACCOUNT", is_many=True, completes="account")


def _subscriptions() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("subscription", "--subscription", "Subscription numbers.", section, metavar="VALUES", is_many=True)
    yield flag("subscription_type", "--type", "Subscription types.", section, metavar="VALUES", is_many=True)
    yield flag("subscription_state", "--state", "upcoming, running, to renew, cancelled, ended", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield flag("blocked", "--blocked", "Only blocked subscriptions.", section, kind="flag")
    yield flag("unprinted", "--unprinted", "Only subscriptions never printed.", section, kind="flag")
    yield flag("invoiced_to", "--invoiced-to", "Only subscriptions invoiced up to this day or earlier.", section,
                metavar="DATE")  # fmt: skip
    yield flag("never_invoiced", "--never-invoiced", "Only subscriptions not invoiced yet.", section, kind="flag")
    yield flag("preview_dates", "--preview-dates", "The next N invoices of each subscription, 1,000 at most.", section, kind="integer",
                metavar="N")  # fmt: skip
    yield flag("percent", "--percent", "Increase by N %; -2.5 decreases.", section, metavar="N")
    yield flag("by_amount", "--amount", "Increase by N per period; -1 decreases.", section, metavar="N")
    yield flag("from_item", "--from-item", "Use the sales price of the item.", section, kind="flag")
    yield flag("prices", "--prices", "A file of new prices: subscription, line, item, price.", section, metavar="FILE",
                completes="file")  # fmt: skip
    yield flag(
        "round_to", "--round-to", "Round to multiples of this: 0.05 (default: by currency).", section, metavar="STEP"
    )
    yield flag("ending", "--ending", "Then round to the nearest price with this ending: 0.95", section, metavar="N")
    yield flag(
        "only",
        "--only",
        "Print only this letter.",
        section,
        metavar="covering|confirmation",
        choices=("covering", "confirmation"),
    )
    yield flag("movements", "--movements", "Changes of the monthly value: new, grown, shrunk, lost.", section,
                kind="flag")  # fmt: skip


def _requests() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("request", "--request", "Request numbers.", section, metavar="VALUES", is_many=True)
    yield flag(
        "request_type", "--type", "task, service, complaint, event, note", section, metavar="VALUES", is_many=True
    )
    yield flag("request_state", "--state", "void, rejected, draft, open, approved, realised, processed", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield flag("open", "--open", "Only requests that are not finished.", section, kind="flag")
    yield flag("assignee", "--assignee", "The assignee.", section, metavar="VALUES", is_many=True)
    yield flag("contact", "--contact", "Contacts by name.", section, metavar="VALUES", is_many=True)
    yield flag("words", "--text", "Words in the description or notes.", section, metavar="TEXT", is_many=True)
    yield flag("which_date", "--date", "The date to which --from, --to and --period apply.", section,
                metavar="request|due|start|closed", choices=("request", "due", "start", "closed"))  # fmt: skip


def _lists() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("of_list", "--list", "The contacts of a marketing list instead of all contacts of the accounts.", section, metavar="NAME",
                is_many=True, completes="marketing_list")  # fmt: skip
    yield flag("exclude", "--exclude", "Leave out the contacts of a marketing list.", section, metavar="NAME", is_many=True,
                completes="marketing_list")  # fmt: skip
    yield flag("basis", "--basis", "consent, customer, published, none", section, metavar="VALUES", is_many=True)
    yield flag("split", "--split", "Test groups A, B, …: 90:10", section, metavar="SHARES")
    yield flag("holdout", "--holdout", "Leave out this percentage of the accounts.", section, metavar="N%")
    yield flag("seed", "--seed", "Any word; the same word gives the same groups.", section, metavar="WORD")
    yield flag(
        "only_group",
        "--group",
        "Only these groups of a list that has groups: A,B",
        section,
        metavar="VALUES",
        is_many=True,
    )


OF_ONE = (*_overviews(), *_invoices(), *_subscriptions(), *_requests(), *_lists())


def shown(argument: Parameter) -> str:
    """Return an argument as a usage line shows it: FILE, FILE... or [FILE...]."""
    text = (argument.metavar or argument.name.upper()) + ("..." if argument.is_many else "")
    return text if argument.is_required or text.startswith("[") else f"[{text}]"
