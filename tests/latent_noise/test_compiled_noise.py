import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from divnoising_tf.latent_noise import compiled as compiled_noise
from divnoising_tf.latent_noise.compiled import _rounded_up, _Word, compiled_latent_noise
from divnoising_tf.latent_noise.noise import PRIME, latent_noise

_words = st.integers(0, PRIME - 1)


@pytest.mark.skipif(not compiled_noise._can_compile(), reason="a GPU, or no XLA")
@settings(deadline=None, max_examples=20)
@given(
    seed=_words,
    samples=st.lists(_words, min_size=1, max_size=3),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.sampled_from([1, 2, 7]),
    first_row=_words,
    first_column=_words,
)
def test_equals_latent_noise(seed, samples, height, width, channels, first_row, first_column):
    arguments = (seed, tf.constant(samples, tf.int64), height, width, channels)
    fast = compiled_latent_noise(*arguments, first_row, first_column)
    plain = latent_noise(*arguments, first_row, first_column)
    np.testing.assert_array_equal(fast, plain)


def test_equals_latent_noise_at_the_size_of_images():
    arguments = (11, tf.range(3), 70, 45, 64)
    np.testing.assert_array_equal(compiled_latent_noise(*arguments), latent_noise(*arguments))


@given(
    quotient=st.integers(-PRIME + 1, 2 * PRIME),
    offset=st.one_of(st.integers(-3, 3), st.integers(0, PRIME - 1)),
)
def test_remainder_is_exact_also_beside_multiples(quotient, offset):
    value = quotient * PRIME + offset
    word = _Word(tf.constant(value, tf.int64)) % PRIME
    assert int(word.exactly()) == value % PRIME
    assert -1e-5 * PRIME <= int(word.value) <= (1 + 1e-5) * PRIME


@pytest.mark.parametrize("number", [1, 1023, 1024, 1025, 9000, 16_384, 16_385, 1_000_001])
def test_lengths_are_rounded_up_to_few(number):
    rounded = int(_rounded_up(tf.constant(number)))
    assert number <= rounded <= max(1024, 1.125 * number + 1024)
    assert int(_rounded_up(tf.constant(rounded))) == rounded


def test_without_a_compiler_the_plain_noise_is_used(monkeypatch):
    monkeypatch.setattr(compiled_noise, "_can_compile", lambda: False)
    arguments = (5, tf.range(2), 3, 4, 5)
    np.testing.assert_array_equal(compiled_latent_noise(*arguments), latent_noise(*arguments))
