"""What requests are: their types, their statuses, and which of them need something done still. Pure."""

TYPES = ("task", "service", "complaint", "event", "note")
STATUSES = {
    0: "void",
    5: "rejected",
    10: "draft",
    20: "open",
    30: "approved",
    40: "realised",
    50: "processed",
}  # as Exact numbers them
IS_OPEN = "r.status IN (10, 20, 30)"  # on `request AS r`
# The highest number that was given here, R-1, R-2, ...
LAST_NUMBER = "(SELECT coalesce(max(CAST(substr(request_number, 3) AS INTEGER)), 0) FROM request WHERE request_number GLOB 'R-[0-9]*')"
