"""`segcli list`: marketing lists and opt-outs."""

import json
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.spelling import composed
from segcli.base.text import counted
from segcli.classify.catalogue_edit import Run, writing
from segcli.discover.campaigns import addresses, asking, groups, listing, members
from segcli.discover.campaigns.measuring import DEFAULT
from segcli.domain.campaigns import split
from segcli.interface import confirm, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, selection
from segcli.query.expressions import stored
from segcli.storage import exchange

undo = members.undo
_NAME = Parameter("name", (), "The list's name.", metavar="NAME", is_required=True, completes="marketing_list")
_OUTPUT = options.named(options.FORM)
_WRITING = options.BY_HAND
_METRIC = Parameter(
    "metric", ("--metric",), f"Metrics and conditions (default: '{DEFAULT}').", metavar="METRICS", is_many=True
)
_SPLIT = (
    Parameter("split", ("--split",), "Groups A, B, … in these shares: 45:45", metavar="SHARES"),
    Parameter("holdout", ("--holdout",), "Never write to this percentage of the accounts.", metavar="N%"),
    Parameter(
        "seed", ("--seed",), "Any word; the same word gives the same groups (default: the name).", metavar="WORD"
    ),
)


def create(session: Session, values: Values) -> None:
    """Create a list of the contacts of the selected accounts."""
    given = {name: values[name] for name in selection.FLAGS if values.get(name)}
    if bool(given) == bool(values["all"]):
        raise UsageError("no accounts selected", "select accounts with flags, or add --all")
    flags, told = stored.kept(given, Path.cwd(), freeze=values["freeze"])
    sync = "static" if values["static"] else values["sync"] or "full"
    if values["static"] and values["sync"]:
        raise UsageError("--static and --sync exclude each other")
    drawn = split.read(values["split"], values["holdout"])
    if values["seed"] and not (drawn.shares or drawn.holdout):
        raise UsageError("--seed goes with --split or --holdout")
    text = json.dumps(flags, ensure_ascii=False, sort_keys=True)
    with session.connect(write=True) as db, _run(session, db, values, "list create") as run:
        if lookup.list_name(db, values["name"]) is not None:
            raise UsageError(f"there is a list '{values['name']}' already", "segcli list sync brings it up to date")
        made = db.execute(
            "INSERT INTO marketing_list (name, flags, sync, description, name_key) VALUES (?1, ?2, ?3, ?4, label_key(?1))"
            " RETURNING id",
            (composed(values["name"]), text, sync, values["description"] or ""),
        ).fetchone()[0]
        if drawn.shares or drawn.holdout:
            groups.draw(db, made, drawn, values["seed"] or composed(values["name"]))
        names = replace(lookup.names(db, asked=values), may_read_input=sync == "static")
        done = members.sync(db, run.id, made, flags, names, is_full=False)
        exchange.report(session.insist, f"list {values['name']}", done.lacking)
        members.note(session.outcome, db, run.id)
        sizes = groups.words(db, made)
        run.note(f"list {values['name']}: {counted(done.added, 'contact')}" + (f"; accounts: {sizes}" if sizes else ""))
    for text_of_file in told:
        session.note(text_of_file)


def sync(session: Session, values: Values) -> None:
    """Update lists to match their selections."""
    with session.connect(write=True) as db, _run(session, db, values, "list sync") as run:
        names = values["names"] or [
            row[0] for row in db.execute("SELECT name FROM marketing_list WHERE sync <> 'static' ORDER BY 1")
        ]
        told = []
        for name in dict.fromkeys(names):
            found = members.find(db, name)
            if found.sync == "static":
                raise UsageError(
                    f"list '{name}' is static: it stays as it was made", "make another one: segcli list create"
                )
            known = replace(lookup.names(db), is_stored=True, origin=f"list {name}, --where")
            done = members.sync(db, run.id, found.id, json.loads(found.flags), known, is_full=found.sync == "full")
            exchange.report(session.insist, f"list {name}", done.lacking)
            told += [f"{name}: {done.added} added, {done.gone} gone"] if done.added or done.gone else []
        members.note(session.outcome, db, run.id)
        run.note("; ".join(told))


def show_all(session: Session, values: Values) -> None:
    """List the lists, how many contacts each has, and their groups."""
    with session.connect() as db:
        wanted.write(listing.every(db), wanted.Output.read(values, session.config))


def show(session: Session, values: Values) -> None:
    """Show the groups of a list and their sizes."""
    with session.connect() as db:
        wanted.write(listing.one(db, members.find(db, values["name"])), wanted.Output.read(values, session.config))


def delete(session: Session, values: Values) -> None:
    """Delete a list; its contacts stay. Ask first if its groups, which cannot be drawn again, go with it."""
    with session.connect(write=True) as db:
        if members.find(db, values["name"]).split and not (values["yes"] or values["dry_run"]):
            what = f"list {values['name']} has groups, and who was held out cannot be restored"
            confirm.require(what, "--dry-run", [what], f"Delete list {values['name']} with its groups?")
        with _run(session, db, values, "list delete") as run:
            found = members.find(db, values["name"])
            db.execute("DELETE FROM marketing_list WHERE id = ?", (found.id,))
            session.outcome.change(f"list {values['name']}", "flags", found.flags, None)
            session.outcome.count(removed=1)
            session.outcome.is_final = True
            run.note(f"list {values['name']} deleted")


def opt_out(session: Session, values: Values) -> None:
    """Record opt-outs of addresses."""
    day = dates.day_of(values["on"], session.today, "--on") if values["on"] else session.today
    found = list(addresses.given(values["addresses"]))  # before the lock, because a pipe may be slow
    with session.connect(write=True) as db, _run(session, db, values, "list opt-out") as run:
        done = 0
        for address in found:
            is_new = db.execute(
                "INSERT INTO opt_out (address_hash, opt_out_date, source, run_id)"
                " VALUES (mail_hash(mail_key(?1)), ?2, ?3, ?4)"
                " ON CONFLICT DO NOTHING",
                (address, str(day), values["source"], run.id),
            ).rowcount
            if is_new:
                done += 1
                session.outcome.change(address, "opt_out", None, day)
        session.outcome.count(added=done, unchanged=len(found) - done)
        run.note(f"{counted(done, 'address')} opted out" if done else "")


def opt_in(session: Session, values: Values) -> None:
    """Reverse an opt-out at the request of the address's owner."""
    found = list(addresses.given(values["addresses"]))
    with session.connect(write=True) as db, _run(session, db, values, "list opt-in") as run:
        sql = "DELETE FROM opt_out WHERE address_hash IN (SELECT value FROM json_each(mail_hashes('', ?))) RETURNING opt_out_date"
        done = 0
        for address in found:
            gone = db.execute(sql, (address,)).fetchall()
            done += len(gone)
            if gone:
                session.outcome.change(address, "opt_out", gone[0][0], None)
        session.outcome.count(removed=done)
        session.outcome.is_final = True
        run.note(f"{counted(done, 'address')} opted in" if done else "")


def _run(session: Session, db: sqlite3.Connection, values: Values, command: str) -> AbstractContextManager[Run]:
    return writing(session, db, command, values)


COMMAND = group(
    "Marketing lists and opt-outs.",
    {
        "list": Command("List the marketing lists, with the number of contacts and the groups of each.\n\nAlso shows the selection of"
                        " each list and how it is kept up to date.",
                        show_all, _OUTPUT,
                        ("segcli list list", "segcli list list -f json")),
        "show": Command("Show the groups of a list and their sizes.\n\nOne row per group: its share, its accounts, how many of them have"
                        " no contact on the list any more, and the contacts that are on it. A list without groups has one row.",
                        show, (_NAME, *_OUTPUT), ("segcli list show spring", "segcli list show spring -f csv")),
        "create": Command(
            "Create a list of the contacts of the selected accounts.\n\nlist sync updates it from its selection: --sync full"
            " (default) adds and removes contacts, --sync add only adds. A --static list never changes. Contacts that may not"
            " be mailed are left out when the list is used: segcli show marketing-list --list NAME.\n\n--split divides the accounts"
            " into groups A, B, …, and --holdout keeps a percentage that is never written to, so that list results can tell what"
            " a campaign did. All contacts of an account are in one group. The same seed gives the same groups; an account keeps"
            " its group, and one that joins later gets its own by the same rule.",
            create,
            (_NAME, Parameter("sync", ("--sync",), "add or full", metavar="WAY", choices=("add", "full")),
             Parameter("static", ("--static",), "Never update the list.", kind="flag"),
             Parameter("description", ("--description",), "The purpose of the list.", metavar="TEXT"),
             *_SPLIT, *options.FREEZE, options.PARAMETERS["all"], *options.SELECTION, *_WRITING),
            ("segcli list create spring --class7 SPRING", "segcli list create fair --country BE --static",
             "segcli list create mailing --country NL --split 45:45 --holdout 10"),
        ),
        "results": Command(
            "Compare the groups of a list with its holdout: difference, uplift, confidence interval, p.\n\nA metric is compared by its"
            " mean per account over the facts from --from to --to (Welch's interval); a condition such as \"invoices > 0\" by the rate"
            " of accounts that fulfil it (Newcombe's interval). The first row checks whether the sizes of the groups fit the split."
            " All accounts that were drawn count, also those that left the list or opted out since. docs/segments.md has the"
            " formulas.",
            asking.results,
            (_NAME, *options.named(("from", "to", "period")), _METRIC,
             Parameter("control", ("--control",), "Compare with this group (default: holdout).", metavar="GROUP"),
             Parameter("confidence", ("--confidence",), "Confidence of the intervals, in percent (95).", metavar="PERCENT"),
             *options.STRICT, *_OUTPUT),
            ("segcli list results mailing --from 2026-01-01 --to 2026-03-31",
             "segcli list results mailing --period 2026Q1 --metric 'turnover,invoices,margin > 500' --control A"),
        ),
        "power": Command(
            "Calculate how many accounts a test needs to detect an uplift.\n\nThe mean and the spread of each metric come from the"
            " accounts of a list, or of the selection, over a window as long as the campaign, up to today or --as-of. Two-sided,"
            " alpha 5 %, power 80 %. detectable is the smallest uplift that the accounts at hand show. A list has its own groups;"
            " a selection is divided by --split and --holdout (default: a holdout of 50 %).",
            asking.power,
            (Parameter("name", (), "A list; or select accounts.", metavar="NAME", completes="marketing_list"), _METRIC,
             Parameter("uplift", ("--uplift",), "The uplift to detect (10%).", metavar="N%"),
             Parameter("window", ("--window",), "As long as the campaign: 90d (default), 3m, …", metavar="WINDOW"),
             *_SPLIT[:2],
             Parameter("control", ("--control",), "Compare with this group (default: holdout).", metavar="GROUP"),
             options.PARAMETERS["all"], *options.SELECTION, *options.named(("as_of",)), *options.STRICT, *_OUTPUT),
            ("segcli list power --country NL --metric 'invoices > 0,turnover' --uplift 10%",
             "segcli list power mailing --window 6m --uplift 25%"),
        ),
        "sync": Command(
            "Update lists to match their selections, and report the changes.\n\nWithout a name, all lists that are not static"
            " are updated.", sync,
            (Parameter("names", (), "Lists.", metavar="NAME", is_many=True, completes="marketing_list"), *_WRITING),
            ("segcli list sync", "segcli list sync spring --dry-run"),
        ),
        "delete": Command("Delete a list; its contacts stay.\n\nIts member history is deleted too; opt-outs stay. A list with groups asks"
                          " first, because a campaign cannot be proven without them; off a terminal it needs --yes.", delete,
                          (_NAME, *options.named(("yes",)), *_WRITING), ("segcli list delete fair --dry-run", "segcli list delete fair")),
        "opt-out": Command(
            "Record opt-outs of e-mail addresses.\n\nThey are stored as salted hashes and kept out of every list, even if the"
            " contact is imported again.", opt_out,
            (Parameter("addresses", (), "E-mail addresses; - reads them from standard input.", metavar="ADDRESS", is_many=True,
                       is_required=True),
             Parameter("on", ("--on",), "The day (default: today).", metavar="DATE"),
             Parameter("source", ("--source",), "How the person opted out.", metavar="TEXT"), *_WRITING),
            ("segcli list opt-out info@t-gouden-hoen.example --source 'reply to the spring mail'",
             "segcli list opt-out - --on 2026-06-29 < addresses.txt"),
        ),
        "opt-in": Command(
            "Reverse an opt-out at the request of the address's owner.\n\nThe address may be mailed again if there is a legal"
            " basis. opt-out records a new opt-out.", opt_in,
            (Parameter("addresses", (), "E-mail addresses.", metavar="ADDRESS", is_many=True, is_required=True), *_WRITING),
            ("segcli list opt-in info@t-gouden-hoen.example", "segcli list opt-in info@t-gouden-hoen.example --dry-run"),
        ),
    },
)  # fmt: skip
