"""Shared basics: text, money, dates, errors and safe file output.

No SQL and no segcli data files. This package imports no other segcli package.
"""
