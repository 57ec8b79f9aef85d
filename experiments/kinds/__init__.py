"""The kinds of experiments: each module has `run` and `draw`."""
