"""The parts around a letter's body: letterhead, address window, fold marks and foot (DIN 5008 form B). Pure."""

from segcli.base.text import visible
from segcli.output.documents.blocks import GREY, LEADING, LEFT, PALE, RIGHT, SMALL, pairs
from segcli.output.documents.letter import Letter
from segcli.output.documents.logo import Logo
from segcli.output.documents.marks import MM, Glyphs, Mark, Picture, Piece, Placed, Rule, right_aligned
from segcli.output.documents.typeset import Line, Typesetter

BODY_TOP, NEXT_TOP = 98.5 * MM, 30 * MM
_WINDOW_TOP, _WINDOW_BOTTOM = 45 * MM, 90 * MM  # 85 mm wide, from x = 20 mm: the window of a DL (C5/6) envelope
_ADDRESS_TOP, _ADDRESS_HIGH = 62.7 * MM, 52 * MM  # top of an address of at most six lines; of a longer one
_ADDRESS_WIDTH = 75 * MM
_DETAILS_LEFT, _DETAILS_TOP, _DETAILS_BOTTOM = 125 * MM, 50 * MM, 92 * MM
_FOLDS = (105 * MM, 210 * MM)
_PUNCH = 148.5 * MM
_LOGO_TOP, _LOGO_WIDTH, _LOGO_HEIGHT = 12 * MM, 80 * MM, 24 * MM
_FOOT, _FOOT_LINES, _FOOT_BOTTOM = 7.5, 8, 287 * MM
_FOOT_WIDTH = RIGHT - LEFT - 28 * MM
_RETURN, _RETURN_WIDTH = (6.5, 6.0, 5.5), 79 * MM
_SIZES = (10.0, 9.0, 8.0, 7.0)
_SEPARATOR = " · "


def first_page(setter: Typesetter, letter: Letter, logo: Logo | None, warnings: list[str]) -> list[Placed]:
    """Return the parts of the first page other than body and foot."""
    marks = [*_letterhead(setter, letter, logo), *_return_line(setter, letter), *_fold_marks()]
    return [
        (0.0, Piece(0, tuple(marks))),
        (0.0, Piece(0, tuple(address(setter, letter, warnings)))),
        *details(setter, letter),
    ]


def _letterhead(setter: Typesetter, letter: Letter, logo: Logo | None) -> list[Mark]:
    if logo is None:
        return [Glyphs(LEFT, 24 * MM, setter.fit(letter.sender.name, RIGHT - LEFT, 16, bold=True), 16)]
    scale = min(_LOGO_WIDTH / logo.width, _LOGO_HEIGHT / logo.height)
    return [Picture(LEFT, _LOGO_TOP, logo.width * scale, logo.height * scale, logo)]


def _return_line(setter: Typesetter, letter: Letter) -> list[Mark]:
    """Return the return address in small type at the top of the window, for undeliverable letters."""
    text = _SEPARATOR.join((letter.sender.name, *letter.sender.lines))
    size = next((size for size in _RETURN if len(setter.wrap(text, _RETURN_WIDTH, size)) == 1), _RETURN[-1])
    line = setter.fit(text, _RETURN_WIDTH, size)
    y = _WINDOW_TOP + 4 * MM
    return [Glyphs(LEFT, y, line, size, GREY), Rule(LEFT, y + 2, LEFT + line.width, y + 2, 0.3, GREY)]


def _fold_marks() -> list[Mark]:
    folds = [Rule(3.5 * MM, y, 7.5 * MM, y, 0.3, GREY) for y in _FOLDS]
    return [*folds, Rule(3.5 * MM, _PUNCH, 9 * MM, _PUNCH, 0.3, PALE)]


def address(setter: Typesetter, letter: Letter, warnings: list[str]) -> list[Mark]:
    """Return the recipient within the window: in smaller type if it is long; if still too long, cut with a warning."""
    texts = [text for text in (letter.recipient.name, *letter.recipient.lines) if text.strip(" ")]
    for size in _SIZES:
        lines = [line for text in texts for line in setter.wrap(text, _ADDRESS_WIDTH, size)]
        for top in (_ADDRESS_TOP, _ADDRESS_HIGH):
            if top + len(lines) * size * 1.25 <= _WINDOW_BOTTOM:
                return _address_lines(lines, top, size)
    most = int((_WINDOW_BOTTOM - _ADDRESS_HIGH) / (_SIZES[-1] * 1.25))
    warnings.append(f"the address of {visible(letter.recipient.name[:60])} is too long for the window and is cut")
    last = setter.fit(lines[most - 1].text + " " + lines[most].text, _ADDRESS_WIDTH, _SIZES[-1])
    return _address_lines([*lines[: most - 1], last], _ADDRESS_HIGH, _SIZES[-1])


def _address_lines(lines: list[Line], top: float, size: float) -> list[Mark]:
    return [Glyphs(LEFT, top + (i * 1.25 + 0.98) * size, line, size) for i, line in enumerate(lines) if line.runs]


def details(setter: Typesetter, letter: Letter) -> list[Placed]:
    """Return the references beside the window; an empty list if they do not fit there (they then start the body)."""
    pieces = pairs(setter, letter.details, _DETAILS_LEFT, RIGHT)
    step = SMALL * LEADING
    if _DETAILS_TOP + len(pieces) * step > _DETAILS_BOTTOM:
        return []
    return [(_DETAILS_TOP + i * step, piece) for i, piece in enumerate(pieces)]


def next_page(setter: Typesetter, letter: Letter) -> Piece:
    """Return the header of all pages except the first: sender, subject and recipient."""
    sender = setter.fit(letter.sender.name, (RIGHT - LEFT) * 0.4, SMALL, bold=True)
    text = _SEPARATOR.join(filter(None, (letter.subject, letter.recipient.name)))
    about = setter.fit(text, RIGHT - LEFT - sender.width - 6 * MM, SMALL)
    y = 20 * MM
    rule = Rule(LEFT, y + 5, RIGHT, y + 5, 0.3, PALE)
    return Piece(0, (Glyphs(LEFT, y, sender, SMALL), right_aligned(RIGHT, y, about, SMALL, GREY), rule))


def foot(setter: Typesetter, letter: Letter, warnings: list[str]) -> tuple[float, Piece]:
    """Return the y position of the foot, and the foot itself: the sender, its contact details and its numbers."""
    parts = ((letter.sender.name, *letter.sender.lines), letter.sender_details)
    lines = [line for some in parts for line in _foot_lines(setter, some)]
    if len(lines) > _FOOT_LINES:
        told = f"the foot has more than {_FOOT_LINES} lines and is cut: give fewer details of the sender"
        warnings += [] if told in warnings else [told]
        cut = setter.fit(f"{lines[_FOOT_LINES - 1].text} {lines[_FOOT_LINES].text}", _FOOT_WIDTH, _FOOT)
        lines = [*lines[: _FOOT_LINES - 1], cut]
    top = _FOOT_BOTTOM - len(lines) * _FOOT * LEADING
    marks = [Glyphs(LEFT, top + (i * LEADING + 0.98) * _FOOT, line, _FOOT, GREY) for i, line in enumerate(lines)]
    return top - 5 * MM, Piece(0, (*marks, Rule(LEFT, top - 1.5 * MM, RIGHT, top - 1.5 * MM, 0.3, PALE)))


def _foot_lines(setter: Typesetter, parts: tuple[str, ...]) -> list[Line]:
    """Return the parts, separated by dots; lines break between parts if possible."""
    texts: list[str] = []
    for part in filter(None, parts):
        longer = _SEPARATOR.join((*texts[-1:], part))
        fits = len(setter.wrap(longer, _FOOT_WIDTH, _FOOT)) == 1
        texts[-1:] = [longer] if fits else [*texts[-1:], part]
    return [line for text in texts for line in setter.wrap(text, _FOOT_WIDTH, _FOOT)]


def page_number(setter: Typesetter, letter: Letter, page: int, pages: int) -> Piece:
    """Return the page number, at the right of the last line of the foot."""
    text = letter.page_words.replace("{page}", str(page)).replace("{pages}", str(pages))
    line = setter.fit(text, 26 * MM, _FOOT)
    return Piece(0, (right_aligned(RIGHT, _FOOT_BOTTOM - (LEADING - 0.98) * _FOOT, line, _FOOT, GREY),))
