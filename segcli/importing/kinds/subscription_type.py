"""Subscription types: invoicing frequency and timing, and the proration of partial periods."""

from segcli.importing.kinds.machinery import external_ids, subscription_fields, upsert
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage

FIELDS = (
    Field("subscription_type", "code", "subscriptiontypecode abonnementstype abonnementsoort code", is_required=True,
          column="code", surely="subscriptiontype", about="Code of the subscription type, unique"),
    Field("description", "text", "subscriptiontypedescription omschrijving name naam",
          about="Description of the subscription type"),
    *subscription_fields.RHYTHM,
    Field("proration", "proration", "prorata proratie naarrato", is_required=False,
          about="Price of a broken period: days (pro rata), zero or full"),
    Field("is_calendar", "flag", "calendar kalender",
          about="Whether periods are calendar weeks, months, quarters or years"),
    Field("invoice_per", "invoice_per", "factuurper", about="One invoice per subscription or per account"),
    Field("notice_days", "integer", "noticedays opzegtermijn notice",
          about="Days before its end on which a subscription is to be renewed, 0 to 3660"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_DEFAULTS = {
    "description": "''", "frequency": "'monthly'", "frequency_count": "1", "timing": "'advance'", "proration": "'days'",
    "is_calendar": "0", "invoice_per": "'subscription'", "notice_days": "30",
}  # fmt: skip
MOST_DAYS = 3660


def merge(stage: Stage) -> Counts:
    """Upsert the staged types by code."""
    upsert.refuse_duplicates(stage, ("lower(subscription_type)",), "subscription_type")
    subscription_fields.refuse_wrong_rhythm(stage)
    if stage.has("notice_days"):
        sql = f"SELECT n, place, notice_days FROM {stage.table} WHERE notice_days NOT BETWEEN 0 AND {MOST_DAYS}"
        stage.reject(sql, "notice_days", f"this is not 0 to {MOST_DAYS} days")
    external_ids.refuse_shared(stage, "subscription_type", "lower(t.code) = lower(s.subscription_type)", "t.code")
    columns = {column: f"s.{name}" for name, column in stage.targets.items()}
    target = upsert.Target(
        "subscription_type", "t.code = s.subscription_type", columns, _DEFAULTS, frozenset(_DEFAULTS), ("code",)
    )
    counts = upsert.upsert(stage, target)
    return counts._replace(others=_name_by_code(stage))


def _name_by_code(stage: Stage) -> int:
    """Replace the type ids of subscriptions imported before their types by codes; return their number."""
    return stage.execute(
        """UPDATE subscription SET subscription_type = t.code FROM subscription_type AS t
            WHERE t.external_id = subscription.subscription_type COLLATE BINARY"""
    ).rowcount


KIND = Kind(
    "subscription_type",
    "subscription types",
    FIELDS,
    merge,
    rank=4,  # files can also hold subscriptions, which need accounts; types may come after subscriptions
    never="account subscription startdate item itemcode",
)
