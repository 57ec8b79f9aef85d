from types import SimpleNamespace

import pytest

from measuring.training_clock import TrainingClock


def _clock(marks, most_steps=None):
    rows = []
    clock = TrainingClock(marks, rows.append, most_steps)
    clock.set_model(SimpleNamespace(stop_training=False))
    clock._time = iter(range(0, 10_000, 30)).__next__  # half a minute between two looks
    return clock, rows


def _train(clock, steps=100):
    for batch in range(steps):
        clock.on_train_batch_begin(batch)
        clock.on_train_batch_end(batch, {"kl": 0.25, "active_channels": 3})
        if clock.model.stop_training:
            break
    clock.on_train_end({"kl": 0.25, "active_channels": 3})


def test_every_mark_is_measured_and_the_last_one_ends_the_training():
    clock, rows = _clock([1, 2])
    _train(clock)
    # the first step builds the graph and is not counted
    assert [(row["minutes"], row["steps"]) for row in rows] == [(1, 3), (2, 5)]
    assert rows[0]["KL, nats per pixel"] == 0.25
    assert rows[0]["active channels"] == 3
    assert clock.model.stop_training


@pytest.mark.parametrize(("most_steps", "steps"), [(2, 2), (None, 4)])
def test_a_training_that_ends_before_its_time_is_measured_once(most_steps, steps):
    clock, rows = _clock([50, 60], most_steps)
    _train(clock, steps=4)
    assert [(row["minutes"], row["steps"]) for row in rows] == [((steps - 1) / 2, steps)]
