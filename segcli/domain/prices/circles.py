"""Price lists that start from each other: A from B, B from C, C from A. Such lists have no price."""

from collections.abc import Collection, Mapping, Sequence

# The lists of a database that start from others.
BASES = """SELECT DISTINCT p.code, b.code FROM price_list_line AS l JOIN price_list_period AS d ON d.id = l.price_list_period_id
  JOIN price_list AS p ON p.id = d.price_list_id JOIN price_list AS b ON b.id = l.base_price_list_id ORDER BY 1, 2"""
Bases = Mapping[str, Collection[str]]  # a price list -> the lists that its lines start from


def circle(bases: Bases, first: str) -> tuple[str, ...]:
    """Return the shortest way from a list back to itself, that list at both ends; () where there is none."""
    came_from: dict[str, str] = {}
    waiting = [first]
    for code in waiting:  # grows while it is gone through
        for base in bases.get(code, ()):
            if base == first:
                return _way(came_from, first, code)
            if base not in came_from:
                came_from[base] = code
                waiting.append(base)
    return ()


def _way(came_from: Mapping[str, str], first: str, last: str) -> tuple[str, ...]:
    found = [first]  # from its end to its beginning
    while last != first:
        found.append(last)
        last = came_from[last]
    return (first, *reversed(found))


def words(codes: Sequence[str]) -> str:
    """Return a circle as people read it."""
    return f"price lists start from each other: {' -> '.join(codes)}"
