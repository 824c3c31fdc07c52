"""The one SQLite file: how it is opened, locked, upgraded, copied and diagnosed, and what is kept current in it.

It imports base and domain.
"""
