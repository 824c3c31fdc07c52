"""Scores as columns and commands: what each study reads from the database, and its flags."""
