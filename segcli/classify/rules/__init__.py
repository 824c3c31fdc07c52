"""Classification by rules: a file is read (file), made SQL (compiled), applied to all accounts (deciding), guarded and kept (planning)."""
