"""Requests: their types, their statuses and which of them are open. Pure."""

TYPES = ("task", "service", "complaint", "event", "note")
STATUSES = {
    0: "void",
    5: "rejected",
    10: "draft",
    20: "open",
    30: "approved",
    40: "realised",
    50: "processed",
}  # the numbers used by Exact
# SQL of the highest number assigned by segcli, ...
LAST_NUMBER = "(SELECT coalesce(max(CAST(substr(request_number, 3) AS INTEGER)), 0) FROM request WHERE request_number GLOB 'R-[0-9]*')"


def open_on(day: str) -> str:
    """Return the SQL condition that `request AS r` was open at the end of a bound day: it is open, or was closed later."""
    return f"(r.status IN (10, 20, 30) OR coalesce(r.closed_date > {day}, FALSE))"
