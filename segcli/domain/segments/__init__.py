"""Arithmetic of segments: shares and bands, stability between two days, cohorts, and clusters."""
