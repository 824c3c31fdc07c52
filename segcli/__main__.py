"""`python -m segcli`: the same as the command."""

from segcli.cli import main

main()
