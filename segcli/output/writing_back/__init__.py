"""Files that bring changed classes into other programs: one module per program."""
