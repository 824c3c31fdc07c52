"""Sums of sums in SQL: adding columns silently turns large integers into floats, unlike sum(). Pure."""


def exact(sql: str) -> str:
    """Return the SQL of a sum or difference of amounts that raises an error on integer overflow."""
    too_large = f"abs(CAST(-abs({sql}) AS INTEGER))"  # abs of the smallest integer raises 'integer overflow'
    return f"CASE WHEN typeof({sql}) = 'real' THEN {too_large} ELSE {sql} END"
