"""Pricing: what an account pays for an item, a quantity and a day, and why. Pure: no database, no clock, no float."""
