"""Files that appear whole or not at all, one writer at a time, and what survives a kill."""
