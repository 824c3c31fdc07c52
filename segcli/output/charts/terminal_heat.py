"""Heat maps as text: each value has a sign for its shade, so that the shades differ without colour too."""

from segcli.output.charts import heat
from segcli.output.charts.heat import STEPS, Heat
from segcli.output.charts.terminal import Look, cut
from segcli.output.text_width import pad, width

_SIGNS, _ASCII = "·░▒▓█", ".-+*#"
# The background and the colour of the text of each shade, among the 256 colours of terminals.
_COLORS = ((230, 16), (222, 16), (208, 16), (160, 231), (52, 231))
_GAP = 1
_LABEL_SHARE = 3  # the labels take at most 1/3 of the width


def lines(picture: Heat, look: Look) -> list[str]:
    """Return the lines of a heat map: title, headings, rows and the legend. Columns beyond the width are left out, and named."""
    mark = "~" if look.is_ascii else "…"
    label = min(max(width(row.label) for row in picture.rows), look.width // _LABEL_SHARE)
    texts = [[heat.words(value, look.decimal) for value in row.values] for row in picture.rows]
    size = max(*(width(head) for head in picture.columns), *(width(text) for row in texts for text in row))
    shown = max(1, (look.width - label) // (size + 1 + _GAP))
    heads = "".join(" " * _GAP + pad(head, size + 1, right=True) for head in picture.columns[:shown])
    found = [cut(picture.title, look.width, mark), " " * label + heads]
    for row, cells, steps in zip(picture.rows, texts, picture.steps(), strict=True):
        drawn = "".join(
            " " * _GAP + _cell(text, step, size, look) for text, step in zip(cells[:shown], steps[:shown], strict=True)
        )
        found.append((pad(cut(row.label, label, mark), label) + drawn).rstrip())
    found.append(_legend(picture, look))
    if left := picture.columns[shown:]:
        found.append(
            f"not drawn, since the line is too short: {left[0]} to {left[-1]}"
            if len(left) > 1
            else f"not drawn: {left[0]}"
        )
    return [*found, *([picture.note] if picture.note else [])]


def _cell(text: str, step: int | None, size: int, look: Look) -> str:
    return " " * (size + 1) if step is None else _shaded(_sign(step, look) + pad(text, size, right=True), step, look)


def _sign(step: int, look: Look) -> str:
    return (_ASCII if look.is_ascii else _SIGNS)[step]


def _shaded(text: str, step: int, look: Look) -> str:
    back, ink = _COLORS[step]
    return f"\x1b[48;5;{back};38;5;{ink}m{text}\x1b[0m" if look.has_color else text


def _legend(picture: Heat, look: Look) -> str:
    limits = [heat.words(limit, look.decimal) for limit in picture.limits()]
    texts = [f"{_sign(0, look)} below {limits[1]}", *(f"{_sign(at, look)} from {limits[at]}" for at in range(1, STEPS))]
    return "  ".join(_shaded(text, at, look) for at, text in enumerate(texts))
