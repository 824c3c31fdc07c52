"""Code shared by several renderers."""
