"""The roles that an account can have in an invoice or a subscription, and their columns."""

ROLES = {"ordered-by": "ordered_by_id", "invoice-to": "account_id", "deliver-to": "deliver_to_id"}
