"""Statements of account: what they list, their texts, and how they are written and sent."""
