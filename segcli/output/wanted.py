"""The output flags: format, file and style of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from segcli.base.errors import UsageError
from segcli.domain.table import Table
from segcli.output import destinations
from segcli.output.render import CHARTED, Style
from segcli.settings.config import Config

Values = Mapping[str, Any]
PEOPLE = (*CHARTED, "vertical")  # the formats for people; the others hold values for machines


def style_of(config: Config) -> Style:
    """Return the table style from the configuration alone."""
    font = str((config.sections.get("letters") or {}).get("font") or "")
    return Style(decimal=config.values["decimal"], dates=config.values["dates"], font=font)


@dataclass(frozen=True, slots=True)
class Output:
    """The format, destination and style of a table."""

    form: str
    path: Path | None
    style: Style
    how: destinations.Replacing = field(default_factory=destinations.Replacing)
    manifest: Values | None = None  # the flags to record in a manifest; None: no manifest

    @classmethod
    def read(cls, values: Values, config: Config) -> "Output":
        """Return the output that the flags request. Raise UsageError for an unknown file extension or conflicting flags."""
        name = values.get("output")
        path = Path(name) if name and name != "-" else None
        on_terminal = path is None and destinations.is_terminal()
        if values.get("if_changed") and path is None:
            raise UsageError("--if-changed goes with --output FILE")
        if values.get("touch") and not values.get("if_changed"):
            raise UsageError("--touch goes with --if-changed")
        how = destinations.Replacing(bool(values.get("if_changed")), bool(values.get("touch")))
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
            refuse_chart(form, is_asked=bool(values.get("format") or path))
        return cls(form, path, style, how, _manifest(values, path))


def _manifest(values: Values, path: Path | None) -> Values | None:
    if not values.get("manifest"):
        return None
    if path is None or destinations.leads_to_device(path):
        raise UsageError("--manifest goes with --output FILE")
    from segcli.base import file_guard
    from segcli.output import manifest

    file_guard.refuse(manifest.place(path), "--manifest")
    return manifest.asked(values)


def refuse_chart(form: str, *, is_asked: bool) -> None:
    """Raise UsageError if the format shows no chart; `is_asked` is false for the default format of a pipe."""
    if form not in CHARTED:
        form = form if is_asked else f"a pipe gets {form}, which"
        raise UsageError(f"--chart: {form} shows no chart", f"say -f {', '.join(CHARTED[:-1])} or {CHARTED[-1]}")


def write(table: Table, wanted: Output) -> int:
    """Write the table to its destination; return its number of rows."""
    if wanted.manifest is None or wanted.path is None:
        return destinations.write(table, wanted.form, wanted.path, wanted.style, wanted.how)
    from segcli.output import manifest

    # A manifest must match its file: delete the old one before the file changes, write the new one after.
    beside = manifest.place(wanted.path)

    def before() -> None:
        beside.unlink(missing_ok=True)

    wanted.how.before = before
    rows = destinations.write(table, wanted.form, wanted.path, wanted.style, wanted.how)
    if not beside.exists():
        manifest.write(wanted.path, table, rows, wanted.manifest)
        wanted.how.is_done = True
    return rows
