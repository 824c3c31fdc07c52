"""The configuration, the administration's own data, and the words that are printed for others to read."""
