"""Find the layout of a table. What reads it is only loaded where one is found."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from segcli.importing import readers
from segcli.importing.kinds.machinery.kind_definition import key_of
from segcli.importing.layouts import index
from segcli.importing.readers import Block, Source

if TYPE_CHECKING:
    from segcli.importing.layouts.parts.layout import Layout


def find(header: Sequence[str]) -> "Layout | None":
    """Return the layout that these headings make known, None if they are of no known program."""
    entry = index.find(key_of(name) for name in header)
    if entry is None:
        return None
    module, name = entry.layout.split()
    found: Layout = import_module(f"segcli.importing.layouts.{module}").LAYOUTS[name]
    return found


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks of a file; a table of a known program yields a block for each kind of its records."""
    for number, block in enumerate(readers.read(source)):
        layout = None if block.kind or source.is_plain else find(_free(block.header, source.renamed))
        if layout is None:
            yield block
        else:
            from segcli.importing.layouts.parts import records

            yield from records.split(source, number, block, layout)


def _free(header: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """Return the columns that the user has not given a meaning."""
    return [name for name in header if name not in renamed]
