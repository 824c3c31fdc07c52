"""Undo of imports: what an import changes is noted while it writes, and taken back as far as it still stands."""
