"""Descriptions by language, which a file carries as description_nl, description_de and so on."""

from typing import NamedTuple

from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Counts, Stage

LANGUAGES = ("en", "nl", "de", "fr")
_SPOKEN = dict(zip(LANGUAGES, ("English", "Dutch", "German", "French"), strict=True))
FIELDS = tuple(
    Field(f"description_{code}", "text", f"omschrijving{code} name{code} naam{code}", about=f"Description in {spoken}")
    for code, spoken in _SPOKEN.items()
)


class Texts(NamedTuple):
    """A table of texts, its column of the record that they describe, and the condition that finds it for a staged row."""

    table: str
    owner: str
    described: str  # the table of the records
    match: str  # of the record `t` and the row `s`


def others(stage: Stage) -> dict[str, str]:
    """Return field -> table column for the fields of the file that the record itself stores."""
    names = {field.name for field in FIELDS}
    return {name: column for name, column in stage.targets.items() if name not in names}


def merge(stage: Stage, texts: Texts, counts: Counts) -> Counts:
    """Store the texts of the staged rows, whose records exist; an empty cell removes a text.

    `counts` are those of the records. A row in which only a text differs is counted as changed.
    """
    given = [code for code in LANGUAGES if stage.has(f"description_{code}")]
    if not given:
        return counts
    is_known = counts.added < stage.count()  # else there is nothing to compare with
    told = {f"description_{code}": _count(stage, texts, [code]) for code in given} if is_known else {}
    only = _count(stage, texts, given, "AND s.n NOT IN (SELECT n FROM temp.differing)") if is_known else 0
    for code in given:
        _store(stage, texts, code)
    fields = {**counts.fields, **{name: count for name, count in told.items() if count}}
    return counts._replace(changed=counts.changed + only, unchanged=counts.unchanged - only, fields=fields)


def _stored(texts: Texts, code: str) -> str:
    return f"(SELECT text FROM {texts.table} WHERE {texts.owner} = t.id AND language = '{code}')"


def _count(stage: Stage, texts: Texts, codes: list[str], condition: str = "") -> int:
    """Return the number of rows of known records with another text than the stored one."""
    differs = " OR ".join(f"s.description_{code} IS NOT {_stored(texts, code)}" for code in codes)
    sql = f"""SELECT count(*) FROM {{stage}} AS s JOIN temp.matched AS m ON m.n = s.n JOIN {texts.described} AS t ON t.id = m.id
     WHERE ({differs}) {condition}"""
    return int(stage.execute(sql).fetchone()[0])


def _store(stage: Stage, texts: Texts, code: str) -> None:
    column = f"s.description_{code}"
    joined = f"{{stage}} AS s CROSS JOIN {texts.described} AS t ON {texts.match}"
    stage.execute(
        f"DELETE FROM {texts.table} WHERE language = ? AND {texts.owner} IN"
        f" (SELECT t.id FROM {joined} WHERE {column} IS NULL)",
        code,
    )
    stage.execute(
        f"INSERT INTO {texts.table} ({texts.owner}, language, text) SELECT t.id, ?, {column} FROM {joined}"
        f" WHERE {column} IS NOT NULL ORDER BY s.n"
        f" ON CONFLICT ({texts.owner}, language) DO UPDATE SET text = excluded.text WHERE text <> excluded.text",
        code,
    )
