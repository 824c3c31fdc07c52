"""Short expressions for --where that describe accounts: what they are learnt from, how they are written and counted."""
