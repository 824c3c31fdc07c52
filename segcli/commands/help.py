"""`segcli help`: show a topic or a command of the manual."""

from pathlib import Path

from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import Parameter, flag


def run(_session: Session, values: Values) -> None:
    """Print a topic or a command's help, or without words the list of topics. --man and --reference write files instead."""
    from segcli.commands import root
    from segcli.interface import fast_parser
    from segcli.manual import topics
    from segcli.output import destinations

    words = values["words"]
    if values["man"]:
        _write_man(Path(values["man"]))
    if values["reference"]:
        _write_reference(Path(values["reference"]))
    if values["man"] or values["reference"]:
        return
    if not words:
        destinations.write_stdout(_topics())
    elif len(words) == 1 and words[0] in topics.names():
        width = destinations.terminal_width() if destinations.is_terminal() else topics.WIDEST
        destinations.write_stdout(topics.wrapped(topics.text(words[0]), width))
    elif words[0] == "fields":
        _fields("_".join(words[1:]))
    elif root().find(words[0]):
        fast_parser.understand(root(), [*words, "--help"])
    else:
        topics.text(words[0])  # suggests the nearest name


def _fields(name: str) -> None:
    """Print the fields of a kind of record."""
    from segcli.importing.kinds.machinery import kind_definition
    from segcli.manual import field_pages, topics
    from segcli.output import destinations

    width = min(destinations.terminal_width(), topics.WIDEST) if destinations.is_terminal() else topics.WIDEST
    destinations.write_stdout(field_pages.text(kind_definition.find(name), width))


def _topics() -> str:
    from segcli.manual import topics

    width = max(map(len, topics.names()))
    lines = "".join(f"  {name:{width}}  {topics.title(name)}\n" for name in topics.names())
    return f"Topics:\n{lines}\nsegcli help TOPIC, segcli help COMMAND; segcli --help lists the commands.\n"


def _write_reference(path: Path) -> None:
    """Write every page into a folder that exists, or the commands into a file."""
    from segcli.commands import root
    from segcli.manual import file_pages, reference
    from segcli.output import destinations

    commands = reference.text(root())
    if not path.is_dir():
        destinations.write_text(path, commands)
        return
    destinations.write_text(path / "commands.md", commands)
    for name in file_pages.names():
        destinations.write_text(path / f"{name}.md", file_pages.text(name))


def _write_man(folder: Path) -> None:
    from segcli.commands import root
    from segcli.manual import man
    from segcli.output import destinations

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in man.files(root()):
        destinations.write_text(folder / name, text)


COMMAND = Command(
    "Show a topic or a command of the manual.\n\nWithout arguments it lists the topics. help fields KIND lists the fields of a"
    " kind of record that import takes. --man writes man pages from the same"
    " texts: section 1 for commands, section 7 for topics. --reference writes Markdown pages: the commands,"
    " the keys of rule files, report files and the configuration, and the fields of every kind of record.",
    run,
    (
        Parameter("words", (), "A topic or a command.", metavar="WORD", is_many=True, completes="topic"),
        flag(
            "man",
            "--man",
            "Write man pages into this folder.",
            "Options",
            metavar="DIR",
            completes="file",
            is_written=True,
        ),
        flag(
            "reference",
            "--reference",
            "Write the reference into this folder, or only the commands into a file.",
            "Options",
            metavar="PATH",
            completes="file",
            is_written=True,
        ),
    ),
    (
        "segcli help filters",
        "segcli help fields account",
        "segcli help show debtor-ageing",
        "segcli help --man man/man1",
    ),
)
