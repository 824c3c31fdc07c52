"""Undo of imports: which runs can be undone, what blocks it, and how values and rows are restored."""
