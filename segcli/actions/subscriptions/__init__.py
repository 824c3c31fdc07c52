"""Subscriptions: reading them, planning what is due, editing, price changes and letters."""
