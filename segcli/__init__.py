"""segcli: know, classify and address your accounts from the shell."""

__version__ = "0.2.0"
