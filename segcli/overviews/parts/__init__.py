"""Helpers shared by several overviews."""
