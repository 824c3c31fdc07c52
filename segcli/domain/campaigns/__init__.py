"""Campaigns: how accounts are divided into groups, and the statistics that compare the groups."""
