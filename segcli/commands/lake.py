"""`segcli lake`: write the tables to a folder of Parquet files, for other engines."""

from pathlib import Path

from segcli.base.errors import CHANGED, SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.table import Column, Table
from segcli.interface import confirm, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted

COLUMNS = (
    Column("administration", "code"),
    Column("status"),
    Column("run", "integer"),
    Column("synced_at", "code"),
    Column("rows", "integer"),
    Column("bytes", "integer"),
    Column("database"),
    Column("detail"),
)
_FOLDER = Parameter(
    "folder", (), "The folder of the lake (default: the setting lake.folder).", metavar="FOLDER", completes="file"
)
_KEY = "The key of this database in the lake (default: the setting lake.administration, else the name of its file)."


def _folder(session: Session, values: Values) -> Path:
    """Return the folder of the lake. UsageError if neither the command line nor the configuration names one."""
    from segcli.lake import current

    if values["folder"]:
        return Path(values["folder"]).expanduser().absolute()
    return current.folder_of(session, "name its folder, or set lake.folder in the configuration")


def sync(session: Session, values: Values) -> int:
    """Bring the lake up to date with the database; return 4 with --exit-code if a file was written."""
    from segcli.lake import current

    folder = _folder(session, values)
    key = current.key_of(session, values["administration"])
    done = current.synced(session, folder, session.database, key, keeps=not values["all"])
    parts = done.administration.tables
    size = sum(part.size for part in parts.values())
    if not done.written:
        session.note(f"{folder}: nothing to write: {key} is at run {done.administration.run} already")
        return 0
    session.note(
        f"{folder}: {key} at run {done.administration.run}, {counted(len(done.written), 'file')} written,"
        f" {len(parts) - len(done.written)} kept, {size:,} bytes"
    )
    return CHANGED if values["exit_code"] else 0


def status(session: Session, values: Values) -> int:
    """Show what the lake holds, and return 4 with --exit-code if an administration is not current."""
    from segcli.lake import manifest
    from segcli.lake import status as lake

    found = manifest.read(_folder(session, values))
    states = [lake.state_of(one, reads_all=values["verify"]) for one in found.administrations]
    rows = [
        (
            one.key,
            state.word,
            one.run or None,
            one.synced_at,
            sum(part.rows for part in one.tables.values()),
            sum(part.size for part in one.tables.values()),
            one.database,
            state.detail,
        )
        for one, state in zip(found.administrations, states, strict=True)
    ]
    table = Table("Lake", COLUMNS, rows, str(found.folder), with_totals=False)
    wanted.write(table, wanted.Output.read(values, session.config))
    words = [state.word for state in states]
    if "damaged" in words:
        told = f"{counted(words.count('damaged'), 'administration')} of the lake {found.folder} damaged"
        raise SegcliError(told, "write the files anew: segcli lake sync --all")
    return CHANGED if values["exit_code"] and {"stale", "foreign"} & set(words) else 0


def drop(session: Session, values: Values) -> None:
    """Remove one administration from the lake, or the whole lake, after a confirmation."""
    from segcli.lake import folders, manifest

    folder, key = _folder(session, values), values["administration"]
    if not (folder / manifest.NAME).is_file():
        raise SegcliError(f"there is no lake {folder}", "name the folder of a lake")
    if key is not None:
        lake = manifest.load(folder)
        known = [one.key for one in lake.administrations] if lake else []
        if key not in known:
            raise UsageError(f"the lake {folder} has no administration '{key}'", f"it has {', '.join(known) or 'none'}")
    what = f"the administration {key} of the lake {folder}" if key else f"the lake {folder}"
    if not values["yes"]:
        confirm.require(f"{what} would be removed", "segcli lake status", (), f"Remove {what}?")
    folders.drop(folder, key, session.config.wait)
    session.note(f"removed: {what}")


COMMAND = group(
    "Write the tables to a folder of Parquet files, for other engines.",
    {
        "sync": Command(
            "Bring the lake up to date with the database.\n\nThe lake is a folder of Parquet files: one file per table and"
            " administration. All files of an administration come from one snapshot of its database. A sync writes only the tables"
            " that changed since the last sync. The old lake stays until the new one is complete; then its files are deleted."
            " Several databases share a lake, each under its own key: sync each of them in turn. Folders are 0700"
            " and files 0600. It needs segcli[lake]. Changes by other programs, such as the sqlite3 shell, are not noticed:"
            " --all writes all tables.",
            sync,
            (
                _FOLDER,
                Parameter("administration", ("--administration",), _KEY, metavar="KEY"),
                Parameter("all", ("--all",), "Write all tables, also those that did not change.", kind="flag"),
                options.EXIT_CODE,
            ),
            (
                "segcli lake sync lake",
                "segcli --database north.db lake sync lake --administration north",
            ),
        ),
        "status": Command(
            "Show what the lake holds: run, time, size, and whether it is current.\n\nAn administration is current; stale: the"
            " database changed since, and the tables are named; damaged: a file is not as it was written; foreign: its database"
            " is another one now; or unknown: its database cannot be opened. A damaged one gives status 1.",
            status,
            (
                _FOLDER,
                Parameter(
                    "verify", ("--verify",), "Read every file to its end; without it, sizes and footers.", kind="flag"
                ),
                Parameter(
                    "exit_code", ("--exit-code",), "Exit with 4 if an administration is stale or foreign.", kind="flag"
                ),
                *options.named(options.FORM),
            ),
            ("segcli lake status lake", "segcli lake status lake --verify -f json"),
        ),
        "drop": Command(
            "Remove an administration from the lake, or the whole lake.\n\nIt removes the files that segcli wrote; the folder"
            " itself stays. Databases are not changed. It asks; off a terminal it needs --yes.",
            drop,
            (
                _FOLDER,
                Parameter(
                    "administration", ("--administration",), "Only the administration with this key.", metavar="KEY"
                ),
                *options.named(("yes",)),
            ),
            ("segcli lake drop lake --administration north --yes", "segcli lake drop lake --yes"),
        ),
    },
)
