"""Invoices by their rules: what a document says, what it adds up to, and which number comes next."""
