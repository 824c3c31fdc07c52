"""Help topics, man pages and the command reference, generated from what the commands declare."""
