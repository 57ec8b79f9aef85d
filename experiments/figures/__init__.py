"""The figures of experiments: from results to a figure of matplotlib."""
