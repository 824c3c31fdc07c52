"""Layout of a table's columns on paper: orientation, type size, column widths, and groups of columns."""

from collections.abc import Sequence

from segcli.base.record import Record
from segcli.output.documents.marks import HEIGHT, MM, WIDTH
from segcli.output.documents.typeset import Typesetter
from segcli.output.render.parts.people import Line, Shown

MARGIN = 14 * MM
TITLE, FOOT = 14.0, 7.5  # sizes of type
GREY = 0.4
SIZES = (9.0, 8.0, 7.0, 6.5)  # type sizes in points; smaller type is unreadable
_GUTTER = 1.0  # between columns, in type sizes
_LEAST, _WISH = 9.0, 28.0  # minimum and comfortable width of a text column, in type sizes
_LONGEST_CODE = 24.0  # in type sizes; a wider code wraps like text
_ENDLESS = 1e9
_RESERVE = "00,000"  # extra width for totals that are not known yet


class Need(Record):
    """The widths of a column in type sizes: minimum, with little wrapping, unwrapped, and from the decimal sign on."""

    least: float
    wish: float
    natural: float
    behind: float = 0.0


class Place(Record):
    """The position of a column on its page, in points; `at` is the column's index."""

    at: int
    left: float
    right: float
    behind: float  # width at the right for the decimal sign and the digits after it


class Plan(Record):
    """The paper size and type size in points, and the columns of each group; each group gets its own page."""

    width: float
    height: float
    size: float
    groups: tuple[tuple[Place, ...], ...]


def parts(text: str, decimal: str) -> tuple[str, str]:
    """Split a number into the part before its decimal sign, and the sign with the part after it."""
    front, sign, behind = text.rpartition(decimal)
    return (front, sign + behind) if sign else (behind, "")


def measure(setter: Typesetter, text: str, *, bold: bool = False) -> float:
    """Return the width of a text on one line, in type sizes."""
    return setter.wrap(text, _ENDLESS, 1.0, bold=bold)[0].width


def needs(setter: Typesetter, found: Shown, lines: Sequence[Line], decimal: str, *, has_more: bool) -> list[Need]:
    """Return the widths that each column needs for these lines, with a reserve for totals if there are more rows."""
    columns = list(zip(*lines, strict=True)) or [()] * len(found.heads)
    return [_need(setter, found, at, columns[at], decimal, has_more=has_more) for at in range(len(found.heads))]


def _need(  # noqa: PLR0913 - a column and what is known of it
    setter: Typesetter, found: Shown, at: int, cells: Sequence[str], decimal: str, *, has_more: bool
) -> Need:
    head = max((measure(setter, word, bold=True) for word in found.heads[at].split()), default=0.0)
    if found.rights[at]:
        pairs = [parts(cell, decimal) for cell in dict.fromkeys(cells)]
        behind = max((measure(setter, pair[1], bold=True) for pair in pairs), default=0.0)
        front = max((measure(setter, pair[0], bold=True) for pair in pairs), default=0.0)
        reserve = measure(setter, _RESERVE) if has_more and found.columns[at].total else 0.0
        size = max(front + behind + reserve, head)
        return Need(size, size, size, behind)
    natural = max([head, *(measure(setter, cell[:200]) for cell in dict.fromkeys(cells))])
    # Totals are bold, and their labels should not wrap.
    labels = (found.total, found.subtotal)
    labelled = (cell[:200] for cell in dict.fromkeys(cells) if cell.startswith(labels))
    natural = max([natural, *(measure(setter, cell, bold=True) for cell in labelled)])
    is_whole = found.columns[at].kind in {"date", "flag"} or (
        found.columns[at].kind == "code" and natural <= _LONGEST_CODE
    )
    if is_whole:
        return Need(natural, natural, natural)
    return Need(min(natural, max(_LEAST, min(head, _WISH))), min(natural, _WISH), natural)


def plan(found: Sequence[Need]) -> Plan:
    """Return the first layout that fits: portrait, landscape, smaller type; else groups that repeat the first column."""
    upright, lying = (WIDTH, HEIGHT), (HEIGHT, WIDTH)
    tries = [(upright, 9.0, "wish"), (upright, 8.0, "wish"), (lying, 9.0, "wish"), (lying, 8.0, "wish")]
    for paper, size, what in (*tries, *((lying, size, "least") for size in SIZES[1:])):
        room = (paper[0] - 2 * MARGIN) / size
        if sum(getattr(need, what) + _GUTTER for need in found) - _GUTTER <= room:
            return Plan(*paper, size, (_places(found, range(len(found)), size, room),))
    size = SIZES[2]
    room = (lying[0] - 2 * MARGIN) / size
    return Plan(*lying, size, tuple(_places(found, group, size, room) for group in _groups(found, room)))


def _groups(found: Sequence[Need], room: float) -> list[list[int]]:
    """Return the columns of each group; every group starts with the first column."""
    groups = [[0]]
    used = found[0].least
    for at in range(1, len(found)):
        if used + _GUTTER + found[at].least > room and len(groups[-1]) > 1:
            groups.append([0])
            used = found[0].least
        groups[-1].append(at)
        used += _GUTTER + found[at].least
    return groups


def _places(found: Sequence[Need], columns: Sequence[int], size: float, room: float) -> tuple[Place, ...]:
    """Return the positions of the columns; spare width goes to columns that would wrap."""
    widths = [found[at].least for at in columns]
    for wanted in ([found[at].wish for at in columns], [found[at].natural for at in columns]):
        left = room - _GUTTER * (len(widths) - 1) - sum(widths)
        lacking = [max(want - width, 0.0) for want, width in zip(wanted, widths, strict=True)]
        share = min(1.0, max(left, 0.0) / sum(lacking)) if sum(lacking) else 0.0
        widths = [width + lack * share for width, lack in zip(widths, lacking, strict=True)]
    places = []
    x = MARGIN
    for at, width in zip(columns, widths, strict=True):
        places.append(Place(at, x, x + width * size, found[at].behind * size))
        x += (width + _GUTTER) * size
    return tuple(places)
