"""Changing classifications: labels and values, accounts in bulk, and rules."""
