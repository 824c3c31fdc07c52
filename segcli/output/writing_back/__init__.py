"""Files by which other programs take over the classes that were changed here: one module per program."""
