"""The rules of the trade, pure: tables, classifications, prices, scores, subscriptions, sales, reminders.

No database and no file is read. It imports base.
"""
