"""Images that are sampled tile by tile, with the result of one pass over the whole."""
