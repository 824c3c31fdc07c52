"""`segcli completion`: print the completion script for bash, zsh or fish."""

from segcli.interface.command import Command, Session, Values
from segcli.interface.completion_scripts import SCRIPTS
from segcli.interface.options import Parameter


def run(_session: Session, values: Values) -> None:
    """Print the script for a shell."""
    from segcli.output import destinations

    destinations.write_stdout(SCRIPTS[values["shell"]])


COMMAND = Command(
    "Print the completion script for bash, zsh or fish.\n\nIt completes commands, flags, and the labels and values of the database.",
    run,
    (Parameter("shell", (), "bash, zsh or fish.", metavar="SHELL", choices=tuple(SCRIPTS), is_required=True),),
    (
        "segcli completion bash >> ~/.bashrc",
        "segcli completion zsh > ~/.zfunc/_segcli",
        "segcli completion fish > ~/.config/fish/completions/segcli.fish",
    ),
)
