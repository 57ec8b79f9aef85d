"""What a family promises: its grids, its reach, its divergences."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from divnoising_tf.models.precision import with_precision
from divnoising_tf.posterior.contract import LatentVariableModel

# of sums in another order: vectors of the processor do not end where images of a batch do
_ROUNDING = 1e-4


def test_it_has_all_that_the_others_ask_for(model):
    assert isinstance(model, LatentVariableModel)
    assert model.adapted


def test_grids_go_from_fine_to_coarse_and_fit_into_the_multiple(model):
    strides = [grid.stride for grid in model.levels]
    assert strides == sorted(strides)
    reach = model.reach
    for grid in (*model.levels, *model.context_grids):
        assert reach.multiple % grid.stride == 0
    assert reach.encode % reach.multiple == reach.decode % reach.multiple == 0


def test_contexts_lie_on_their_grids(model, noisy):
    height, width = 2 * model.reach.multiple, 3 * model.reach.multiple
    # padded to the multiple
    context = model.encode(noisy(2, height - 1, width, 1))
    for tensor, grid in zip(context, model.context_grids, strict=True):
        assert tensor.shape == (2, height // grid.stride, width // grid.stride, grid.channels)


@pytest.mark.parametrize("axis", [1, 2])
def test_the_context_sees_no_further_than_its_reach(model, noisy, axis):
    cell, reach = model.reach.multiple, model.reach.encode
    size = [1, cell, cell, 1]
    size[axis] = 2 * reach + 5 * cell
    image = noisy(*size)
    place = [slice(None)] * 4
    # one cell is changed
    place[axis] = slice(reach + 2 * cell, reach + 3 * cell)
    changed = image.copy()
    changed[tuple(place)] += 500
    both = model.encode(np.concatenate([image, changed]))
    for tensor, grid in zip(both, model.context_grids, strict=True):
        seen = np.any(np.abs(tensor[0] - tensor[1]) > _ROUNDING, axis=(2 - axis, 2))
        places = np.flatnonzero(seen) * grid.stride
        assert places.min() >= 2 * cell
        assert places.max() + grid.stride <= 2 * reach + 3 * cell


@pytest.mark.parametrize("axis", [1, 2])
def test_the_signal_sees_no_further_than_its_reach(model, noisy, axis):
    cell, reach = model.reach.multiple, model.reach.decode
    size = [1, cell, cell, 1]
    size[axis] = 2 * reach + 5 * cell
    context = model.encode(noisy(*size))
    rng = np.random.default_rng(0)
    noises = [
        rng.normal(size=(1, size[1] // grid.stride, size[2] // grid.stride, grid.channels))
        for grid in model.levels
    ]
    first, last = reach + 2 * cell, reach + 3 * cell
    for changed in range(len(context) + len(noises)):
        batch = [np.repeat(one, 2, axis=0).astype(np.float32) for one in (*context, *noises)]
        stride = (*model.context_grids, *model.levels)[changed].stride
        place = [slice(None)] * 4
        place[0], place[axis] = 1, slice(first // stride, last // stride)
        batch[changed][tuple(place)] += 3
        split = len(context)
        signal = model.decode(tuple(batch[:split]), tuple(batch[split:])).numpy()
        differs = np.abs(signal[0] - signal[1]) > _ROUNDING
        seen = np.flatnonzero(np.any(differs, axis=(2 - axis, 2)))
        assert seen.min() >= 2 * cell
        assert seen.max() < 2 * reach + 3 * cell


def test_a_batch_of_one_stands_for_all(model, noisy, noises_of):
    context = model.encode(noisy(1, 16, 20, 1))
    noises = [noises_of(model, 0, k, (16, 20)) for k in range(3)]
    batch = tuple(np.concatenate(level) for level in zip(*noises, strict=True))
    together = model.decode(context, batch)
    for k, alone in enumerate(noises):
        np.testing.assert_allclose(together[k], model.decode(context, alone)[0], atol=1e-3)


def test_divergences_are_of_the_levels_and_not_negative(model, noisy):
    outputs = model(noisy(2, 16, 24, 1))
    assert outputs["signal"].shape == (2, 16, 24, 1)
    for kl, grid in zip(model.divergences(outputs), model.levels, strict=True):
        assert kl.shape == (2, 16 // grid.stride, 24 // grid.stride, grid.channels)
        assert np.all(kl >= -1e-5)
        assert np.any(kl > 0.01)


def test_training_logs_the_levels_and_lowers_the_loss(small_model, noisy):
    model = small_model(seed=1)
    model.compile(optimizer=keras.optimizers.Adam(3e-3))
    history = model.fit(noisy(8, 32, 32), batch_size=2, epochs=6, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert np.all(np.isfinite(history["loss"]))
    if len(model.levels) > 1:
        names = [f"kl_stride_{grid.stride}" for grid in model.levels]
        total = np.sum([history[name] for name in names], axis=0)
        np.testing.assert_allclose(total, history["kl"], rtol=1e-5)
        active = sum(history[f"active_channels_stride_{grid.stride}"][-1] for grid in model.levels)
        assert active == history["active_channels"][-1]


def test_saved_and_loaded_it_draws_the_same_samples(model, noisy, tmp_path):
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is type(model)
    image = noisy(21, 30)
    np.testing.assert_array_equal(
        again.posterior(image).sample(2), model.posterior(image).sample(2)
    )


def test_a_copy_in_another_precision_has_its_weights(model):
    copy = with_precision(model, "mixed_bfloat16")
    assert copy.dtype_policy.name == "mixed_bfloat16"
    for one, other in zip(model.networks, copy.networks, strict=True):
        for weight, copied in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, copied)
    assert tf.reduce_all(copy.data_mean == model.data_mean)
