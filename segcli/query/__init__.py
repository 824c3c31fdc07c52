"""Which accounts, and which question, as SQL: selections, columns, order, totals, and the answer to a request."""
