"""Shared by the kinds of subscriptions: the invoicing frequency, and the invoiced-to dates of lines."""

from segcli.base.text import counted
from segcli.importing.kinds.machinery import bounds
from segcli.importing.kinds.machinery.kind_definition import Field
from segcli.importing.kinds.machinery.stage import Stage

LINE = (
    Field(
        "subscription",
        "code",
        "subscriptionnumber abonnement abonnementnummer abonnementsnummer contract contractnumber contractnummer",
        about="Number of the subscription that the line belongs to",
    ),
    Field("subscription_id", "text", "subscriptionid entryid",
          about="The subscription's external_id, instead of its number"),
    Field("line_number", "integer", "linenumber line regel regelnummer",
          about="Number of the line, counted from 1; without it the order of the file"),
    Field("item", "code", "itemcode artikel artikelcode artikelnummer sku", about="Item code"),
    Field("description", "text", "itemdescription omschrijving", about="Description of the line"),
    Field("quantity", "decimal", "aantal qty", about="Quantity per period, at most 6 decimals; without it 1"),
    Field("unit", "text", "unitcode eenheid", about="Unit of the quantity; without it the item's own"),
    Field(
        "unit_price",
        "exact",
        "unitprice netprice prijs price verkoopprijs priceperperiod prijsperperiode amount bedrag",
        about="Price of one unit for one period, without VAT",
    ),
    Field(
        "discount_percent",
        "exact",
        "discountpercentage kortingspercentage kortingpercent korting",
        bound=bounds.DISCOUNT,
        about="Discount in per cent of the price, 10 for 10 %",
    ),
    Field("vat_code", "code", "vatcode btwcode", about="VAT code of the line"),
    Field("vat_percent", "exact", "vatpercentage btwpercentage btwpercent", bound=bounds.VAT,
          about="VAT rate in per cent, where no VAT code says it"),
    Field("start_date", "date", "startdate fromdate begindatum ingangsdatum van from",
          about="First day of the line; without it that of the subscription"),
    Field("end_date", "date", "enddate todate einddatum tot to",
          about="Last day of the line; without it that of the subscription"),
    Field("is_once", "flag", "isonce once eenmalig onetime",
          about="Whether it is charged once, with the first invoice"),
    Field("is_automatic_price", "flag", "isautomaticprice automaticprice automatischeprijs",
          about="Whether the price is looked up on the day of the invoice"),
    Field("is_never_revised", "flag", "isneverrevised neverrevise nietherzien",
          about="Whether price revisions leave the line alone"),
    Field("invoiced_to", "date", "invoicedto invoicedtodate gefactureerdtot", column="invoiced_to_date",
          about="Last day that was invoiced elsewhere"),
    Field("external_id", "text", "externalid id guid", about="Id in the program it comes from, such as its GUID"),
)  # fmt: skip
RHYTHM = (
    Field(
        "frequency",
        "frequency",
        "period interval invoiceperiod frequentie facturatieperiode factuurperiode periode termijn months maanden",
        about="weekly, monthly, quarterly, half-yearly or yearly",
    ),
    Field("frequency_count", "integer", "frequencycount intervalcount every aantalperioden",
          about="Number of those periods per invoice, 1 to 120; 2 with monthly: every two months"),
    Field("timing", "timing", "invoicetiming factuurmoment moment",
          about="advance or arrears: invoiced before or after the period"),
)  # fmt: skip
MOST_PERIODS = 120


def refuse_wrong_rhythm(stage: Stage) -> None:
    """Reject rows whose frequency_count is out of range."""
    if stage.has("frequency_count"):
        stage.reject(
            f"SELECT n, place, frequency_count FROM {stage.table} WHERE frequency_count NOT BETWEEN 1 AND {MOST_PERIODS}",
            "frequency_count",
            f"this is not 1 to {MOST_PERIODS}",
        )


def refuse_fine_quantities(stage: Stage) -> None:
    """Reject rows whose quantity has more decimals than are stored."""
    if stage.has("quantity"):
        stage.reject(
            f"""SELECT n, place, quantity FROM {stage.table} WHERE quantity LIKE '%.%'
                   AND length(rtrim(substr(quantity, instr(quantity, '.') + 1), '0')) > 6""",
            "quantity",
            "this has more than six decimals",
            "round it",
        )


def leave_to_type(stage: Stage) -> None:
    """Clear frequency and timing that only repeat the subscription type, so that the type still decides them."""
    kind = (
        "coalesce(c.subscription_type, t.subscription_type)"
        if stage.has("subscription_type")
        else "t.subscription_type"
    )
    found = f"""n IN (SELECT c.n FROM {{stage}} AS c JOIN subscription AS t ON t.subscription_number = c.subscription
         LEFT JOIN subscription_type AS y ON y.code = {kind} WHERE """
    if stage.has("frequency"):
        count = stage.has("frequency_count")  # frequency and count are compared together
        same = " AND coalesce(c.frequency_count, 1) = coalesce(y.frequency_count, 1)" if count else ""
        stage.execute(
            f"UPDATE {{stage}} SET frequency = NULL{', frequency_count = NULL' if count else ''}"
            f" WHERE {found} t.frequency IS NULL AND c.frequency = coalesce(y.frequency, 'monthly'){same})"
        )
    if stage.has("frequency_count"):
        stage.execute(
            f"UPDATE {{stage}} SET frequency_count = NULL WHERE {found} t.frequency_count IS NULL AND c.frequency_count = 1)"
        )
    if stage.has("timing"):
        stage.execute(
            f"UPDATE {{stage}} SET timing = NULL WHERE {found} t.timing IS NULL AND c.timing = coalesce(y.timing, 'advance'))"
        )


def note_invoiced_to(stage: Stage) -> None:
    """Store the previous invoiced-to dates; a date that repeats segcli's own export counts as unchanged."""
    stage.execute("ALTER TABLE {stage} ADD COLUMN former_invoiced TEXT")
    stage.execute(
        "UPDATE {stage} SET former_invoiced = (SELECT t.invoiced_to_date FROM subscription AS t"
        " WHERE t.subscription_number = subscription)"
    )
    stage.execute(
        """UPDATE {stage} SET invoiced_to = former_invoiced WHERE invoiced_to = (SELECT max(l.invoiced_to_date)
             FROM subscription_line AS l JOIN subscription AS t ON t.id = l.subscription_id
            WHERE t.subscription_number = subscription)"""
    )


def move_invoiced_to(stage: Stage) -> tuple[int, tuple[str, ...]]:
    """Move lines without a date of their own to a new invoiced-to date of their subscription.

    Lines that were invoiced here only move forward. Return the number of lines moved, and notes.
    """
    stage.index("subscription")
    found = """FROM {stage} AS s JOIN subscription AS t ON t.subscription_number = s.subscription
         WHERE t.id = subscription_line.subscription_id AND s.invoiced_to IS NOT NULL AND s.invoiced_to IS NOT s.former_invoiced"""
    is_invoiced_here = (
        "EXISTS (SELECT 1 FROM subscription_period AS p WHERE p.subscription_line_id = subscription_line.id)"
    )
    stays = stage.execute(
        f"""SELECT count(*) FROM subscription_line WHERE {is_invoiced_here}
             AND EXISTS (SELECT 1 {found} AND subscription_line.invoiced_to_date > s.invoiced_to)"""
    ).fetchone()[0]
    moved = stage.execute(
        f"""UPDATE subscription_line SET invoiced_to_date = s.invoiced_to {found}
             AND CASE WHEN {is_invoiced_here} THEN subscription_line.invoiced_to_date < s.invoiced_to
                 ELSE subscription_line.invoiced_to_date IS s.former_invoiced OR subscription_line.invoiced_to_date IS NULL END
             AND subscription_line.invoiced_to_date IS NOT s.invoiced_to"""
    ).rowcount
    return moved, further(stays)


def further(lines: int) -> tuple[str, ...]:
    """Return the note about lines that were invoiced further here than the file says."""
    return (f"{counted(lines, 'line')} kept: invoiced further here than in the file",) if lines else ()
