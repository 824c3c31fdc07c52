"""Commands other than overviews and actions: one module each."""
