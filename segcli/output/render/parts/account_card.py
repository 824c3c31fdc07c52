"""The card of one account: a panel with its identity, blocks of figures side by side, and tables below."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from segcli.base.record import replace
from segcli.domain.account_status import STATUS
from segcli.domain.table import Card, Table
from segcli.output.render.parts import aligned, layout
from segcli.output.render.parts.console import cells, console
from segcli.output.render.parts.people import shown
from segcli.output.render.parts.style import Style
from segcli.output.text_width import pad, width

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.panel import Panel
    from rich.table import Table as RichTable
    from rich.text import Text

_WIDEST = 100  # columns; wider is not easier to read
_SIDE_BY_SIDE = 76  # columns that two blocks need
_FRAME = 4  # columns of a panel's borders and padding
_GAP = 2  # blanks between columns
_WORDS = {code: word for word, code in STATUS.items()}
_NONE = "none"

Block = tuple[str, list[tuple[str, str, bool]]]  # heading; (label, text, is right-aligned)


def render(who: Table, card: Card, parts: Sequence[Table], file: IO[str], style: Style) -> None:
    """Write the card of one account; `who` is a table with that account as its only row."""
    found = shown(who, style.decimal, style.dates)
    row = next(iter(found.rows))
    names = [column.name for column in found.columns]
    cells = dict(zip(names, row, strict=True))
    heads = dict(zip(names, found.heads, strict=True))
    rights = dict(zip(names, found.rights, strict=True))
    title = f"{cells['account']}  {cells['name']}"
    lines = list(filter(None, (_line(group, cells) for group in card.lines)))
    blocks = [
        (
            who.word(heading),
            [
                (heads[name], _text(name, cells, who.word(_NONE)), rights[name])
                for name in group
                if _is_shown(name, cells, card)
            ],
        )
        for heading, group in card.blocks.items()
    ]
    draw = _rich if style.is_terminal else _plain
    draw(title, lines, blocks, parts, found.caption, file, style)


def _is_shown(name: str, cells: Mapping[str, str], card: Card) -> bool:
    return bool(cells[name]) or name not in card.optional if name in cells else False


def _line(names: Sequence[str], cells: Mapping[str, str]) -> str:
    texts = [_WORDS.get(cells[name], cells[name]) if name == "status" else cells[name] for name in names]
    return " · ".join(filter(None, texts))


def _text(name: str, cells: Mapping[str, str], none: str) -> str:
    called = cells.get(f"{name}_name")
    if called is None:
        return cells[name]
    return f"{called} ({cells[name]})" if called else cells[name] or none


def _plain(  # noqa: PLR0913 - what a card is made of
    title: str, lines: list[str], blocks: list[Block], parts: Sequence[Table], caption: str, file: IO[str], style: Style
) -> None:
    strong = (lambda text: f"\x1b[1m{text}\x1b[0m") if style.has_color else str
    file.write("".join(f"{line}\n" for line in (strong(title), *lines)))
    for heading, entries in blocks:
        size = max((width(what) for what, _, _ in entries), default=0)
        side = max((width(text) for _, text, right in entries if right), default=0)
        file.write(f"\n{strong(heading)}\n")
        for what, text, right in entries:
            file.write(f"  {pad(what, size)}  {pad(text, side, right=True) if right else text}".rstrip() + "\n")
    for table in parts:
        file.write(f"\n{strong(table.title)}\n")
        aligned.render(shown(table, style.decimal, style.dates), file, style, is_colored=style.has_color)
    file.write(f"\n{caption}\n" if caption else "")


def _rich(  # noqa: PLR0913 - what a card is made of
    title: str, lines: list[str], blocks: list[Block], parts: Sequence[Table], caption: str, file: IO[str], style: Style
) -> None:
    from rich.text import Text

    room = min(style.width, _WIDEST)
    screen = console(file, style)
    screen.print(_panel(Text("\n".join(lines)), Text(title, style="bold"), room))
    for drawn in _beside(blocks, room):
        screen.print(drawn)
    for table in parts:
        screen.print(_panel(_table(table, room - _FRAME, style), Text(table.title), room))
    if caption:
        screen.print(Text(caption, style="dim"))


def _panel(inside: "RenderableType", title: "Text", room: int) -> "Panel":
    from rich import box
    from rich.panel import Panel

    return Panel(inside, title=title, title_align="left", width=room, box=box.ROUNDED, padding=(0, 1))


def _beside(blocks: list[Block], room: int) -> "Iterator[RenderableType]":
    """Yield the blocks, two side by side if there is room."""
    from rich.table import Table as RichTable
    from rich.text import Text

    if room < _SIDE_BY_SIDE or len(blocks) == 1:
        yield from (_panel(_grid(entries), Text(heading), room) for heading, entries in blocks)
        return
    size = room // len(blocks)
    sizes = [size] * (len(blocks) - 1) + [room - size * (len(blocks) - 1)]
    height = max(len(entries) for _, entries in blocks)
    side = RichTable.grid(padding=0)
    panels = []
    for (heading, entries), place in zip(blocks, sizes, strict=True):
        side.add_column(width=place)
        filled = [*entries, *([("", "", False)] * (height - len(entries)))]
        panels.append(_panel(_grid(filled), Text(heading), place))
    side.add_row(*panels)
    yield side


def _grid(entries: Sequence[tuple[str, str, bool]]) -> "RichTable":
    from rich.table import Table as RichTable
    from rich.text import Text

    grid = RichTable.grid(padding=(0, 2), expand=False)
    grid.add_column(style="dim")
    grid.add_column()
    side = max((width(text) for _, text, right in entries if right), default=0)
    for what, text, right in entries:
        grid.add_row(Text(what), Text(pad(text, side, right=True) if right else text))
    return grid


def _table(table: Table, room: int, style: Style) -> "RichTable":
    """Return a table as wide as the panel; without enough room columns are dropped, last ones first."""
    from rich.table import Table as RichTable
    from rich.text import Text

    found = shown(table, style.decimal, style.dates)
    lines = list(found.rows)
    found.rows, found.keeps = iter(lines), (found.columns[0].name,)
    fit = layout.streamed(found, lines, replace(style, width=room))
    narrow = found.of(fit.places)
    drawn = RichTable(
        box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim", show_header=style.with_header
    )
    for column, head, right, size in zip(narrow.columns, narrow.heads, narrow.rights, fit.widths, strict=True):
        heading = Text("\n".join(layout.heading(head, size)))
        drawn.add_column(heading, justify="right" if right else "left", width=size, **cells(column))
    for line in narrow.rows:
        drawn.add_row(*map(Text, line))
    return drawn
