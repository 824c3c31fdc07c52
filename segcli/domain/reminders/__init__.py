"""Reminders by their rules: who is due for which one, with which fee and interest."""
