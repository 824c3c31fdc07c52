"""Statements of account: what they list, what they say, and how they leave the house."""
