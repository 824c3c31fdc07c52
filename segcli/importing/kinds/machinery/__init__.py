"""What the kinds share: how a kind is declared, recognised, converted, staged and written."""
