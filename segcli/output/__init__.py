"""How a table looks and where it goes: renderers, charts, PDF documents, files and standard output."""
