"""Subscriptions by their rules: periods, prices, broken periods, and what is due."""
