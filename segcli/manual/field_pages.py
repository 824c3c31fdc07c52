"""The fields of the kinds of records that import takes: `segcli help fields`, and the page docs/fields.md."""

from collections.abc import Iterator, Mapping

from segcli.importing import field_words
from segcli.importing.kinds.machinery import kind_definition
from segcli.importing.kinds.machinery.kind_definition import Field, Kind
from segcli.interface import help_page
from segcli.manual.reference import cell

_DEEPER = " " * 4
_PAIR = 2
_HEAD = "| field | type | | holds | other headings |\n|---|---|---|---|---|"


def kinds() -> Mapping[str, str]:
    """Return what the records of each kind are, by its name."""
    return {name: field_words.about(kind_definition.find(name)) for name in kind_definition.names()}


def text(kind: Kind, width: int) -> str:
    """Return the fields of a kind as text of this width."""
    paragraphs = ("\n".join(help_page.wrapped(part, width)) for part in _top(kind))
    return (
        "\n\n".join((kind.name, *paragraphs, *("\n".join(_entry(kind, field, width)) for field in kind.fields))) + "\n"
    )


def _top(kind: Kind) -> Iterator[str]:
    yield f"{field_words.about(kind)}."
    notes = [*_needed(kind), *([field_words.classes(kind)] if field_words.classes(kind) else [])]
    if notes:
        yield " ".join(notes)


def _needed(kind: Kind) -> Iterator[str]:
    found = [
        " or ".join(names) if len(names) <= _PAIR else f"one of {', '.join(names)}" for names in field_words.needs(kind)
    ]
    if found:
        yield f"A file needs {'; '.join(found)}."


def _entry(kind: Kind, field: Field, width: int) -> Iterator[str]:
    needed = ", required" if field.is_required else ""
    yield from help_page.wrapped(f"{field.name} ({field_words.type_words(field)}{needed})", width, "  ", _DEEPER)
    yield from help_page.wrapped(f"{field.about}.", width, _DEEPER)
    others = ", ".join(field_words.headings(kind, field))
    if others:
        yield from help_page.wrapped(f"Also: {others}", width, _DEEPER)


def markdown() -> Iterator[str]:
    """Yield the page's list of kinds, then a section per kind, in Markdown."""
    yield from ("| kind | records |", "|---|---|")
    for name, about in kinds().items():
        yield f"| [{name}](#{name}) | {cell(about)} |"
    for name in kinds():
        kind = kind_definition.find(name)
        yield from ("", f"## {name}", "", *(line for part in _top(kind) for line in (cell(part), "")))
        yield from _HEAD.splitlines()
        yield from (_row(kind, field) for field in kind.fields)


def _row(kind: Kind, field: Field) -> str:
    others = ", ".join(field_words.headings(kind, field))
    needed = "required" if field.is_required else ""
    return f"| `{field.name}` | {field_words.type_words(field)} | {needed} | {cell(field.about)} | {cell(others)} |"
