"""What `import` does before any file is imported: it writes a template, or explains how files would be read."""

from collections.abc import Sequence
from pathlib import Path

from segcli.base.errors import UsageError
from segcli.importing.loading import Loader, Wishes
from segcli.importing.readers import Source
from segcli.interface.command import Session, Values
from segcli.interface.parameters import Parameter

_WRITTEN = ("format", "output")
_READ = ("as", "profile", "map", "create_missing", "encoding", "delimiter", "decimal", "dates")  # how files are read


def write_template(session: Session, values: Values, parameters: Sequence[Parameter]) -> int:
    """Write the template of a kind: with -o to a file, else as CSV to standard output."""
    from segcli.importing import template_files
    from segcli.importing.kinds.machinery import kind_definition

    _refuse_others(values, parameters, "--template", ("template", *_WRITTEN))
    path = Path(values["output"]) if values["output"] else None
    for text in template_files.write(kind_definition.find(values["template"]), values["format"], path):
        session.note(text)
    return 0


def explain(
    session: Session, values: Values, parameters: Sequence[Parameter], wanted: tuple[Wishes, Sequence[Source]]
) -> int:
    """Show how the files would be read, with the labels of the database if there is one. Raises the first file's problem."""
    from segcli.importing import explanation, explanation_text
    from segcli.interface import changes
    from segcli.output import destinations

    _refuse_others(values, parameters, "--explain", ("files", "explain", *_WRITTEN, *_READ))
    wishes, sources = wanted
    is_there = session.database.exists()
    with explanation.stored(session.database) if is_there else explanation.nothing() as db:
        loader = Loader(db, session.database, wishes, str(session.today), session.config.wait)
        named = {text.rpartition("=")[0]: text.rpartition("=")[2] for text in values["map"]}
        if named:
            loader.refuse_unknown(named, sources)
        found = [explanation.explain(loader, source, is_stored=is_there) for source in sources]
    if values["format"] or values["output"]:
        changes.write_table(session, values, explanation_text.table(found))
    else:
        whose = f"labels of {session.database}" if is_there else "none, so labels of classifications are not known"
        lines = "\n\n".join("\n".join(explanation_text.text(one, whose)) for one in found)
        destinations.write_stdout(f"{lines}\n")
    wrong = [one.problem for one in found if one.problem]
    if wrong:
        raise wrong[0]
    return 0


def _refuse_others(values: Values, parameters: Sequence[Parameter], flag: str, allowed: Sequence[str]) -> None:
    """Raise UsageError for an option that has no effect with this one."""
    given = next((p for p in parameters if values[p.name] and p.name not in allowed), None)
    if given:
        raise UsageError(f"{flag} goes without {given.flags[0] if given.flags else 'files'}", "leave it out")
