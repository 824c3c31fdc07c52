"""How a table looks and where it goes: renderers, charts, documents, files and standard output."""
