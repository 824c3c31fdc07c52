"""Invoices: planning, numbering, and writing them as PDF, UBL and e-mail drafts."""
