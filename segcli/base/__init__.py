"""Shared basics: text, money, dates, errors, safe file replacement. No SQL; it imports no other package."""
