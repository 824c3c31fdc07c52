"""Movement between two days: how accounts changed classes, scores and bands, and how far shares drifted."""
