"""`segcli rules suggest`: a rule file learnt from accounts that are classified already."""

from pathlib import Path

from segcli.base.errors import UsageError
from segcli.discover.explaining import flags as explain_flags
from segcli.domain.table import Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import Parameter, flag

_MOST_RULES = 50


def suggest(session: Session, values: Values) -> None:
    """Write the suggested rule file, or show its rules as a table."""
    from segcli.classify.rules.suggestions import rule_file as suggested_file
    from segcli.classify.rules.suggestions import scope as scoping
    from segcli.classify.rules.suggestions import suggesting
    from segcli.domain.induction import decision_list
    from segcli.output import destinations, wanted
    from segcli.query import lookup, request_flags, selection
    from segcli.storage import exchange

    path = Path(values["rule_file"]) if values["rule_file"] else None
    if path and path.suffix.lower() not in {".yaml", ".yml"}:
        raise UsageError(f"--output: {path} is no rule file", "its name ends in .yaml")
    day = request_flags.as_of(values, session.today)
    sources = _sources(values) or suggesting.SOURCES
    most = explain_flags.between(values, "rules", decision_list.RULES, _MOST_RULES)
    with session.connect() as db:
        names = lookup.names(db, day)
        filters = selection.read(values)
        asked = suggesting.Asked(
            names.catalogue.field(values["field"]),
            sources,
            selection.compile_filters(filters, names),
            scoping.text(db, filters, names),
            explain_flags.wanted(values),
            most,
        )
        found = suggesting.suggest(db, names, asked)
        exchange.report(
            session.insist, "rules suggest", exchange.lacking(db, found.measures), is_strict=values["strict"]
        )
        text = "\n".join((*suggested_file.lines(db, names, found), ""))
        held, right = found.held
        caption = f"as of {day} · {found.about}" + (f" · held-out accuracy {100 * right / held:.1f} %" if held else "")
        if values["format"]:
            rows = list(found.rows())
            table = Table(
                "Suggested rules", suggesting.COLUMNS, rows, caption, with_totals=False, keeps=("set", "when")
            )
            wanted.write(table, wanted.Output.read(values, session.config))
    if path:
        destinations.write_text(path, text)
    elif not values["format"]:
        destinations.write_stdout(text)
    session.note(caption)
    for value, count in found.unreached:
        session.note(f"no short rule reaches {value} ({count} accounts)")


def _sources(values: Values) -> tuple[str, ...]:
    """Return the sources of --source; none if it is not given. Raise UsageError for an unknown one."""
    from segcli.classify.rules import keys

    found = options.names(values["source"], "--source")
    if unknown := next((source for source in found if source not in keys.SOURCES), None):
        raise UsageError(f"--source: there is no '{unknown}'", f"it is {', '.join(keys.SOURCES)}")
    return found


SUGGEST = Command(
    "Suggest a rule file that reproduces a classification.\n\nLearns from the accounts whose value was set by hand, from a file"
    " or by an import. A rule has at most three tests, and the first rule that matches gives the value. Comments show the accuracy of each"
    " rule on held-out accounts, with counter-examples. Selection flags limit the accounts and become the"
    " scope of the file. rules plan shows what the rules would change. See docs/segments.md.",
    suggest,
    (
        Parameter("field", (), "The classification: class3 or its label.", metavar="FIELD", is_required=True, completes="class"),
        flag("rules", "--rules", "At most this many rules (default: 8).", "Options", kind="integer", metavar="N"),
        flag("source", "--source", "Sources of the values to learn from: manual,csv,import (default), rule.", "Options", metavar="SOURCES"),
        *explain_flags.parameters("Options"),
        *options.SELECTION,
        Parameter("rule_file", ("--output", "-o"), "Write the rule file here, atomically.", metavar="FILE", section="Output",
                  completes="file", is_written=True),
        *options.named(("format", "no_header", "strict", "as_of")),
    ),
    ("segcli rules suggest 'Customer value' -o suggested.yaml", "segcli rules suggest class3 --source csv,import --rules 4 -f table"),
)  # fmt: skip
