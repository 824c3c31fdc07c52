"""Reminding: who is due for which reminder, what it says, and how it leaves the house."""
