"""Every parameter of the command line, declared once: name, flags, help. Pure data and its checks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segcli.errors import UsageError

Raw = Mapping[str, Any]  # what the command line gave: a str, a list of them, a bool, or nothing


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

    @property
    def is_argument(self) -> bool:
        """Tell whether it stands in its place, without a flag."""
        return not self.flags


FORMATS = ("table", "plain", "csv", "tsv", "json", "jsonl", "md", "html", "xlsx", "vertical", "ics")
FIELDS = range(1, 9)


def _flag(name: str, flags: str, text: str, section: str, **rest: Any) -> Parameter:  # noqa: ANN401 - passed on
    return Parameter(name, tuple(flags.split()), text, section=section, **rest)


def _selection() -> Iterable[Parameter]:
    section = "Selection (which accounts)"
    for field in FIELDS:
        text = "Codes or descriptions: N,S · none · any · A..C · prefix:no · not:A,B" if field == 1 else "The same."
        name = f"class{field}"
        yield _flag(name, f"--{name}", text, section, metavar="VALUES", is_many=True, completes=name)
    yield _flag("class", "--class", "The same by label: Region=N,S", section, metavar="LABEL=VALUES", is_many=True,
                completes="label")  # fmt: skip
    yield _flag("account", "--account", "An account's code.", section, metavar="CODE", is_many=True,
                completes="account")  # fmt: skip
    yield _flag("search", "--search", "Words in name, code, city, e-mail, phone, VAT number, …", section,
                metavar="TEXT")  # fmt: skip
    yield _flag("status", "--status", "A none, S suspect, P prospect, C customer.", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield _flag("country", "--country", "Country codes.", section, metavar="VALUES", is_many=True)
    yield _flag("manager", "--manager", "Account managers.", section, metavar="VALUES", is_many=True)
    yield _flag("sector", "--sector", "Sectors.", section, metavar="VALUES", is_many=True)
    yield _flag("selection", "--selection", "A saved selection.", section, metavar="NAME", is_many=True,
                completes="selection")  # fmt: skip
    yield _flag("where", "--where", "An expression, such as \"country = 'NL' and class1 is empty\".", section,
                metavar="EXPR", is_many=True)  # fmt: skip


def _output() -> Iterable[Parameter]:
    section = "Output"
    yield _flag("format", "--format -f", "|".join(FORMATS), section, metavar="FORMAT", choices=FORMATS)
    yield _flag("output", "--output -o", "Write to a file, whole or not at all; the ending gives the format.", section,
                metavar="FILE", completes="file")  # fmt: skip
    yield _flag("if_changed", "--if-changed", "Leave the file alone where its content would be the same.", section,
                kind="flag")  # fmt: skip
    yield _flag("columns", "--columns", "Which columns, in which order: account,name,class1", section,
                metavar="NAMES", completes="column")  # fmt: skip
    yield _flag("sort", "--sort", "Sort by columns; - in front: descending.", section, metavar="NAMES",
                completes="column")  # fmt: skip
    yield _flag("limit", "--limit", "At most so many rows.", section, kind="integer", metavar="N")
    yield _flag("group_by", "--group-by", "One row per value: class1,country", section, metavar="NAMES",
                completes="group")  # fmt: skip
    yield _flag("totals", "--totals", "Totals under the table (default).", section, kind="flag")
    yield _flag("no_totals", "--no-totals", "No totals.", section, kind="flag")
    yield _flag("no_header", "--no-header", "No headings.", section, kind="flag")
    yield _flag("fail_if_empty", "--fail-if-empty", "Exit with 3 where nothing is found.", section, kind="flag")


def _time() -> Iterable[Parameter]:
    section = "Time"
    yield _flag("as_of", "--as-of", "The day whose end counts (default: today).", section, metavar="DATE")
    yield _flag("from", "--from", "First day.", section, metavar="DATE")
    yield _flag("to", "--to", "Last day, included.", section, metavar="DATE")
    yield _flag("period", "--period", "2026, 2026Q1, 2026-03, lastmonth, ytd, …", section, metavar="PERIOD")


def _common() -> Iterable[Parameter]:
    section = "Everywhere"
    yield _flag("database", "--database -d", "The database file.", section, metavar="FILE", completes="file")
    yield _flag("config", "--config", "The configuration file.", section, metavar="FILE", completes="file")
    yield _flag("quiet", "--quiet -q", "No counts and notes.", section, kind="flag")
    yield _flag("color", "--color", "auto|always|never", section, metavar="WHEN", choices=("auto", "always", "never"))
    yield _flag("errors", "--errors", "text|json", section, metavar="FORM", choices=("text", "json"))


def _writing() -> Iterable[Parameter]:
    section = "Writing"
    yield _flag("dry_run", "--dry-run -n", "Show what would change and change nothing.", section, kind="flag")
    yield _flag(
        "apply", "--apply", "Do it: one transaction. Without it there is only the preview.", section, kind="flag"
    )
    yield _flag("yes", "--yes -y", "Do not ask.", section, kind="flag")
    yield _flag("all", "--all", "Every account; a bulk change needs this or a selection.", section, kind="flag")
    yield _flag("max_changes", "--max-changes", "Refuse to change more than so many accounts, or 10%.", section,
                metavar="N|N%")  # fmt: skip
    yield _flag("reason", "--reason", "Why; kept with the run.", section, metavar="TEXT")
    yield _flag("exit_code", "--exit-code", "Exit with 4 where something changed or would.", section, kind="flag")


def _overviews() -> Iterable[Parameter]:
    section = "This overview"
    yield _flag("inactive", "--inactive", "Blocked and ended accounts as well.", section, kind="flag")
    yield _flag("buckets", "--buckets", "Upper limits in days, included: 30,60,90", section, metavar="DAYS")
    yield _flag("by", "--by", "Age by due or invoice date.", section, metavar="due|invoice",
                choices=("due", "invoice"))  # fmt: skip
    yield _flag("monthly", "--monthly", "Calendar months instead of days.", section, kind="flag")
    yield _flag("details", "--details", "One row per outstanding item.", section, kind="flag")
    yield _flag("share", "--share", "Each row's share of the total per currency.", section, kind="flag")
    yield _flag("zero", "--zero", "Accounts at zero as well.", section, kind="flag")
    yield _flag("level", "--level", "Reminders of this level only.", section, kind="integer", metavar="N")
    yield _flag("mode", "--mode", "step: one level a run, none skipped; age: the level that its age asks for.", section,
                metavar="step|age", choices=("step", "age"))  # fmt: skip
    yield _flag("folder", "--folder", "Where letters, drafts and the mail merge go: a new folder in this one.", section,
                metavar="DIR", completes="file")  # fmt: skip
    yield _flag("merged", "--merged", "All letters in one PDF.", section, kind="flag")
    yield _flag(
        "base_currency", "--base-currency", "All amounts in the administration's currency.", section, kind="flag"
    )
    yield _flag("ledger", "--ledger", "From the debtors' ledger accounts instead of the items.", section, kind="flag")
    yield _flag("journal", "--journal", "Journals: 70,90 · A..C · prefix:7", section, metavar="VALUES", is_many=True)
    yield _flag("type", "--type", "sales, purchase, cash, bank, general, opening, other", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield _flag("gl_account", "--gl-account", "Ledger accounts: 1300 · 8000..8999 · prefix:4", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield _flag("amount", "--amount", "Debit or credit of so much, or from .. up to: 100..500", section,
                metavar="A..B")  # fmt: skip
    yield _flag("entry", "--entry", "Entry numbers.", section, metavar="VALUES", is_many=True)
    yield _flag("invoice", "--invoice", "Invoice numbers.", section, metavar="VALUES", is_many=True)
    yield _flag("reference", "--reference", "References.", section, metavar="VALUES", is_many=True)
    yield _flag("in_currency", "--currency", "Currencies.", section, metavar="VALUES", is_many=True)
    yield _flag("running", "--running", "The balance after each line, in order of date, what came before included.",
                section, kind="flag")  # fmt: skip
    yield _flag("overdue", "--overdue", "Only what is past its due date.", section, kind="flag")
    yield _flag("role", "--role", "Whose invoices: who ordered (default for analyses), is invoiced, or gets the goods.",
                section, metavar="ordered-by|invoice-to|deliver-to",
                choices=("ordered-by", "invoice-to", "deliver-to"))  # fmt: skip
    yield _flag("item", "--item", "Items: THE001 · prefix:THE", section, metavar="VALUES", is_many=True)
    yield _flag("item_group", "--item-group", "Item groups.", section, metavar="VALUES", is_many=True)
    yield _flag("state", "--state", "draft, open, processed", section, metavar="VALUES", is_many=True)
    yield _flag("credit_notes", "--credit-notes", "Credit notes only.", section, kind="flag")
    yield _flag("unpaid", "--unpaid", "Only what is not wholly paid.", section, kind="flag")
    yield _flag("lines", "--lines", "One row per invoice line.", section, kind="flag")
    yield _flag("across", "--across", "One more dimension, as columns of revenue: year, quarter, class1, country, …", section,
                metavar="NAME", completes="group")  # fmt: skip
    yield _flag("compare", "--compare", "Beside it the period before, or the same of the year before.", section,
                metavar="previous|year", choices=("previous", "year"))  # fmt: skip
    yield _flag(
        "abc", "--abc", "A to 80 % of the revenue, B to 95 %, C the rest, the largest first.", section, kind="flag"
    )
    yield _flag("top", "--top", "The N largest, and one row for the rest.", section, kind="integer", metavar="N")
    yield _flag("draft", "--draft", "Print into --folder without processing.", section, kind="flag")
    yield _flag("reprint", "--reprint", "Print processed invoices once more, as copies: numbers.", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield _flag("main", "--main", "Make it the main template.", section, kind="flag")
    yield _flag("unlink", "--unlink", "Take the link away.", section, kind="flag")
    yield _flag("spread", "--spread", "Show the entry that the template makes of this amount.", section,
                metavar="AMOUNT")  # fmt: skip
    yield _flag("item_details", "--details", "One row per item last bought: what it costs now and then.", section,
                kind="flag")  # fmt: skip
    yield Parameter("price_list", (), "The code of a price list.", metavar="PRICE_LIST", completes="price_list")
    yield Parameter("template", (), "The code of an entry template.", metavar="TEMPLATE")
    yield Parameter("text", (), "Words to look for.", metavar="TEXT", is_many=True)
    yield Parameter("code", (), "One account: its card.", metavar="ACCOUNT", is_many=True, completes="account")


def _subscriptions() -> Iterable[Parameter]:
    section = "This overview"
    yield _flag("subscription", "--subscription", "Subscription numbers.", section, metavar="VALUES", is_many=True)
    yield _flag("subscription_type", "--type", "Subscription types.", section, metavar="VALUES", is_many=True)
    yield _flag("subscription_state", "--state", "upcoming, running, to renew, cancelled, ended", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield _flag("blocked", "--blocked", "Blocked subscriptions only.", section, kind="flag")
    yield _flag("unprinted", "--unprinted", "Only what was never printed.", section, kind="flag")
    yield _flag("invoiced_to", "--invoiced-to", "Only what was invoiced up to this day or an earlier one.", section,
                metavar="DATE")  # fmt: skip
    yield _flag("never_invoiced", "--never-invoiced", "Only what was not invoiced yet.", section, kind="flag")
    yield _flag("preview_dates", "--preview-dates", "The next N invoices of each subscription.", section, kind="integer",
                metavar="N")  # fmt: skip
    yield _flag("percent", "--percent", "So many per cent dearer; -2.5: cheaper.", section, metavar="N")
    yield _flag("by_amount", "--amount", "So much dearer per period; -1: cheaper.", section, metavar="N")
    yield _flag("from_item", "--from-item", "The sales price of the item.", section, kind="flag")
    yield _flag("prices", "--prices", "A file of new prices: subscription, line, item, price.", section, metavar="FILE",
                completes="file")  # fmt: skip
    yield _flag("round_to", "--round-to", "Round to multiples of this: 0.05", section, metavar="STEP")
    yield _flag("ending", "--ending", "Then to the nearest price that ends so: 0.95", section, metavar="N")
    yield _flag(
        "only",
        "--only",
        "This part alone.",
        section,
        metavar="covering|confirmation",
        choices=("covering", "confirmation"),
    )
    yield _flag("movements", "--movements", "What became of the value a month: new, grown, shrunk, lost.", section,
                kind="flag")  # fmt: skip


def _requests() -> Iterable[Parameter]:
    section = "This overview"
    yield _flag("request", "--request", "Request numbers.", section, metavar="VALUES", is_many=True)
    yield _flag(
        "request_type", "--type", "task, service, complaint, event, note", section, metavar="VALUES", is_many=True
    )
    yield _flag("request_state", "--state", "void, rejected, draft, open, approved, realised, processed", section,
                metavar="VALUES", is_many=True)  # fmt: skip
    yield _flag("open", "--open", "Only what needs something done still.", section, kind="flag")
    yield _flag("assignee", "--assignee", "Who is to do it.", section, metavar="VALUES", is_many=True)
    yield _flag("contact", "--contact", "Contacts by name.", section, metavar="VALUES", is_many=True)
    yield _flag("words", "--text", "Words in description and notes.", section, metavar="TEXT", is_many=True)
    yield _flag("which_date", "--date", "The date that --from, --to and --period are about.", section,
                metavar="request|due|start|closed", choices=("request", "due", "start", "closed"))  # fmt: skip


def _lists() -> Iterable[Parameter]:
    section = "This overview"
    yield _flag("of_list", "--list", "The contacts of a marketing list instead of all of the accounts.", section, metavar="NAME",
                is_many=True, completes="marketing_list")  # fmt: skip
    yield _flag("exclude", "--exclude", "Less those of a marketing list.", section, metavar="NAME", is_many=True,
                completes="marketing_list")  # fmt: skip
    yield _flag("basis", "--basis", "consent, customer, published, none", section, metavar="VALUES", is_many=True)
    yield _flag("split", "--split", "Test groups A, B, …: 90:10", section, metavar="SHARES")
    yield _flag("holdout", "--holdout", "Leave so many per cent of the accounts out.", section, metavar="N%")
    yield _flag("seed", "--seed", "A word: the same one gives the same groups.", section, metavar="WORD")


SELECTION = tuple(_selection())
OUTPUT = tuple(_output())
TIME = tuple(_time())
COMMON = tuple(_common())
WRITING = tuple(_writing())
PARAMETERS = {
    p.name: p
    for p in (*SELECTION, *OUTPUT, *TIME, *COMMON, *WRITING, *_overviews(), *_subscriptions(), *_requests(), *_lists())
}


def named(names: Iterable[str]) -> tuple[Parameter, ...]:
    """Return the parameters of these names."""
    return tuple(PARAMETERS[name] for name in names)


def check(parameters: Sequence[Parameter], raw: Raw) -> dict[str, Any]:
    """Return the values as Python has them: an int for an integer, a tuple where many may be given, else str or None.

    A UsageError names the flag, the value and what it takes.
    """
    return {parameter.name: _checked(parameter, raw.get(parameter.name)) for parameter in parameters}


def _checked(parameter: Parameter, value: Any) -> Any:  # noqa: ANN401 - by the parameter's kind
    if parameter.kind == "flag":
        return bool(value)
    if parameter.is_many:
        return tuple(_word(parameter, word) for word in value or ())
    return None if value is None else _word(parameter, value)


def _word(parameter: Parameter, word: str) -> str | int:
    label = parameter.flags[0] if parameter.flags else parameter.metavar or parameter.name
    if not word.strip():
        raise UsageError(f"{label}: the value is empty", "an unset shell variable must not mean everything")
    if parameter.choices and word not in parameter.choices:
        raise UsageError(f"{label}: '{word}' is none of {', '.join(parameter.choices)}")
    if parameter.kind == "integer":
        return _integer(label, word)
    return word


def _integer(label: str, word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise UsageError(f"{label}: '{word}' is no whole number of 0 or more")
    return int(word)


def names(text: str | None, flag: str) -> tuple[str, ...]:
    """Return the comma-separated names of a flag; an empty one is a UsageError."""
    parts = tuple(part.strip() for part in (text or "").split(",")) if text else ()
    if "" in parts:
        raise UsageError(f"{flag}: '{text}' holds an empty name")
    return parts
