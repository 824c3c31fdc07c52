"""Letters on paper: what a letter says, its pages laid out, and all of them in one PDF."""
