"""Subscriptions: the accounts, type, start and end of each, and the date up to which it is invoiced.

A file of subscriptions may also carry the single line of each: item, quantity and price, or the monthly value.
"""

from collections.abc import Sequence

from segcli.importing.kinds.machinery import external_ids, subscription_fields, upsert
from segcli.importing.kinds.machinery.account_headings import CUSTOMER, NAME
from segcli.importing.kinds.machinery.account_lookup import resolve
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.kinds.machinery.subscription_fields import LINE
from segcli.importing.kinds.machinery.subscription_lines import recalculate_amounts
from segcli.importing.kinds.machinery.subscription_single_line import check_single, merge_single

HEAD = (
    Field("subscription", "code", "subscriptionnumber abonnement abonnementnummer abonnementsnummer contract contractnumber "
          "contractnummer number nummer", column="subscription_number", is_required=True,
          about="Number of the subscription, unique"),
    Field("account", "code", CUSTOMER,
          surely="accountcode", about="Number of the account; it pays, orders and receives unless others are named"),
    Field("invoice_to", "code", "invoiceto factuurrelatie factureeraan", about="Number of the account that pays"),
    Field("name", "text", f"invoicetoname {NAME}",
          about="Name of the account, to compare or to create it with"),
    Field("status", "text", "", about="Status in the other program, not taken; dates and is_blocked decide"),
    Field("ordered_by", "code", "orderedby besteller", about="Number of the account that ordered"),
    Field("deliver_to", "code", "deliverto afleveradres", about="Number of the account that receives"),
    Field("subscription_type", "code", "type subscriptiontypecode abonnementstype abonnementsoort soort",
          about="Code of the subscription type"),
    Field("description", "text", "subscriptiondescription abonnementsomschrijving omschrijving",
          about="Description of the subscription"),
    Field("start_date", "date", "startdate begindatum ingangsdatum start begin", is_required=True,
          about="First day of the subscription"),
    Field("end_date", "date", "enddate einddatum eind end", about="Last day; without it the subscription has no end"),
    Field("cancellation_date", "date", "cancellationdate annuleringsdatum opgezegdper opzegdatum cancelled",
          about="Last day after a cancellation, where that is earlier"),
    Field("invoiced_to", "date", "invoicedto invoicedtodate gefactureerdtot gefactureerdtotenmet", column="invoiced_to_date",
          about="Last day that was invoiced elsewhere"),
    *subscription_fields.RHYTHM,
    Field("invoice_day", "integer", "invoiceday factuurdag",
          about="Day of the month on which periods begin, 1 to 31; without it that of the start"),
    Field("currency", "currency", "currencycode valuta",
          about="Currency of the subscription as an ISO code; without it the account's"),
    Field("payment_condition", "code", "paymentconditioncode betalingsconditie", about="Code of the payment condition"),
    Field("your_reference", "text", "yourref uwreferentie customerponumber",
          about="Reference of the customer, such as a purchase order"),
    Field("is_blocked", "flag", "isblocked blocked geblokkeerd", about="Whether the subscription is blocked"),
    Field("printed_date", "date", "printeddate afgedruktop", about="Date on which the contract was printed"),
    Field("is_printed", "flag", "isprinted printed afgedrukt",
          about="Whether the contract was printed, on an unknown day"),
    Field("remarks", "text", "opmerkingen", about="Free text"),
    Field("external_id", "text", "entryid externalid id guid",
          about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
_OF_HEAD = {
    "subscription",
    "subscription_id",
    "line_number",
    "description",
    "start_date",
    "end_date",
    "invoiced_to",
    "external_id",
}
_OF_LINE = tuple(field for field in LINE if field.name not in _OF_HEAD)
_MONTHLY = Field(
    "monthly_value",
    "exact",
    "monthlyvalue maandbedrag maandwaarde monthlyprice monthlyamount prijspermaand pricepermonth amonth",
    about="Value of the subscription per month, without VAT; instead of price and quantity",
)
_ROLES = ("invoice_to", "ordered_by", "deliver_to")
FIELDS = (*HEAD, *_OF_LINE, _MONTHLY)
_COMPUTED = {
    "account",
    "name",
    "status",
    "invoice_to",
    "ordered_by",
    "deliver_to",
    "currency",
    "is_blocked",
    "is_printed",
}


def merge(stage: Stage) -> Counts:
    """Upsert the staged subscriptions by number, and their single lines if the file carries them."""
    for role in ("account", *_ROLES):
        resolve(stage, role)
    _refuse_nobody(stage)
    more = "where it has several lines, bring them in a file of their own: subscription, item, quantity, unit_price"
    upsert.refuse_duplicates(stage, ("subscription",), "subscription", more)
    _refuse_wrong(stage)
    check_single(stage)
    stage.execute("ALTER TABLE {stage} ADD COLUMN home_currency TEXT")
    stage.execute("UPDATE {stage} SET home_currency = ?", stage.options.currency)
    _find_types(stage)
    subscription_fields.leave_to_type(stage)
    _cast(stage)
    if stage.has("invoiced_to"):
        subscription_fields.note_invoiced_to(stage)
    counts = upsert.upsert(stage, _target(stage))
    moved, notes = subscription_fields.move_invoiced_to(stage) if stage.has("invoiced_to") else (0, ())
    others = moved + _mark_printed(stage) + recalculate_amounts(stage)
    return counts._replace(others=others + merge_single(stage), notes=notes)


def _refuse_nobody(stage: Stage) -> None:
    column = "account" if stage.has("account") else "invoice_to"
    sql = f"SELECT n, place, NULL FROM {stage.table} WHERE coalesce(account_id, invoice_to_id) IS NULL"
    stage.reject(sql, column, "this is empty")


def _cast(stage: Stage) -> None:
    """Set payer, orderer and receiver. Without role columns, an account that already has a role keeps all stored roles."""
    for name in ("final_payer", "final_ordered_by", "final_deliver_to"):
        stage.execute(f"ALTER TABLE {{stage}} ADD COLUMN {name} INTEGER")
    found: tuple[str, ...]
    if any(stage.has(role) for role in _ROLES):
        delivered = "NULL" if stage.has("deliver_to") else "t.deliver_to_id"
        payer, ordered = (
            "coalesce(c.invoice_to_id, c.account_id)",
            "coalesce(c.ordered_by_id, c.account_id, c.invoice_to_id)",
        )
        found = (payer, ordered, f"coalesce(c.deliver_to_id, {delivered}, {ordered})")
    else:
        is_known = "c.account_id IN (t.account_id, t.ordered_by_id, t.deliver_to_id)"
        found = tuple(
            f"CASE WHEN {is_known} THEN t.{column} ELSE c.account_id END"
            for column in ("account_id", "ordered_by_id", "deliver_to_id")
        )
    stage.execute(
        f"""UPDATE {{stage}} SET final_payer = r.payer, final_ordered_by = r.ordered, final_deliver_to = r.delivered FROM (
              SELECT c.n AS row, {found[0]} AS payer, {found[1]} AS ordered, {found[2]} AS delivered
                FROM {{stage}} AS c LEFT JOIN subscription AS t ON t.subscription_number = c.subscription) AS r WHERE r.row = n"""
    )


def _find_types(stage: Stage) -> None:
    """Replace type ids by type codes; an unknown id is resolved when its type is imported."""
    if stage.has("subscription_type"):
        stage.execute(
            "UPDATE {stage} SET subscription_type = coalesce((SELECT t.code FROM subscription_type AS t"
            " WHERE t.external_id = subscription_type), subscription_type)"
        )


def _mark_printed(stage: Stage) -> int:
    """Set the printed date of subscriptions printed elsewhere on an unknown day to today; return their number."""
    if not stage.has("is_printed"):
        return 0
    return stage.execute(
        "UPDATE subscription SET printed_date = ? WHERE printed_date IS NULL AND subscription_number IN"
        " (SELECT subscription FROM {stage} WHERE is_printed = 1)",
        stage.options.today,
    ).rowcount


def _refuse_wrong(stage: Stage) -> None:
    subscription_fields.refuse_wrong_rhythm(stage)
    is_same = "lower(t.subscription_number) = lower(s.subscription)"
    external_ids.refuse_shared(stage, "subscription", is_same, "t.subscription_number")
    if stage.has("invoice_day"):
        sql = f"SELECT n, place, invoice_day FROM {stage.table} WHERE invoice_day NOT BETWEEN 1 AND 31"
        stage.reject(sql, "invoice_day", "this is not a day of a month", "1 to 31")
    stage.reject(  # invoiced periods keep their start
        f"""SELECT c.n, c.place, c.start_date, t.start_date FROM {stage.table} AS c JOIN subscription AS t
              ON t.subscription_number = c.subscription WHERE t.start_date <> c.start_date AND EXISTS
                 (SELECT 1 FROM subscription_period AS p JOIN subscription_line AS l ON l.id = p.subscription_line_id
                   WHERE l.subscription_id = t.id)""",
        "start_date",
        "periods were invoiced here from the start on {0}",
        "keep that start, or cancel it and begin another",
    )


def _target(stage: Stage) -> upsert.Target:
    columns = {c: f"s.{n}" for n, c in stage.targets.items() if n in {f.name for f in HEAD} - _COMPUTED}
    roles = {
        "account_id": "s.final_payer",
        "ordered_by_id": "s.final_ordered_by",
        "deliver_to_id": "s.final_deliver_to",
    }
    required = {name: f"s.{name}" for name in ("currency", "is_blocked") if stage.has(name)}
    home = "coalesce((SELECT a.currency FROM account AS a WHERE a.id = s.final_payer), s.home_currency)"
    return upsert.Target(
        "subscription",
        "t.subscription_number = s.subscription",
        {**columns, **roles, **required},
        {"is_blocked": "0", "currency": home},
        frozenset({"is_blocked", "currency"}),
        ("subscription_number",),
    )


def check(fields: Sequence[str]) -> str:
    """Return what is missing, else '': a subscription needs an account."""
    return "" if {"account", "invoice_to"} & set(fields) else "account"


KIND = Kind(
    "subscription",
    "subscriptions",
    FIELDS,
    merge,
    rank=4,
    check=check,
    never="invoicenumber linenumber line",
    spans=(("start_date", "end_date"), ("start_date", "cancellation_date")),
    known={"subscription": "subscription_number"},
)
