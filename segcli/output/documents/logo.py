"""The sender's logo: a PNG or JPEG file, which is validated before any page is drawn."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from segcli.base import bounded_read
from segcli.base.errors import SegcliError

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_PIXELS = 1600  # per side; more is not visible on 80 mm of paper
_MOST_BYTES = 20_000_000
_MOST_AREA = 25_000_000  # pixels: a small file can unpack to billions


@dataclass(frozen=True, slots=True)
class Logo:
    """A drawable picture: PNG bytes and the original size in pixels."""

    png: bytes
    width: int
    height: int


@lru_cache(maxsize=4)
def read(path: Path) -> Logo:
    """Return the logo. Raises SegcliError if the file is missing or is not a PNG or JPEG picture."""
    from PIL import Image, UnidentifiedImageError

    wrong = (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError)
    try:
        with Image.open(io.BytesIO(bounded_read.read(path, _MOST_BYTES)), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > _MOST_AREA:
                raise SegcliError(
                    f"{path}: the logo has {image.width:,} by {image.height:,} pixels",
                    f"save it smaller: {_MOST_PIXELS} a side show all that paper does",
                )
            return _drawable(image)
    except wrong as error:
        raise SegcliError(f"{path}: the logo cannot be read: {error}", "name a PNG or JPEG file") from error


def _drawable(image: "Image") -> Logo:
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(image).convert("RGBA")  # applies the rotation in the EXIF data
    size = picture.size
    picture.thumbnail((_MOST_PIXELS, _MOST_PIXELS))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return Logo(out.getvalue(), *size)
