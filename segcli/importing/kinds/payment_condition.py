"""Payment conditions: the number of days from the invoice date to the due date, and their descriptions by language."""

from segcli.base.text import counted
from segcli.importing.kinds.machinery import texts, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("payment_condition", "code", "paymentconditioncode betalingsconditie betalingsvoorwaarde code",
          is_required=True, column="code", about="Code of the payment condition, unique"),
    Field("description", "text", "paymentconditiondescription omschrijving name naam",
          about="Description of the payment condition"),
    Field("days", "integer", "paymentdays betaaldagen dagen betalingstermijn", is_required=True,
          about="Days from the invoice date to the due date"),
    *texts.FIELDS,
)  # fmt: skip
MOST_DAYS = 3650
_TEXTS = texts.Texts("payment_condition_text", "condition_id", "payment_condition", "t.code = s.payment_condition")


def merge(stage: Stage) -> Counts:
    """Upsert the staged conditions by code; set the due date of items that lack one and have such a condition."""
    upsert.refuse_duplicates(stage, ("payment_condition",), "payment_condition")
    stage.reject(
        f"SELECT n, place, days FROM {stage.table} WHERE days NOT BETWEEN 0 AND {MOST_DAYS}",
        "days",
        f"this is not 0 to {MOST_DAYS} days",
    )
    columns = {column: f"s.{name}" for name, column in texts.others(stage).items()}
    defaults = {"description": "''"}
    counts = upsert.upsert(
        stage,
        upsert.Target(
            "payment_condition", "t.code = s.payment_condition", columns, defaults, frozenset(defaults), ("code",)
        ),
    )
    counts = texts.merge(stage, _TEXTS, counts)
    dated = stage.execute(
        """UPDATE outstanding_item SET due_date = date(outstanding_item.invoice_date, '+' || c.days || ' days')
             FROM account AS a, payment_condition AS c
            WHERE outstanding_item.due_date IS NULL AND outstanding_item.amount > 0 AND a.id = outstanding_item.account_id
              AND c.code = coalesce(outstanding_item.payment_condition, a.payment_condition)"""
    ).rowcount
    return counts._replace(
        others=dated,
        notes=(f"{counted(dated, 'item')} {stage.verb('given', 'would be given')} a due date",) if dated else (),
    )


KIND = Kind("payment_condition", "payment conditions", FIELDS, merge, rank=2)
