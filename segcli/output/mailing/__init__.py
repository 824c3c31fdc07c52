"""Sending e-mail: messages read from drafts, an SMTP server or sendmail that takes them, and the record of sent messages."""
