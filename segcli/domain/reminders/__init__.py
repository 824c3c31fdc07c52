"""Reminder rules: which items are reminded at which level, with which fee and interest."""
