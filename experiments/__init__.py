"""Measurements on real data: recipes, and what runs them; see `python -m experiments --help`."""
