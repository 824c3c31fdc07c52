"""Cohorts: purchases and turnover by first purchase or class, and periods since."""
