"""Subscriptions: their periods, what each of these costs, and what is due."""
