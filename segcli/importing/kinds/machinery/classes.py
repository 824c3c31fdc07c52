"""Classifications in a file of accounts: resolve the values, assign them, keep those set by hand."""

from collections.abc import Sequence

from segcli.base.errors import UsageError
from segcli.base.text import counted, key
from segcli.domain.catalogue import CLASSES
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.storage.class_values import create as create_value
from segcli.storage.runs import STANDS

GUID_LENGTH = 36


def resolve(stage: Stage) -> None:
    """Replace the texts in class columns by ids, or reject their rows; unknown GUIDs stay pending."""
    worded = _worded(stage)
    stage.execute("DROP TABLE IF EXISTS temp.class_word")
    stage.execute(
        "CREATE TEMP TABLE class_word (field INTEGER, word TEXT, id INTEGER, reason TEXT, fix TEXT, PRIMARY KEY (field, word))"
        " WITHOUT ROWID"
    )
    for name in (name for name in CLASSES if stage.has(name)):
        if name in worded:
            _look_up_words(stage, name)
        _refuse_retired(stage, name)
    if worded:  # all classes in one pass
        name = stage.table.removeprefix("temp.")
        stage.execute(f"UPDATE {{stage}} SET {', '.join(f'{one} = {_resolved(name, one)}' for one in worded)}")


def _resolved(row: str, name: str) -> str:
    """Return the SQL of a class of a row, resolved: the id of its text if that has one, else what it is."""
    found = f"SELECT w.id FROM temp.class_word AS w WHERE w.field = {name[5]} AND w.word = {row}.{name}"
    return f"iif(typeof({row}.{name}) = 'text', coalesce(({found}), {row}.{name}), {row}.{name})"


def _worded(stage: Stage) -> tuple[str, ...]:
    """Return the class columns that still contain texts."""
    names = tuple(name for name in CLASSES if stage.has(name))
    if not names or not stage.is_any(" OR ".join(f"typeof({name}) = 'text'" for name in names)):  # the usual case
        return ()
    words = ", ".join(f"max(typeof({name}) = 'text')" for name in names)
    seen = stage.execute(f"SELECT {words} FROM {{stage}}").fetchone()
    return tuple(name for name, is_worded in zip(names, seen, strict=True) if is_worded)


def _look_up_words(stage: Stage, name: str) -> None:
    """Look up the distinct texts of a class, and reject the rows with one that cannot be given."""
    stage.db.executemany("INSERT INTO temp.class_word VALUES (?, ?, ?, ?, ?)", _words(stage, name))
    stage.reject(
        f"SELECT s.n, s.place, s.{name}, w.reason, w.fix FROM {stage.table} AS s CROSS JOIN temp.class_word AS w"
        f" ON w.field = {name[5]} AND w.word = s.{name} WHERE typeof(s.{name}) = 'text' AND w.id IS NULL ORDER BY s.n",
        name,
        "{0}",
        "{1}",
    )


def _words(stage: Stage, name: str) -> list[tuple[int, str, int | None, str, str]]:
    """Return the texts of a class with the ids of their values; of a value that cannot be given, why not, and what to do."""
    field = int(name[5])
    guids = "SELECT external_id, id FROM classification_value WHERE field = ? AND external_id IS NOT NULL"
    ids: dict[str, int] = dict(stage.execute(guids, field).fetchall())
    words = stage.execute(f"SELECT {name} FROM {{stage}} WHERE typeof({name}) = 'text' GROUP BY 1 ORDER BY min(n)")
    made: dict[str, int] = {}  # by the key of the text
    found: list[tuple[int, str, int | None, str, str]] = []
    for (word,) in words.fetchall():
        if word not in ids and len(word) == GUID_LENGTH and word.count("-") == 4:  # noqa: PLR2004 - 8-4-4-4-12
            continue  # stays pending in pending_classification until its value is imported
        try:
            found.append((field, word, ids[word] if word in ids else _value(stage, field, word, made), "", ""))
        except UsageError as error:
            making = "" if stage.options.must_create else "or --create-missing makes it"
            found.append((field, word, None, error.message, "; ".join(filter(None, (error.hint, making)))))
    return found


def _value(stage: Stage, field: int, word: str, made: dict[str, int]) -> int:
    """Return the id of the named value; create it if requested. A UsageError if it is missing."""
    same = key(word)
    if stage.options.must_create and not stage.catalogue.find(field, word):
        if same not in made:
            made[same] = create_value(stage.db, field, word)
        return made[same]
    return stage.catalogue.assignable(field, word).id


def _refuse_retired(stage: Stage, name: str) -> None:
    """Reject rows that assign a retired value to an account that does not already have it."""
    retired = "SELECT EXISTS (SELECT 1 FROM classification_value WHERE field = ? AND is_retired = 1)"
    if not stage.execute(retired, int(name[5])).fetchone()[0]:
        return
    stage.reject(
        f"""SELECT s.n, s.place, v.code, v.code FROM {stage.table} AS s JOIN classification_value AS v ON v.id = {_resolved("s", name)}
             WHERE v.is_retired = 1
               AND NOT EXISTS (SELECT 1 FROM account AS t WHERE t.code = s.account AND t.{name} = v.id)""",
        name,
        "{0} is retired: it stays where it is but is not given any more",
    )


def classify(stage: Stage, counts: Counts) -> Counts:
    """Assign classes to existing accounts; keep classes set by hand unless --overwrite-classes is given."""
    changed, kept = 0, 0
    fields: dict[str, int] = {}
    names = tuple(name for name in CLASSES if stage.has(name))
    _find_differing(stage, names)
    for name in names:
        number, blocked = int(name[5]), _HAND.replace("{field}", name[5])
        differs = f"t.{name} IS NOT s.{name} AND typeof(s.{name}) <> 'text'"
        source = "temp.reclassed AS d JOIN {stage} AS s ON s.n = d.n JOIN account AS t ON t.id = d.id"
        if not stage.options.overwrite_classes:
            kept += stage.execute(f"SELECT count(*) FROM {source} WHERE {differs} AND {blocked}").fetchone()[0]
            differs += f" AND NOT {blocked}"
        count = stage.execute(
            f"INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id)"
            f" SELECT ?, t.id, ?, t.{name}, s.{name} FROM {source} WHERE {differs} ORDER BY s.n",
            stage.run_id,
            number,
        ).rowcount
        if count:
            fields[name] = count
            stage.execute(
                f"UPDATE account SET {name} = c.new_value_id FROM classification_change AS c"
                " WHERE c.run_id = ? AND c.field = ? AND account.id = c.account_id",
                stage.run_id,
                number,
            )
    if fields:
        changed = _newly_changed(stage)
    notes = (
        (
            f"{counted(kept, 'classification')} set by hand {stage.verb('kept', 'would be kept')} (see --overwrite-classes)",
        )
        if kept
        else ()
    )
    return Counts(
        counts.added, counts.changed + changed, counts.unchanged - changed, {**counts.fields, **fields}, notes
    )


def _find_differing(stage: Stage, names: Sequence[str]) -> None:
    """Collect the accounts with any differing class, in one pass instead of two per class."""
    stage.execute("DROP TABLE IF EXISTS temp.reclassed")
    differing = " OR ".join(f"(t.{name} IS NOT s.{name} AND typeof(s.{name}) <> 'text')" for name in names) or "0"
    stage.execute(
        "CREATE TEMP TABLE reclassed AS SELECT s.n, t.id FROM temp.matched AS m JOIN {stage} AS s ON s.n = m.n"
        f" JOIN account AS t ON t.id = m.id WHERE {differing}"
    )


# True if the last change of the class that was not undone came from a user, a list or a rule, not from an import.
_HAND = """coalesce((SELECT r.source <> 'import' FROM classification_change AS c JOIN run AS r ON r.id = c.run_id
 WHERE c.account_id = t.id AND c.field = {field} AND r.undoes_run_id IS NULL AND {stands} ORDER BY c.id DESC LIMIT 1), 0)""".replace(
    "{stands}", STANDS.format(run="r")
)


def _newly_changed(stage: Stage) -> int:
    """Return the number of accounts whose only changes are in their classes."""
    return int(
        stage.execute(
            "SELECT count(DISTINCT account_id) FROM classification_change WHERE run_id = ?"
            " AND account_id NOT IN (SELECT id FROM temp.differing)",
            stage.run_id,
        ).fetchone()[0]
    )


def keep_pending(stage: Stage) -> None:
    """Store the GUIDs of values that are not imported yet; importing the values resolves them."""
    for name in _worded(stage):
        stage.execute(
            f"INSERT INTO pending_classification (account_id, field, external_id) SELECT t.id, {name[5]}, s.{name}"
            f" FROM {{stage}} AS s JOIN account AS t ON t.code = s.account WHERE typeof(s.{name}) = 'text'"
            " ON CONFLICT DO UPDATE SET external_id = excluded.external_id WHERE external_id <> excluded.external_id"
        )
