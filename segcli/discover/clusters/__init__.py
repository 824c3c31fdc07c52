"""Clusters of accounts over metrics: the fit, the file of its centres, and what describes a cluster."""
