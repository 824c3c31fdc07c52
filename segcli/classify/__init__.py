"""Changes of classifications: labels and values, accounts in bulk, files, and rules."""
