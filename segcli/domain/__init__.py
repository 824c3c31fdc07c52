"""Business rules without a database or files: tables, classifications, prices, scoring, subscriptions, sales, reminders."""
