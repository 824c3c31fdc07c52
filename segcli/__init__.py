"""segcli: know, classify and address your accounts from the shell."""
