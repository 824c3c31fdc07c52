"""What the layouts are made of."""
