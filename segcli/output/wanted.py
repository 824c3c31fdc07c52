"""The output flags: format, file and style of a table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.record import Record, made, replace
from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output import destinations, render
from segcli.output.render import CHARTED, Style
from segcli.settings.config import Config

Values = Mapping[str, Any]
PEOPLE = (*CHARTED, "vertical")  # the formats for people; the others hold values for machines


def style_of(config: Config) -> Style:
    """Return the table style from the configuration alone."""
    font = str((config.sections.get("letters") or {}).get("font") or "")
    return Style(
        decimal=config.values["decimal"], dates=config.values["dates"], font=font, language=config.values["language"]
    )


class Output(Record):
    """The format, destination and style of a table."""

    form: str
    path: Path | None
    style: Style
    how: destinations.Replacing = made(default_factory=destinations.Replacing)
    manifest: Values | None = None  # the flags to record in a manifest; None: no manifest
    name: str = ""  # --table: the name of the table in a database

    @classmethod
    def read(cls, values: Values, config: Config, charted: Sequence[str] = CHARTED) -> "Output":
        """Return the output that the flags request. `charted` are the formats that show the chart.

        Raise UsageError for an unknown file extension or conflicting flags.
        """
        name = values.get("output")
        path = Path(name) if name and name != "-" else None
        on_terminal = path is None and destinations.is_terminal()
        if values.get("if_changed") and path is None:
            raise UsageError("--if-changed goes with --output FILE")
        if values.get("touch") and not values.get("if_changed"):
            raise UsageError("--touch goes with --if-changed")
        how = destinations.Replacing(if_changed=bool(values.get("if_changed")), touch=bool(values.get("touch")))
        form = destinations.format_of(values, path, on_terminal=on_terminal)
        is_colored = on_terminal or (form == "table" and path is None)
        style = replace(
            style_of(config),
            with_header=not values.get("no_header"),
            is_terminal=on_terminal,
            has_color=is_colored and destinations.has_color(config.values["color"], on_terminal=on_terminal),
            width=destinations.terminal_width() if on_terminal else 80,
            is_ascii=on_terminal and not destinations.has_utf8(),
            ends_with_null=bool(values.get("null")),
            delimiter=values.get("separator") or ",",
            is_guarded=not values.get("no_guard"),
            has_text_amounts=values.get("amounts") == "text",
        )
        if values.get("chart"):
            refuse_chart(form, is_asked=bool(values.get("format") or path), charted=charted)
        if place := _kept_place(form, path):
            from segcli.output.kept_file import KeptFile

            KeptFile(place)  # a file that may not be written is refused before anything is done
        return cls(form, path, style, how, _manifest(values, path), table_name(values))


def _kept_place(form: str, path: Path | None) -> Path | None:
    """Return the path if the format keeps what else is in the file there, else None."""
    is_kept = form in render.KEEPING and path is not None and not destinations.leads_to_device(path)
    return path if is_kept else None


def table_name(values: Values) -> str:
    """Return the name of --table, '' if there is none. Raise UsageError for a name that SQLite does not allow."""
    name = str(values.get("table") or "")
    if name.casefold().startswith("sqlite_") or not name.isprintable():
        raise UsageError(f"--table: a table cannot have the name {visible(name)}", "name it with letters, digits and _")
    return name


def _manifest(values: Values, path: Path | None) -> Values | None:
    if not values.get("manifest"):
        return None
    if path is None or destinations.leads_to_device(path):
        raise UsageError("--manifest goes with --output FILE")
    from segcli.base import file_guard
    from segcli.output import manifest

    file_guard.refuse(manifest.place(path), "--manifest")
    return manifest.asked(values)


def refuse_chart(form: str, *, is_asked: bool, charted: Sequence[str] = CHARTED) -> None:
    """Raise UsageError if the format shows no chart; `is_asked` is false for the default format of a pipe."""
    if form not in charted:
        form = form if is_asked else f"a pipe gets {form}, which"
        raise UsageError(f"--chart: {form} shows no chart", f"say -f {', '.join(charted[:-1])} or {charted[-1]}")


def write(table: Table, wanted: Output) -> int:
    """Write the table to its destination; return its number of rows."""
    table = replace(table, name=wanted.name) if wanted.name else table
    if wanted.manifest is None or wanted.path is None:
        return _write(table, wanted)
    from segcli.output import manifest

    # A manifest must match its file: delete the old one before the file changes, write the new one after.
    beside = manifest.place(wanted.path)

    def before() -> None:
        beside.unlink(missing_ok=True)

    wanted.how.before = before
    rows = _write(table, wanted)
    if not beside.exists():
        manifest.write(wanted.path, table, rows, wanted.manifest)
        wanted.how.is_done = True
    return rows


def _write(table: Table, wanted: Output) -> int:
    """Write the table; in a format that keeps what else is in the file, into a copy of it."""
    if wanted.form not in render.KEEPING:  # there the title names the table, in every language the same
        table = _translated(table, wanted.style.language)
    path = _kept_place(wanted.form, wanted.path)
    if path is None:
        return destinations.write(table, wanted.form, wanted.path, wanted.style, wanted.how)
    from segcli.output import kept_file

    kept, before = kept_file.KeptFile(path), wanted.how.before

    def check() -> None:
        kept.check()
        before()

    wanted.how.before = check
    with kept_file.turn([path.parent]):
        return destinations.write(table, wanted.form, path, replace(wanted.style, kept=kept), wanted.how)


def _translated(table: Table, language: str) -> Table:
    if language == "en":
        return table
    from segcli.output import headings

    return headings.translated(table, language)
