import keras
import numpy as np
import pytest
import tensorflow as tf
from helpers.random_models import random_hierarchy
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.models.hierarchical.distributions import Gaussian, posterior_of, prior_of
from divnoising_tf.models.hierarchical.layers import ResidualBlock, doubled
from divnoising_tf.models.hierarchical.networks import BottomUp, TopDown
from divnoising_tf.models.hierarchical.reach import network_reach
from divnoising_tf.models.latents import divergence_from_normal
from divnoising_tf.posterior.tiling.tiles import tiles


def _normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("levels", [1, 2, 4])
def test_shapes(levels, channels):
    sizes = (4, 6, 8, 5)[:levels], (2, 3, 1, 2)[:levels]
    contexts = BottomUp(*sizes)(_normal(2, 32, 48, channels))
    for level, (context, latents) in enumerate(zip(contexts, sizes[1], strict=True)):
        assert context.shape == (2, 16 // 2**level, 24 // 2**level, 2 * latents)
    network = TopDown(*sizes, channels)
    network.build(None)
    signal = network.descend(lambda level, above: contexts[level][..., : sizes[1][level]])
    assert signal.shape == (2, 32, 48, channels)


def test_contexts_latents_and_signal_are_float32_in_mixed_precision():
    model = random_hierarchy(dtype="mixed_bfloat16")
    outputs = model.draw(_normal(1, 16, 16, 1), tf.constant([1, 2]))
    assert {value.dtype for value in outputs.values()} == {tf.float32}
    assert {one.dtype for one in model.bottom_up(_normal(1, 16, 16, 1))} == {tf.float32}
    assert model.bottom_up.levels[0].entry.compute_dtype == "bfloat16"


def test_a_block_adds_what_two_convolutions_of_relus_make():
    block = ResidualBlock(4)
    features = _normal(2, 6, 8, 4)
    expected = block(features)
    block.second.bias.assign(_normal(4))
    inner = tf.nn.relu(features)
    for layer in (block.first, block.second):
        inner = tf.nn.conv2d(inner, layer.kernel.value, 1, "SAME") + layer.bias.value
        inner = tf.nn.relu(inner) if layer is block.first else inner
    np.testing.assert_allclose(block(features), features + inner, atol=1e-5)
    assert not np.allclose(expected, features)


def test_one_place_reads_its_own_four_and_one_behind_them():
    entry = random_hierarchy().bottom_up.levels[1].entry
    features = _normal(1, 12, 12, 8)
    plain = tf.nn.conv2d(
        np.pad(features, ((0, 0), (0, 1), (0, 1), (0, 0))), entry.kernel, 2, "VALID"
    )
    np.testing.assert_allclose(entry(features), plain + entry.bias.value, atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(height=st.integers(1, 5), width=st.integers(1, 5), channels=st.integers(1, 3))
def test_doubled_is_the_nearest_neighbour(height, width, channels):
    features = tf.constant(_normal(2, height, width, channels))
    weights = _normal(2, 2 * height, 2 * width, channels, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(features)
        found = doubled(features)
        total = tf.reduce_sum(found * weights)
    repeated = np.repeat(np.repeat(features, 2, axis=1), 2, axis=2)
    np.testing.assert_array_equal(found, repeated)
    blocks = weights.reshape(2, height, 2, width, 2, channels)
    np.testing.assert_allclose(tape.gradient(total, features), blocks.sum((2, 4)), atol=1e-5)


def test_the_posterior_of_a_concatenation_is_the_sum_of_two_convolutions():
    model = random_hierarchy()
    from_below, from_above = model.bottom_up.levels[0].context, model.top_down.levels[0].above
    below, above = (tf.nn.relu(_normal(2, 8, 8, 8, seed=seed)) for seed in (1, 2))
    context, told = from_below(below), from_above(above)
    latents = model.latent_channels[0]
    kernel = np.concatenate([from_below.kernel, from_above.kernel[..., 2 * latents :]], axis=2)
    bias = from_below.bias.numpy() + from_above.bias.numpy()[2 * latents :]
    added = tf.nn.conv2d(tf.concat([below, above], -1), kernel, 1, "SAME") + bias
    mean, log_variance = np.split(added.numpy(), 2, axis=-1)
    prior = prior_of(told)
    posterior = posterior_of(context, told, -4.0)
    np.testing.assert_allclose(posterior.mean, prior.mean + mean, atol=1e-4)
    expected = prior.log_variance + log_variance - 4.0
    np.testing.assert_allclose(posterior.log_variance, expected, atol=1e-4)


def test_log_variances_stay_usable():
    above = tf.constant([[[[0.0, 1e9, 0.0, -1e9]]]])
    for distribution in (prior_of(above), posterior_of(-above[..., :2], above, -4.0)):
        assert np.all(np.abs(distribution.log_variance) <= 20)
        assert np.all(np.isfinite(distribution.at(tf.ones_like(distribution.mean))))


@settings(deadline=None, max_examples=30)
@given(
    means=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    log_variances=st.tuples(st.floats(-6, 3), st.floats(-6, 3)),
)
def test_divergence_is_the_closed_form_of_two_normal_distributions(means, log_variances):
    (mean, prior_mean), (log_variance, prior_log_variance) = means, log_variances
    ratio = np.exp(log_variance - prior_log_variance)
    distance = (mean - prior_mean) ** 2 / np.exp(prior_log_variance)
    expected = 0.5 * (ratio + distance - 1 - np.log(ratio))
    found = divergence_from_normal(
        *(tf.constant([value]) for value in (mean, log_variance, prior_mean, prior_log_variance))
    )
    np.testing.assert_allclose(found, [expected], rtol=1e-4, atol=1e-4)


def test_noise_becomes_a_value_of_the_distribution():
    values = Gaussian(tf.constant([1.0]), tf.math.log([4.0])).at(tf.constant([3.0]))
    np.testing.assert_allclose(values, [7.0])


@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_the_reach_is_exact(levels):
    model = random_hierarchy(levels)
    reach = model.reach
    assert reach == network_reach(levels)
    cell = reach.multiple
    far = max(reach.encode, reach.decode) + 2 * cell
    # of all that a cell sees, the furthest in any of the four directions
    assert _rounded(_seen_by_context(model, cell, far), cell) == reach.encode
    assert _rounded(_seen_by_signal(model, cell, far), cell) == reach.decode


def _rounded(pixels, cell):
    return -(-pixels // cell) * cell


def _seen_by_context(model, cell, far):
    images = tf.constant(_normal(1, cell, 2 * far + cell, 1))
    with tf.GradientTape() as tape:
        tape.watch(images)
        context = model.encode_normalised(images)
        total = 0.0
        for one, grid in zip(context, model.context_grids, strict=True):
            inside = slice(far // grid.stride, (far + cell) // grid.stride)
            total += tf.reduce_sum(one[:, :, inside] * _normal(*one[:, :, inside].shape))
    return _furthest(tape.gradient(total, images), 1, cell, far)


def _seen_by_signal(model, cell, far):
    width = 2 * far + cell
    context = [tf.constant(one) for one in model.encode_normalised(_normal(1, cell, width, 1))]
    noises = [
        tf.constant(_normal(1, cell // grid.stride, width // grid.stride, grid.channels))
        for grid in model.levels
    ]
    with tf.GradientTape() as tape:
        tape.watch([*context, *noises])
        signal = model.decode_normalised(tuple(context), tuple(noises))[:, :, far : far + cell]
        total = tf.reduce_sum(signal * _normal(*signal.shape))
    grids = (*model.context_grids, *model.levels)
    gradients = tape.gradient(total, [*context, *noises])
    return max(
        _furthest(one, grid.stride, cell, far) for one, grid in zip(gradients, grids, strict=True)
    )


def _furthest(gradient, stride, cell, far):
    places = np.flatnonzero(np.any(np.asarray(gradient) != 0, axis=(0, 1, 3))) * stride
    return max(far - places.min(), places.max() + stride - (far + cell))


def test_a_tile_of_512_reads_at_most_twice_its_pixels():
    reach = network_reach(levels=3)
    middle = tiles((2048, 2048), 512, reach)[5]
    assert middle.core == (slice(512, 1024), slice(512, 1024))
    rows, columns = (part.stop - part.start for part in middle.outer)
    assert rows * columns <= 2 * 512**2


def test_layers_are_made_again_from_their_configuration():
    for network in random_hierarchy().networks:
        again = type(network).from_config(network.get_config())
        again.build((None, None, None, 1))
        shapes = [weight.shape for weight in network.weights]
        assert [weight.shape for weight in again.weights] == shapes
        for level, other in zip(network.levels, again.levels, strict=True):
            assert type(other).from_config(level.get_config()).channels == level.channels
    block = ResidualBlock.from_config(ResidualBlock(3).get_config())
    assert isinstance(block, keras.layers.Layer)
    assert block.channels == 3
