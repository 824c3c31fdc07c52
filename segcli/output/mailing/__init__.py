"""Sending of e-mail: messages read from drafts, an SMTP server or sendmail to take them, and the record of what was sent."""
