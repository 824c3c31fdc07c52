"""Scores for columns and commands: the data that each study reads, and its flags."""
