"""The fonts of a letter: the caller's font first, then installed fonts for the characters that it lacks."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from segcli.base import file_guard
from segcli.base.errors import SegcliError

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFont

# File names (regular, bold), best first; fonts with few characters come last. Only TrueType outlines can be embedded.
_KNOWN = (
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("FreeSans.ttf", "FreeSansBold.ttf"),
    ("NotoSansHebrew-Regular.ttf", "NotoSansHebrew-Bold.ttf"),
    ("NotoSansArabic-Regular.ttf", "NotoSansArabic-Bold.ttf"),
    ("NotoNaskhArabic-Regular.ttf", "NotoNaskhArabic-Bold.ttf"),
    ("NotoSansArmenian-Regular.ttf", "NotoSansArmenian-Bold.ttf"),
    ("NotoSansGeorgian-Regular.ttf", "NotoSansGeorgian-Bold.ttf"),
    ("DroidSansFallbackFull.ttf", ""),
    ("DroidSansFallback.ttf", ""),
    ("wqy-zenhei.ttc", ""),
    ("wqy-microhei.ttc", ""),
    ("Arial Unicode.ttf", ""),
    ("NotoSansSymbols2-Regular.ttf", ""),
)
_EM = 1000  # reportlab's widths are in 1/1000 of the font size
_BUNDLED = ("Vera.ttf", "VeraBd.ttf")  # part of reportlab; they cover western European languages


@dataclass(frozen=True, slots=True)
class Fonts:
    """The TrueType files of a letter; without a bold file, the regular one is used for bold text too."""

    regular: Path | None = None
    bold: Path | None = None


class Face:
    """A loaded font file: its characters and their widths."""

    def __init__(self, font: "TTFont") -> None:
        self.name: str = font.fontName
        self._glyphs: dict[int, int] = font.face.charToGlyph
        self._widths: dict[int, float] = font.face.charWidths

    def has(self, character: str) -> bool:
        """Tell whether the font has a glyph for the character."""
        return ord(character) in self._glyphs

    def width(self, text: str) -> float:
        """Return the width of a text at font size 1."""
        return sum([self._widths[ord(c)] for c in text]) / _EM


class Family:
    """A regular and a bold face; the bold one is loaded on first use."""

    def __init__(self, regular: Path, bold: Path | None) -> None:
        self.regular = load(regular)
        self._bold = bold

    @cached_property
    def bold(self) -> Face:
        """Return the bold face, or the regular face if there is no bold one."""
        return load(self._bold) if self._bold else self.regular


@cache
def load(path: Path) -> Face:
    """Load a font file. Raises SegcliError if it cannot be read or embedded."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    name = str(path)
    file_guard.note(path)
    try:
        pdfmetrics.registerFont(TTFont(name, name))
    except (TTFError, OSError, ValueError, LookupError) as error:
        raise SegcliError(f"{path}: this font cannot be used: {error}", "name a TrueType file (.ttf)") from error
    face = Face(pdfmetrics.getFont(name))  # shared if the same font was loaded under another name
    face.name = name
    return face


def families(fonts: Fonts | None) -> Iterator[Family]:
    """Yield the font families to search for a character, best first; each is loaded on demand."""
    if fonts and fonts.regular:
        yield Family(fonts.regular, fonts.bold)
    for regular, bold in _installed():
        try:
            yield Family(regular, bold)
        except SegcliError:  # an installed font that cannot be embedded: try the next one
            continue


@cache
def _installed() -> tuple[tuple[Path, Path | None], ...]:
    wanted = {name for pair in _KNOWN for name in pair}
    found: dict[str, Path] = {}
    for folder in _folders():
        for top, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(wanted.intersection(names)):
                found.setdefault(name, Path(top, name))
    found.update((name, _bundled() / name) for name in _BUNDLED)
    return tuple((found[regular], found.get(bold)) for regular, bold in (*_KNOWN, _BUNDLED) if regular in found)


def _bundled() -> Path:
    import reportlab

    return Path(reportlab.__file__).parent / "fonts"


def _folders() -> tuple[Path, ...]:
    """Return the system's font folders; on Linux these are fontconfig's default folders."""
    home = Path.home()
    if sys.platform == "darwin":
        return (home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts"))
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return (data / "fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts"))
