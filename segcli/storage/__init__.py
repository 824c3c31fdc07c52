"""The one SQLite file: opening, locking, upgrades, snapshots, diagnosis, and the figures that are kept current in it."""
