"""The roles of an account in an invoice or a subscription, and their columns."""

ROLES = {"ordered-by": "ordered_by_id", "invoice-to": "account_id", "deliver-to": "deliver_to_id"}
