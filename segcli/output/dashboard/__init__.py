"""A dashboard: one HTML page of figures, charts and their tables, which works without a network or a script."""
