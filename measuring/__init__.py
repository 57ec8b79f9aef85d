"""What experiments and benchmarks share: the machine, the training clock, tables of pages."""
