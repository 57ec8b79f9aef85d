"""Standard normal noise keyed by seed, sample, level and place, equal on every runtime."""
