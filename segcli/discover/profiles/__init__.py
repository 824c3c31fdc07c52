"""Profiles: what distinguishes a selection from a base, value by value, as figures, or as the shortest expression."""
