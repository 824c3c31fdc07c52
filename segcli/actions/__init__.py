"""Actions: one module each, a preview and what happens when it is applied."""
