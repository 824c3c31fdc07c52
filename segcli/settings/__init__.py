"""The configuration, the administration's own data, and the texts of letters and invoices."""
