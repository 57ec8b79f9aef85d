"""The noise of further levels of latents: its own, and equal on all runtimes."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper

from divnoising_tf.latent_noise.compiled import compiled_latent_noise
from divnoising_tf.latent_noise.noise import latent_noise
from divnoising_tf.latent_noise.onnx import latent_noise as onnx_latent_noise
from divnoising_tf.onnx_nodes.nodes import Graph


def _in_onnx_runtime(seeds, sample, height, width, channels, level):
    graph = Graph()
    names = ("seeds", "sample", "height", "width")
    noise = onnx_latent_noise(*map(graph.tensor, names), channels, level)
    shapes = ((len(seeds),), (), (), ())
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        for name, shape in zip(names, shapes, strict=True)
    ]
    output = helper.make_tensor_value_info(noise.name, TensorProto.FLOAT, None)
    proto = helper.make_model(
        graph.proto(inputs, [output]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    values = (np.array(seeds), *(np.array(one) for one in (sample, height, width)))
    given = {name: value.astype(np.int64) for name, value in zip(names, values, strict=True)}
    return session.run(None, given)[0].transpose(0, 2, 3, 1)


@pytest.mark.parametrize("level", [0, 1, 2, 5])
def test_all_runtimes_agree_bit_for_bit(level):
    for seed, sample in ((0, 0), (3, 11)):
        expected = latent_noise(seed, sample, 9, 6, 5, level=level).numpy()
        compiled = compiled_latent_noise(seed, [sample], 9, 6, 5, level=level)[0]
        np.testing.assert_array_equal(compiled, expected)
        onnx = _in_onnx_runtime([seed], sample, 9, 6, 5, level)[0]
        np.testing.assert_array_equal(onnx, expected)


def test_the_finest_level_has_the_numbers_that_it_always_had():
    # written down before there were levels
    np.testing.assert_array_equal(
        latent_noise(1, 2, 1, 2, 2).numpy().ravel(),
        np.array([-0.25762612, -0.86683726, 0.0052740807, -0.3402316], np.float32),
    )


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 2), (0, 3)])
def test_levels_do_not_share_their_noise(one, other):
    first, second = (latent_noise(7, 3, 64, 64, 8, level=level).numpy() for level in (one, other))
    for noise in (first, second):
        assert abs(noise.mean()) < 0.03
        assert abs(noise.std() - 1) < 0.03
    # of 32,768 independent pairs
    assert abs(np.mean(first * second)) < 4 / np.sqrt(first.size)
    assert np.mean(first == second) < 0.001


def test_a_tile_has_its_part_of_the_level():
    whole = latent_noise(1, 0, 8, 6, 3, level=2)
    tile = latent_noise(1, 0, 2, 3, 3, first_row=5, first_column=1, level=2)
    np.testing.assert_array_equal(tile, whole[5:7, 1:4])
