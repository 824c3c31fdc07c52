"""From a request to SQL and a table: selections, columns, sorting, totals, and the --where language in expressions/."""
