"""The 21 questions: one module per read-only overview."""
