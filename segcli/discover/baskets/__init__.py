"""Baskets: items bought together, and what accounts do not buy yet."""
