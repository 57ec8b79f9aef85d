"""How models are trained: schedules, watches, and a state to go on from."""
