"""A dashboard: one HTML page of figures, charts and the tables that they come from, complete without a network or a script."""
