"""WooCommerce: the customers of its analytics."""

from segcli.importing.layouts.parts.layout import Layout, Part, day, either, first, lowered, reference

_P = "woocommerce"
LAYOUTS = (
    Layout(
        "WooCommerce customers",
        "name username email totalspend aov",
        (
            Part(
                "account",
                {
                    "references": reference(_P, either(lowered("email"), first("username name"))),
                    "name": "name username email",
                    "email": "email",
                    "country": "countryregion country",
                    "city": "city",
                    "state": "region",
                    "postcode": "postalcode",
                    "start_date": day("signup dateregistered registered"),
                },
            ),
        ),
        ignores="username lastactive orders totalspend aov",
    ),
)
