"""Circular price lists: A is based on B, B on C and C on A. Such lists have no price."""

from collections.abc import Collection, Mapping, Sequence

# SQL of the price lists that are based on other lists.
BASES = """SELECT DISTINCT p.code, b.code FROM price_list_line AS l JOIN price_list_period AS d ON d.id = l.price_list_period_id
  JOIN price_list AS p ON p.id = d.price_list_id JOIN price_list AS b ON b.id = l.base_price_list_id ORDER BY 1, 2"""
Bases = Mapping[str, Collection[str]]  # a price list -> the lists its lines are based on


def circle(bases: Bases, first: str) -> tuple[str, ...]:
    """Return the shortest path from a list back to itself, with the list at both ends; () if no path exists."""
    came_from: dict[str, str] = {}
    waiting = [first]
    for code in waiting:  # grows during the iteration
        for base in bases.get(code, ()):
            if base == first:
                return _way(came_from, first, code)
            if base not in came_from:
                came_from[base] = code
                waiting.append(base)
    return ()


def _way(came_from: Mapping[str, str], first: str, last: str) -> tuple[str, ...]:
    found = [first]  # in reverse order
    while last != first:
        found.append(last)
        last = came_from[last]
    return (first, *reversed(found))


def words(codes: Sequence[str]) -> str:
    """Describe a circle for people."""
    return f"price lists start from each other: {' -> '.join(codes)}"
