"""`segcli config`: show the configuration."""

from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.output import wanted
from segcli.settings.config import SECTIONS

COLUMNS = (Column("setting"), Column("value"), Column("comes_from"))


def show(session: Session, values: Values) -> None:
    """Show every setting with its value and its source."""
    config = session.config
    rows = [(name, value or str(config.database), config.origins[name]) for name, value in config.values.items()]
    rows += [(f"profile {name}", "", str(config.path)) for name in config.profiles]
    rows += [
        (name, ", ".join(config.sections.get(name, ())), str(config.path) if name in config.sections else "default")
        for name in SECTIONS[1:]
    ]
    wanted.write(Table("Configuration", COLUMNS, rows, with_totals=False), wanted.Output.read(values, config))


def path(session: Session, values: Values) -> None:
    """Show the paths of the configuration file and the database."""
    config = session.config
    there = "" if config.is_file_there else "not there: defaults hold"
    rows = [("configuration", str(config.path), there), ("database", str(config.database), config.origins["database"])]
    columns = (Column("what"), Column("path"), Column("note"))
    wanted.write(Table("Paths", columns, rows, with_totals=False), wanted.Output.read(values, config))


_OUTPUT = options.named(options.FORM)
COMMAND = group(
    "Show the configuration.",
    {
        "show": Command(
            "Show every setting with its value and its source.\n\nA flag overrides the environment (SEGCLI_DECIMAL), which"
            " overrides the file, which overrides the default.",
            show,
            _OUTPUT,
            ("segcli config show", "segcli config show --config config.example.yaml -f json"),
        ),
        "path": Command(
            "Show where the configuration file and the database are.\n\nThe paths are shown whether or not the files exist:"
            " --config, SEGCLI_CONFIG or ~/.config/segcli/config.yaml; --database, SEGCLI_DATABASE, the configuration file,"
            " or ~/.local/share/segcli/segcli.db.",
            path,
            _OUTPUT,
            ("segcli config path", "segcli config path --database demo.db"),
        ),
    },
)
