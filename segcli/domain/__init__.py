"""Pure business rules: tables, classifications, prices, scores, subscriptions, sales and reminders.

This package reads no database and no files. It imports base.
"""
