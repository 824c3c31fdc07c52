"""`python -m segcli`: the same as the command."""

from segcli.start import main

main()
