"""`python -m segcli`: the same as the command."""

from segcli.cli.start import main

main()
