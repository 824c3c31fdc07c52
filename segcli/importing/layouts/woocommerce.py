"""WooCommerce: customers and orders, as its analytics export them. An order names its customer by name."""

from segcli.importing.layouts.parts.layout import Layout, Part, Skip, constant, day, first, lowered, reference, several

_P = "woocommerce"
_GONE = frozenset({"cancelled", "failed", "refunded", "trash"})
_OPEN = frozenset({"pending", "pending payment", "draft", "auto-draft", "checkout-draft", "on-hold", "on hold"})
LAYOUTS = {
    "customers": Layout(
        "WooCommerce customers",
        (
            Part(
                "account",
                {
                    "references": several(
                        reference(_P, lowered("email")), reference(_P, "username"), reference(_P, "name")
                    ),
                    "name": "name username email",
                    "email": "email",
                    "phone": "billingphone shippingphone",
                    "country": "countryregion country",
                    "city": "city",
                    "state": "region",
                    "postcode": "postalcode",
                    "start_date": day("signup dateregistered registered"),
                },
            ),
        ),
        ignores="lastactive orders totalspend aov role",
    ),
    "orders": Layout(
        "WooCommerce orders",
        (
            Part(
                "account",
                {"references": reference(_P, "customer"), "name": "customer"},
                once=first("customer"),
                only_fills=True,
            ),
            Part(
                "invoice",
                {
                    "account": reference(_P, "customer"),
                    "invoice_number": "order",
                    "invoice_date": day("date"),
                    "net_amount": "netsales nrevenue",
                    "status": constant("processed"),
                },
                once=first("order"),
                by_reference=True,
            ),
        ),
        ignores="status customertype itemssold nrevenueformatted netsalesformatted attribution origin",
        skips=(
            Skip(lambda row: row["status"].lower() in _GONE, "cancelled, failed or refunded orders"),
            Skip(lambda row: row["status"].lower() in _OPEN, "orders that are not paid yet"),
            Skip(lambda row: not row["customer"], "orders without a customer"),
        ),
    ),
}
