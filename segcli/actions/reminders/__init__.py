"""Reminders: planning, letters, and writing them as PDF, e-mail drafts and a mail merge."""
