"""Output: renderers, charts, documents, files and standard output."""
