"""The graph of `sampling_function` as an ONNX model, which draws the same samples.

Made from the weights, node by node, with operators of opset 17 only.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import helper

from divnoising_tf._version import __version__
from divnoising_tf.latent_noise.onnx import latent_noise, plane_seeds, seeds_of_images
from divnoising_tf.models.base import VariationalDenoiser
from divnoising_tf.onnx_nodes.nodes import Graph, Run, Tensor, loop, node, vector
from divnoising_tf.onnx_nodes.padding import pad_to_multiple
from divnoising_tf.posterior.contract import LatentVariableModel
from divnoising_tf.zoo.kinds import check_sample_numbers
from divnoising_tf.zoo.sampling_graph import INPUT_NAME, OUTPUT_NAME, in_float32

# ONNX Runtime 1.12.1, the oldest in use with this opset, reads no later ones
OPSET_VERSION = 17
_IR_VERSION = 8


def onnx_model(
    model: VariationalDenoiser, n_samples: int = 8, n_averaged: int = 64, seed: int | None = None
) -> onnx.ModelProto:
    """Return an ONNX model that gives what `sampling_function` gives.

    Args:
        model: that has been trained.
        n_samples: samples in the output; 0 for mean and standard deviation alone.
        n_averaged: samples in mean and standard deviation, at least `n_samples` and 2; 0 for
            samples alone.
        seed: of the samples of every image; None derives it from the image's pixels.

    Returns:
        A model with one input, "input", float32 (batch, y, x, channel), counts, and one output,
        "output", float32 (batch, y, x, (n_samples + 2) · channel), counts.

    Raises:
        InputError: a number of samples cannot be used.

    Example:
        >>> from divnoising_tf.models.divnoising.model import DivNoising
        >>> from divnoising_tf.noise_models import GaussianNoiseModel
        >>> model = DivNoising(GaussianNoiseModel(5.0), data_mean=100, data_standard_deviation=20)
        >>> graph = onnx_model(model, n_samples=3, n_averaged=5).graph
        >>> graph.input[0].name, graph.output[0].name, [node.op_type for node in graph.node][-1]
        ('input', 'output', 'Reshape')
    """
    check_sample_numbers(n_samples, n_averaged)
    model = in_float32(model)
    graph = Graph()
    images = graph.tensor(INPUT_NAME)
    seeds = seeds_of_images(images) if seed is None else plane_seeds(seed, images.size(0))
    normalised = _normalise(model, node("Transpose", images, perm=[0, 3, 1, 2]))
    padded = pad_to_multiple(normalised, model.reach.multiple)
    networks = model.onnx_networks()
    context = networks.encode(padded)
    # known before the loop that makes samples
    sizes = [
        (padded.size(2) // grid.stride, padded.size(3) // grid.stride) for grid in model.levels
    ]

    def draw(k: Tensor) -> Tensor:
        noises = tuple(
            latent_noise(seeds, k, *size, grid.channels, level)
            for level, (grid, size) in enumerate(zip(model.levels, sizes, strict=True))
        )
        signal: Tensor = networks.decode(context, noises)
        return signal

    zeros = node("Expand", 0.0, node("Shape", padded))
    planes = _moments_and_samples(draw, zeros, n_samples, n_averaged)
    planes = _in_counts(model, planes, n_samples, n_averaged)
    # (plane, batch, channel, y, x), to be cropped and turned
    planes = node("Slice", planes, [0, 0], vector(images.size(1), images.size(2)), [3, 4])
    planes = node("Transpose", planes, perm=[1, 3, 4, 0, 2])
    n_planes = (n_samples + 2 * bool(n_averaged)) * model.channels
    shape = graph.constant([0, 0, 0, n_planes])
    graph.append(helper.make_node("Reshape", [planes.name, shape.name], [OUTPUT_NAME]))
    return _model_proto(graph, model.channels, n_planes)


def _moments_and_samples(
    draw: Callable[[Tensor], Tensor], zeros: Tensor, n_samples: int, n_averaged: int
) -> Tensor:
    """Return mean, standard deviation and the first samples along a new first axis.

    Where samples are kept, a loop of n_samples runs keeps one sample each. The first of them draws
    all samples that are not kept before its own, in a loop inside, so that the decoder is in the
    graph only once.
    """
    n_drawn = max(n_samples, n_averaged)

    def update(_: Tensor, drawn: Tensor, mean: Tensor, squares: Tensor, *__: Tensor) -> Run:
        # Welford's running mean and sum of squared deviations
        sample = draw((drawn + n_samples) % n_drawn)
        drawn = drawn + 1
        shift = sample - mean
        mean = mean + shift / drawn.cast(np.float32)
        return (drawn, mean, squares + shift * (sample - mean), sample), ()

    def keep(run: Tensor, drawn: Tensor, mean: Tensor, squares: Tensor) -> Run:
        count = node("Where", node("Equal", run, 0), n_drawn - n_samples + 1, 1)
        drawn, mean, squares, sample = loop(count, states(drawn, mean, squares), update)
        return (drawn, mean, squares), ((sample, np.float32),)

    def states(drawn: Tensor, mean: Tensor, squares: Tensor) -> list[tuple[Tensor, Any]]:
        # the last is the place of the sample that was drawn last
        return [(drawn, np.int64), *((one, np.float32) for one in (mean, squares, mean))]

    start = states(zeros.graph.constant(0), zeros, zeros)
    if n_samples:
        _, mean, squares, kept = loop(n_samples, start[:3], keep)
    else:
        _, mean, squares, _ = loop(n_averaged, start, update)
    planes = [kept] if n_samples else []
    if n_averaged:
        deviation = node("Sqrt", squares / (n_averaged - 1.0))
        planes = [*(node("Unsqueeze", one, [0]) for one in (mean, deviation)), *planes]
    return node("Concat", *planes, axis=0)


def _normalise(model: LatentVariableModel, images: Tensor) -> Tensor:
    mean, deviation = _statistics(model)
    if model.is_bounded:
        # Min and Max, because Clip takes one bound for all channels
        low, high = model.bounds.reshape(2, -1, 1, 1)
        images = node("Min", node("Max", images, low), high)
    return (images - mean) / deviation


def _in_counts(
    model: LatentVariableModel, planes: Tensor, n_samples: int, n_averaged: int
) -> Tensor:
    """De-normalise all planes; the second of the moments, a deviation, has no offset."""
    mean, deviation = _statistics(model)
    has_offset = [1, 0] * bool(n_averaged) + [1] * n_samples
    offsets: np.ndarray = np.reshape(np.array(has_offset, np.float32), (-1, 1, 1, 1, 1)) * mean
    return planes * deviation + offsets


def _statistics(model: LatentVariableModel) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the data, counts, (channel, 1, 1)."""
    mean, deviation = model.data_mean, model.data_standard_deviation
    return mean.reshape(-1, 1, 1), deviation.reshape(-1, 1, 1)


def _model_proto(graph: Graph, channels: int, n_planes: int) -> onnx.ModelProto:
    sizes = ("batch", "y", "x")
    given, result = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (*sizes, last))
        for name, last in ((INPUT_NAME, channels), (OUTPUT_NAME, n_planes))
    )
    return helper.make_model(
        graph.proto([given], [result]),
        opset_imports=[helper.make_opsetid("", OPSET_VERSION)],
        ir_version=_IR_VERSION,
        producer_name="divnoising_tf",
        producer_version=__version__,
    )
