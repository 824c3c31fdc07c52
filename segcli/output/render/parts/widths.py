"""How the columns of a table share a sheet of paper: its direction, the size of the type, widths, groups of columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from segcli.output.documents.marks import HEIGHT, MM, WIDTH
from segcli.output.documents.typeset import Typesetter
from segcli.output.render.parts.people import Line, Shown

MARGIN = 14 * MM
TITLE, FOOT = 14.0, 7.5  # sizes of type
GREY = 0.4
SIZES = (9.0, 8.0, 7.0, 6.5)  # the last one is the least that can be read
_GUTTER = 1.0  # between columns, in sizes
_LEAST, _WISH = 9.0, 28.0  # how narrow text may become, and how wide it need not be wider than, in sizes
_LONGEST_CODE = 24.0  # in sizes: a code beyond that wraps as text does
_ENDLESS = 1e9
_RESERVE = "00,000"  # what totals that are not known yet may be longer


@dataclass(frozen=True, slots=True)
class Need:
    """What a column needs, in sizes: at least, without wrapping much, without wrapping at all, behind its decimal sign."""

    least: float
    wish: float
    natural: float
    behind: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column stands on its page, in points."""

    at: int
    left: float
    right: float
    behind: float  # room at the right for what stands behind the decimal sign


@dataclass(frozen=True, slots=True)
class Plan:
    """The paper, the size of the type, and the columns of each page that is needed side by side."""

    width: float
    height: float
    size: float
    groups: tuple[tuple[Place, ...], ...]


def parts(text: str, decimal: str) -> tuple[str, str]:
    """Return a number as what stands in front of its decimal sign and what stands behind, the sign with it."""
    front, sign, behind = text.rpartition(decimal)
    return (front, sign + behind) if sign else (behind, "")


def measure(setter: Typesetter, text: str, *, bold: bool = False) -> float:
    """Return the width of a text on one line, in sizes."""
    return setter.wrap(text, _ENDLESS, 1.0, bold=bold)[0].width


def needs(setter: Typesetter, found: Shown, lines: Sequence[Line], decimal: str, *, has_more: bool) -> list[Need]:
    """Return what each column needs by these lines; where more will come, columns of totals need a reserve."""
    columns = list(zip(*lines, strict=True)) or [()] * len(found.heads)
    return [
        _need(setter, found, at, columns[at], decimal, has_more=has_more) for at in range(len(found.heads))
    ]  # fmt: skip


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
    if any(cell.startswith("Total") for cell in cells):  # totals are bold, and a label is better on one line
        natural = max(
            [
                natural,
                *(measure(setter, cell[:200], bold=True) for cell in dict.fromkeys(cells) if cell.startswith("Total")),
            ]
        )
    is_whole = found.columns[at].kind in {"date", "flag"} or (
        found.columns[at].kind == "code" and natural <= _LONGEST_CODE
    )
    if is_whole:
        return Need(natural, natural, natural)
    return Need(min(natural, max(_LEAST, min(head, _WISH))), min(natural, _WISH), natural)


def plan(found: Sequence[Need]) -> Plan:
    """Return how the columns stand: upright if they fit, else lying, smaller, and at last in groups by the first column."""
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
    """Return the columns of each page, the first column on all of them."""
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
    """Return where columns stand; what is left of the room goes to those that wrap."""
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
