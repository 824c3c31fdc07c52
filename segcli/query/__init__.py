"""Queries as SQL: selections, columns, sort order, totals, and the table that answers a request."""
