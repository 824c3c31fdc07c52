"""Sums of sums: SQLite adds columns of them up as floats where they are too large, which sum() itself refuses. Pure."""


def exact(sql: str) -> str:
    """Return the SQL of amounts that are added or subtracted, as an error where they come to more than can be kept."""
    too_large = f"abs(CAST(-abs({sql}) AS INTEGER))"  # the smallest integer has no opposite: 'integer overflow'
    return f"CASE WHEN typeof({sql}) = 'real' THEN {too_large} ELSE {sql} END"
