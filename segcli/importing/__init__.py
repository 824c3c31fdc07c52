"""From files to records: formats are read, kinds recognised, rows staged and checked, and written in one transaction for each file."""
