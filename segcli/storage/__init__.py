"""The SQLite database: opening, locking, upgrading, copying, diagnosis and maintained values such as summaries.

This package imports base and domain.
"""
