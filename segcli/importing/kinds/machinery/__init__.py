"""Code shared by all kinds: declare, recognise, convert, stage and write a kind."""
