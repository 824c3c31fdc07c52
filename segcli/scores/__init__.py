"""Scores as columns and commands use them: what each study reads from the database, and its flags."""
