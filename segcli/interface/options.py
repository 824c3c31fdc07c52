"""Parameters shared by many commands, and the checks of all parameters. Pure data; see also parameters.py."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.text import MOST_DIGITS, is_whole
from segcli.interface.parameters import OF_ONE, SAME, Parameter, flag

__all__ = ["Parameter"]

Raw = Mapping[str, Any]  # raw value: a str, a list of str, a bool, or None


FORMATS = (
    "table",
    "plain",
    "csv",
    "tsv",
    "json",
    "jsonl",
    "md",
    "html",
    "xlsx",
    "pdf",
    "parquet",
    "sqlite",
    "vertical",
    "ics",
)
FIELDS = range(1, 9)


def _selection() -> Iterable[Parameter]:
    section = "Selection (which accounts)"
    for field in FIELDS:
        text = "Codes or descriptions: N,S · none · any · A..C · prefix:no · not:A,B" if field == 1 else SAME
        name = f"class{field}"
        yield flag(name, f"--{name}", text, section, metavar="VALUES", is_many=True, completes=name)
    yield flag("class", "--class", "The same by label: Region=N,S", section, metavar="LABEL=VALUES", is_many=True,
                completes="label")  # fmt: skip
    yield flag("account", "--account", "Account codes: A,B", section, metavar="CODES", is_many=True,
                completes="account")  # fmt: skip
    yield flag("search", "--search", "Words in name, code, city, e-mail, phone, VAT number, …", section,
                metavar="TEXT")  # fmt: skip
    yield flag("status", "--status", "A none, S suspect, P prospect, C customer.", section, metavar="VALUES",
                is_many=True)  # fmt: skip
    yield flag("country", "--country", "Country codes.", section, metavar="VALUES", is_many=True)
    yield flag("manager", "--manager", "Account managers.", section, metavar="VALUES", is_many=True)
    yield flag("sector", "--sector", "Sectors.", section, metavar="VALUES", is_many=True)
    yield flag("selection", "--selection", "A saved selection.", section, metavar="NAME", is_many=True,
                completes="selection")  # fmt: skip
    yield flag("where", "--where", "An expression, such as \"country = 'NL' and class1 is empty\".", section,
                metavar="EXPR", is_many=True)  # fmt: skip


def _output() -> Iterable[Parameter]:
    section = "Output"
    yield flag("format", "--format -f", "|".join(FORMATS), section, metavar="FORMAT", choices=FORMATS)
    yield flag("output", "--output -o", "Write to a file, atomically; its extension gives the format.", section,
                metavar="FILE", completes="file", is_written=True)  # fmt: skip
    yield flag("if_changed", "--if-changed", "Do not write the file if its content would not change.", section,
                kind="flag")  # fmt: skip
    yield flag("touch", "--touch", "With --if-changed: set an unchanged file's time to now, for make.", section,
                kind="flag")  # fmt: skip
    yield flag(
        "manifest",
        "--manifest",
        "Also write a manifest: the file's contents, command and sha256.",
        section,
        kind="flag",
    )
    yield flag("columns", "--columns", "Columns, in this order: account,name,class1", section,
                metavar="NAMES", completes="column")  # fmt: skip
    yield flag("sort", "--sort", "Sort by columns; -NAME sorts descending. See help money.", section, metavar="NAMES",
                completes="sort")  # fmt: skip
    yield flag("limit", "--limit", "At most this many rows; totals and subtotals are of all rows.", section, kind="integer",
                metavar="N")  # fmt: skip
    yield flag("group_by", "--group-by", "One row per value: class1,country", section, metavar="NAMES",
                completes="group")  # fmt: skip
    yield flag("subtotal", "--subtotal", "Subtotals by a column, by which the rows are sorted first; in formats with totals.",
                section, metavar="NAME", completes="group")  # fmt: skip
    yield flag("totals", "--totals", "Totals under the table (default).", section, kind="flag")
    yield flag("no_totals", "--no-totals", "No totals.", section, kind="flag")
    yield flag("no_header", "--no-header", "No headings.", section, kind="flag")
    yield flag("null", "--null", "tsv, and plain with one column: end records with NUL, for xargs -0; newlines in cells stay.", section,
                kind="flag")  # fmt: skip
    yield flag("separator", "--delimiter", "csv: the field separator: , ; or |", section, metavar="SIGN",
                choices=(",", ";", "|"))  # fmt: skip
    yield flag("no_guard", "--no-guard", "csv: no ' before = + - @. A spreadsheet then runs such a text as a formula.",
                section, kind="flag")  # fmt: skip
    yield flag("amounts", "--amounts", 'json, jsonl: amounts as numbers (default), or as text: "12.30"', section,
                metavar="number|text", choices=("number", "text"))  # fmt: skip
    yield flag(
        "table",
        "--table",
        "sqlite: the name of the table (default: that of the overview, or its title in a report).",
        section,
        metavar="NAME",
    )
    yield flag("fail_if_empty", "--fail-if-empty", "Exit with 3 if nothing is found.", section, kind="flag")


def _time() -> Iterable[Parameter]:
    section = "Time"
    yield flag("as_of", "--as-of", "Reference date, end of day (default: today).", section, metavar="DATE")
    yield flag("as_of_class", "--as-of-class", "Use the classes at the end of this day.", section, metavar="DATE")
    yield flag("from", "--from", "First day.", section, metavar="DATE")
    yield flag("to", "--to", "Last day, included.", section, metavar="DATE")
    yield flag("period", "--period", "2026, 2026Q1, 2026-03, 2026W05, lastmonth, ytd, …", section, metavar="PERIOD")


def _common() -> Iterable[Parameter]:
    section = "Everywhere"
    yield flag("database", "--database -d", "The database file.", section, metavar="FILE", completes="file")
    yield flag("config", "--config", "The configuration file.", section, metavar="FILE", completes="file")
    yield flag("quiet", "--quiet -q", "Print no counts or notes.", section, kind="flag")
    yield flag("color", "--color", "auto|always|never", section, metavar="WHEN", choices=("auto", "always", "never"))
    yield flag("errors", "--errors", "text|json", section, metavar="FORM", choices=("text", "json"))


def _writing() -> Iterable[Parameter]:
    section = "Writing"
    yield flag("dry_run", "--dry-run -n", "Show what would change and change nothing.", section, kind="flag")
    yield flag("apply", "--apply", "Carry it out in one transaction. Without it, only preview.", section, kind="flag")
    yield flag("yes", "--yes -y", "Do not ask; required for a bulk change off a terminal.", section, kind="flag")
    yield flag("all", "--all", "All accounts; a bulk change needs this or a selection.", section, kind="flag")
    yield flag("max_changes", "--max-changes", "Refuse to change more than this number (of accounts, invoices, …), or 10%.", section,
                metavar="N|N%")  # fmt: skip
    yield flag("reason", "--reason", "The reason; stored with the run.", section, metavar="TEXT")
    yield flag("result", "--result", "Print one object with the result: run, counts, skipped, files, undo.",
                section, metavar="json", choices=("json",))  # fmt: skip
    yield flag("run_file", "--run-file", "Write the run's number to a file; empty if nothing changed.", section,
                metavar="FILE", completes="file", is_written=True)  # fmt: skip
    yield flag("exit_code", "--exit-code", "Exit with 4 if something changed or would change.", section, kind="flag")


def _files() -> Iterable[Parameter]:
    section = "Options"
    yield flag("on_error", "--on-error", "stop (default): all or nothing; skip: leave out wrong rows.", section,
                metavar="stop|skip", choices=("stop", "skip"))  # fmt: skip
    yield flag("rejects", "--rejects", "Write the rows left out to this file, to correct and use again.", section,
                metavar="FILE", completes="file", is_written=True)  # fmt: skip
    yield flag("encoding", "--encoding", "utf-8 (default), cp1252, …", section, metavar="NAME")
    yield flag("delimiter", "--delimiter", "The field separator: , ; | tab or space", section, metavar="SIGN")
    yield flag("dates", "--dates", "The order of dates, if the file does not show it.", section,
                metavar="iso|dmy|mdy|ymd", choices=("iso", "dmy", "mdy", "ymd"))  # fmt: skip


SELECTION = tuple(_selection())
OUTPUT = tuple(_output())
TIME = tuple(_time())
COMMON = tuple(_common())
WRITING = tuple(_writing())
STRICT = (
    flag("strict", "--strict", "Fail if an amount has no exchange rate, or a saved expression has an unknown value.", "Options",
         kind="flag"),
)  # fmt: skip
FREEZE = (
    flag("freeze", "--freeze", "Keep the values in the file of in @FILE, instead of its path.", "Options", kind="flag"),
)  # fmt: skip
FILES = tuple(_files())
EXIT_CODE = flag("exit_code", "--exit-code", "Exit with 4 if a file was written or changed, else with 0.",
                 "Output", kind="flag")  # fmt: skip
PARAMETERS = {p.name: p for p in (*SELECTION, *OUTPUT, *TIME, *COMMON, *WRITING, *STRICT, *FILES, *OF_ONE)}


# The output flags of commands without selectable columns.
FORM = ("format", "output", "no_header", "null", "separator", "no_guard", "amounts", "table")


def named(names: Iterable[str]) -> tuple[Parameter, ...]:
    """Return the parameters with these names."""
    return tuple(PARAMETERS[name] for name in names)


# Flags of every command that writes: the reason, and results for scripts.
RECORDED = named(("reason", "result", "run_file"))
# Further flags of commands that change a few records by hand: a preview and the table of changes.
BY_HAND = (*named(("dry_run",)), *RECORDED, *named(("format", "output", "no_header")))


def check(parameters: Sequence[Parameter], raw: Raw) -> dict[str, Any]:
    """Return the values as Python types: int, a tuple if repeatable, else str or None.

    Raises UsageError with the flag, the value and what is accepted.
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
    if parameter.completes != "file" and not word.isascii() and any("\ud800" <= c <= "\udfff" for c in word):
        raise UsageError(f"{label}: the value is not UTF-8", "which encoding does the terminal or the script have?")
    if parameter.choices and word not in parameter.choices:
        raise UsageError(f"{label}: '{word}' is none of {', '.join(parameter.choices)}")
    if parameter.kind == "integer":
        return _integer(label, word)
    return word


def _integer(label: str, word: str) -> int:
    if not is_whole(word):
        raise UsageError(f"{label}: '{word}' is no whole number of 0 or more", f"of {MOST_DIGITS} digits at most")
    return int(word)


def expressions(words: Iterable[str], flag: str) -> tuple[str, ...]:
    """Return the comma-separated expressions of a flag; a comma within brackets or quotes separates nothing.

    Raises UsageError for an empty one.
    """
    found = tuple(part.strip() for word in words for part in _outside(word))
    if "" in found:
        raise UsageError(f"{flag}: '{','.join(words)}' holds an empty name")
    return found


def _outside(text: str) -> Iterable[str]:
    """Yield the parts between the commas that are outside brackets and quotes."""
    depth, quote, start = 0, "", 0
    for at, sign in enumerate(text):
        if quote or sign in "'\"":
            quote = "" if sign == quote else quote or sign
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "," and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def names(text: str | None, flag: str) -> tuple[str, ...]:
    """Return the comma-separated names of a flag. Raises UsageError for an empty name."""
    parts = tuple(part.strip() for part in (text or "").split(",")) if text else ()
    if "" in parts:
        raise UsageError(f"{flag}: '{text}' holds an empty name")
    return parts
