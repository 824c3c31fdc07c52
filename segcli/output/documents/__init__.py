"""Letters on paper: the contents of a letter, its page layout, and one PDF with all letters; also e-mail drafts."""
