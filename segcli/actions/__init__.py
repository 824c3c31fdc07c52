"""Actions: one module per thing that `segcli run` does, each with its preview."""
