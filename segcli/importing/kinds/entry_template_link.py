"""Links between accounts and entry templates; one link of an account is the main one."""

from segcli.importing.kinds.machinery import upsert
from segcli.importing.kinds.machinery.account_headings import SUPPLIER
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("entry_template", "code", "entrytemplatecode boekingssjabloon template", is_required=True,
          about="Code of the entry template"),
    Field("account", "code", f"relatie relatiecode {SUPPLIER}", is_required=True,
          surely="accountcode", about="Number of the supplier that the template is used for"),
    Field("is_main", "flag", "main hoofdsjabloon", about="Whether this is the main template of the supplier"),
)  # fmt: skip


def merge(stage: Stage) -> Counts:
    """Upsert the staged links; a new main link replaces the account's earlier main link."""
    resolve(stage)
    stage.execute("ALTER TABLE {stage} ADD COLUMN template_id INTEGER")
    stage.execute(
        "UPDATE {stage} SET template_id = (SELECT t.id FROM entry_template AS t WHERE t.code = entry_template)"
    )
    stage.reject(
        f"SELECT n, place, entry_template FROM {stage.table} WHERE template_id IS NULL",
        "entry_template",
        "there is no such entry template",
        "import the entry templates first",
    )
    upsert.refuse_duplicates(stage, ("account_id", "template_id"), "entry_template")
    main = "coalesce(s.is_main, 0)" if stage.has("is_main") else "0"
    if stage.has("is_main"):
        stage.reject(
            f"""SELECT n, place, entry_template, first FROM (SELECT n, place, entry_template, is_main,
                  first_value(place) OVER w AS first, row_number() OVER w AS occurrence FROM {stage.table}
                  WHERE is_main = 1 WINDOW w AS (PARTITION BY account_id ORDER BY n)) WHERE occurrence > 1""",
            "is_main",
            "the account has its main template on line {0} already",
        )
        stage.execute(
            "UPDATE entry_template_link SET is_main = 0 FROM {stage} AS s WHERE s.is_main = 1 AND"
            " entry_template_link.is_main = 1 AND entry_template_link.account_id = s.account_id"
            " AND entry_template_link.entry_template_id <> s.template_id"
        )
    total = stage.count()
    changed = (
        stage.execute(
            f"UPDATE entry_template_link SET is_main = {main} FROM {{stage}} AS s WHERE entry_template_link.account_id ="
            f" s.account_id AND entry_template_link.entry_template_id = s.template_id AND entry_template_link.is_main <> {main}"
        ).rowcount
        if stage.has("is_main")
        else 0
    )
    added = stage.execute(
        f"INSERT INTO entry_template_link (account_id, entry_template_id, is_main)"
        f" SELECT s.account_id, s.template_id, {main} FROM {{stage}} AS s WHERE true ON CONFLICT DO NOTHING"
    ).rowcount
    return Counts(added, changed, total - added - changed)


KIND = Kind("entry_template_link", "entry template links", FIELDS, merge, rank=4)
