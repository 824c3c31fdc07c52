"""Invoicing: what an invoice says, and how it leaves the house."""
