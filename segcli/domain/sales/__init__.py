"""Invoice rules: the document, its amounts and its number."""
