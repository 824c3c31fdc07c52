"""What a parameter of the command line is, and those of single overviews and actions, declared once. Pure data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

SAME = "The same."  # the help of an option that continues a row of options: --class2 to --class8


@dataclass(frozen=True, slots=True)
class Parameter:
    """A flag, or an argument where `flags` is empty."""

    name: str
    flags: tuple[str, ...]
    help: str
    kind: Literal["text", "flag", "integer"] = "text"
    metavar: str = ""
    choices: tuple[str, ...] = ()
    is_many: bool = False  # may be given again; an argument then takes any number of words
    is_required: bool = False
    section: str = "Options"
    completes: str = ""  # what completion offers: class1, label, account, column, overview, file
    is_written: bool = False  # names a file or folder that the command writes: never one that it reads

    @property
    def is_argument(self) -> bool:
        """Tell whether it stands in its place, without a flag."""
        return not self.flags


def flag(name: str, flags: str, text: str, section: str, **rest: Any) -> Parameter:  # noqa: ANN401 - passed on
    """Return a flag; `flags` are separated by blanks."""
    return Parameter(name, tuple(flags.split()), text, section=section, **rest)


def _overviews() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("inactive", "--inactive", "Blocked and ended accounts as well.", section, kind="flag")
    yield flag("buckets", "--buckets", "Upper limits in days, included: 30,60,90", section, metavar="DAYS")
    yield flag("by", "--by", "Age by due or invoice date.", section, metavar="due|invoice",
                choices=("due", "invoice"))  # fmt: skip
    yield flag("monthly", "--monthly", "Calendar months instead of days.", section, kind="flag")
    yield flag("details", "--details", "One row per outstanding item.", section, kind="flag")
    yield flag("share", "--share", "Each row's share of the total per currency.", section, kind="flag")
    yield flag("chart", "--chart", "Bars above the table (table, plain, md, html, pdf): per currency, the largest 20 and the rest.",
                section, kind="flag")  # fmt: skip
    yield flag("zero", "--zero", "Accounts at zero as well.", section, kind="flag")
    yield flag("level", "--level", "Reminders of this level only.", section, kind="integer", metavar="N")
    yield flag("mode", "--mode", "step: one level a run, none skipped; age: the level that its age asks for.", section,
                metavar="step|age", choices=("step", "age"))  # fmt: skip
    yield flag("folder", "--folder", "Where letters, drafts and the mail merge go: a new folder in this one.", section,
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
    yield flag("amount", "--amount", "Debit or credit of so much, or from .. up to: 100..500", section,
                metavar="A..B")  # fmt: skip
    yield flag("entry", "--entry", "Entry numbers.", section, metavar="VALUES", is_many=True)
    yield flag("invoice", "--invoice", "Invoice numbers.", section, metavar="VALUES", is_many=True)
    yield flag("reference", "--reference", "References.", section, metavar="VALUES", is_many=True)
    yield flag("in_currency", "--currency", "Currencies.", section, metavar="VALUES", is_many=True)
    yield flag("running", "--running", "The balance after each line, in order of date, what came before included.",
                section, kind="flag")  # fmt: skip
    yield flag("overdue", "--overdue", "Only what is past its due date.", section, kind="flag")


def _invoices() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("role", "--role", "Whose invoices: who ordered (default for analyses), is invoiced, or gets the goods.",
                section, metavar="ordered-by|invoice-to|deliver-to",
                choices=("ordered-by", "invoice-to", "deliver-to"))  # fmt: skip
    yield flag("item", "--item", "Items: THE001 · prefix:THE", section, metavar="VALUES", is_many=True)
    yield flag("item_group", "--item-group", "Item groups.", section, metavar="VALUES", is_many=True)
    yield flag("state", "--state", "draft, open, processed", section, metavar="VALUES", is_many=True)
    yield flag("credit_notes", "--credit-notes", "Credit notes only.", section, kind="flag")
    yield flag("unpaid", "--unpaid", "Only what is not wholly paid.", section, kind="flag")
    yield flag("lines", "--lines", "One row per invoice line.", section, kind="flag")
    yield flag("across", "--across", "One more dimension, as columns of revenue: year, quarter, class1, country, …", section,
                metavar="NAME", completes="group")  # fmt: skip
    yield flag("compare", "--compare", "Beside it the period before, or the same of the year before.", section,
                metavar="previous|year", choices=("previous", "year"))  # fmt: skip
    yield flag(
        "abc", "--abc", "A to 80 % of the revenue, B to 95 %, C the rest, the largest first.", section, kind="flag"
    )
    yield flag("top", "--top", "The N largest, and one row for the rest.", section, kind="integer", metavar="N")
    yield flag("draft", "--draft", "Print into --folder without processing.", section, kind="flag")
    yield flag("reprint", "--reprint", "Print processed invoices once more, as copies: numbers.", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield flag("main", "--main", "Make it the main template.", section, kind="flag")
    yield flag("unlink", "--unlink", "Take the link away.", section, kind="flag")
    yield flag("spread", "--spread", "Show the entry that the template makes of this amount.", section,
                metavar="AMOUNT")  # fmt: skip
    yield flag("item_details", "--details", "One row per item last bought: what it costs now and then.", section,
                kind="flag")  # fmt: skip
    yield Parameter("price_list", (), "The code of a price list.", metavar="PRICE_LIST", completes="price_list")
    yield Parameter("template", (), "The code of an entry template.", metavar="TEMPLATE")
    yield Parameter("text", (), "Words to look for.", metavar="TEXT", is_many=True)
    yield Parameter("code", (), "One account: its card.", metavar="ACCOUNT", is_many=True, completes="account")


def _subscriptions() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("subscription", "--subscription", "Subscription numbers.", section, metavar="VALUES", is_many=True)
    yield flag("subscription_type", "--type", "Subscription types.", section, metavar="VALUES", is_many=True)
    yield flag("subscription_state", "--state", "upcoming, running, to renew, cancelled, ended", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield flag("blocked", "--blocked", "Blocked subscriptions only.", section, kind="flag")
    yield flag("unprinted", "--unprinted", "Only what was never printed.", section, kind="flag")
    yield flag("invoiced_to", "--invoiced-to", "Only what was invoiced up to this day or an earlier one.", section,
                metavar="DATE")  # fmt: skip
    yield flag("never_invoiced", "--never-invoiced", "Only what was not invoiced yet.", section, kind="flag")
    yield flag("preview_dates", "--preview-dates", "The next N invoices of each subscription, 1,000 at most.", section, kind="integer",
                metavar="N")  # fmt: skip
    yield flag("percent", "--percent", "So many per cent dearer; -2.5: cheaper.", section, metavar="N")
    yield flag("by_amount", "--amount", "So much dearer per period; -1: cheaper.", section, metavar="N")
    yield flag("from_item", "--from-item", "The sales price of the item.", section, kind="flag")
    yield flag("prices", "--prices", "A file of new prices: subscription, line, item, price.", section, metavar="FILE",
                completes="file")  # fmt: skip
    yield flag("round_to", "--round-to", "Round to multiples of this: 0.05", section, metavar="STEP")
    yield flag("ending", "--ending", "Then to the nearest price that ends so: 0.95", section, metavar="N")
    yield flag(
        "only",
        "--only",
        "This part alone.",
        section,
        metavar="covering|confirmation",
        choices=("covering", "confirmation"),
    )
    yield flag("movements", "--movements", "What became of the value a month: new, grown, shrunk, lost.", section,
                kind="flag")  # fmt: skip


def _requests() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("request", "--request", "Request numbers.", section, metavar="VALUES", is_many=True)
    yield flag(
        "request_type", "--type", "task, service, complaint, event, note", section, metavar="VALUES", is_many=True
    )
    yield flag("request_state", "--state", "void, rejected, draft, open, approved, realised, processed", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield flag("open", "--open", "Only what needs something done still.", section, kind="flag")
    yield flag("assignee", "--assignee", "Who is to do it.", section, metavar="VALUES", is_many=True)
    yield flag("contact", "--contact", "Contacts by name.", section, metavar="VALUES", is_many=True)
    yield flag("words", "--text", "Words in description and notes.", section, metavar="TEXT", is_many=True)
    yield flag("which_date", "--date", "The date that --from, --to and --period are about.", section,
                metavar="request|due|start|closed", choices=("request", "due", "start", "closed"))  # fmt: skip


def _lists() -> Iterable[Parameter]:
    section = "This overview"
    yield flag("of_list", "--list", "The contacts of a marketing list instead of all of the accounts.", section, metavar="NAME",
                is_many=True, completes="marketing_list")  # fmt: skip
    yield flag("exclude", "--exclude", "Less those of a marketing list.", section, metavar="NAME", is_many=True,
                completes="marketing_list")  # fmt: skip
    yield flag("basis", "--basis", "consent, customer, published, none", section, metavar="VALUES", is_many=True)
    yield flag("split", "--split", "Test groups A, B, …: 90:10", section, metavar="SHARES")
    yield flag("holdout", "--holdout", "Leave so many per cent of the accounts out.", section, metavar="N%")
    yield flag("seed", "--seed", "A word: the same one gives the same groups.", section, metavar="WORD")


OF_ONE = (*_overviews(), *_invoices(), *_subscriptions(), *_requests(), *_lists())


def shown(argument: Parameter) -> str:
    """Return an argument as a usage line shows it: FILE, FILE... or [FILE...]."""
    text = (argument.metavar or argument.name.upper()) + ("..." if argument.is_many else "")
    return text if argument.is_required or text.startswith("[") else f"[{text}]"
