"""What the composed upsampling gains over its two steps, in the decoder of an exported model.

python -m benchmarks.upsampling                                # on a quiet machine, two minutes
python -m benchmarks.upsampling --size 64 --rounds 2 --try     # only shows what comes out

Writes benchmarks/results/upsampling.json and the table in docs/consumers.md.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnxruntime
import tensorflow as tf
from onnx import TensorProto, helper
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from divnoising_tf.models.divnoising.networks import Decoder
from divnoising_tf.models.divnoising.onnx import decoded
from divnoising_tf.onnx_nodes.nodes import Graph, Tensor, node
from divnoising_tf.zoo.onnx_graph import OPSET_VERSION
from measuring.files import write_json
from measuring.machine import machine, machine_words
from measuring.markdown import DOCS, table_lines, write_table

RESULTS = Path(__file__).parent / "results" / "upsampling.json"
PAGE = DOCS / "consumers.md"
LATENT_CHANNELS = 64
COMPOSED, TWO_STEPS = "composed", "two steps"
# ONNX Runtime 1.12.1 reads no later one
_IR_VERSION = 8

Program = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    """Time decoders of depth 2 and 3, and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512, help="side of the image, pixels")
    parser.add_argument("--rounds", type=int, default=15, help="calls of each decoder")
    parser.add_argument("--try", action="store_true", dest="only_shown", help="write nothing")
    arguments = parser.parse_args()
    results: dict[str, Any] = {
        "command": "python -m benchmarks.upsampling",
        "size": arguments.size,
        "rounds": arguments.rounds,
        "machine": machine(),
        "rows": [
            row for depth in (2, 3) for row in measured(depth, arguments.size, arguments.rounds)
        ],
    }
    print(described(results))
    if not arguments.only_shown:
        write(results)


def measured(depth: int, size: int, rounds: int) -> list[dict[str, Any]]:
    """Return a row for each runtime: seconds of both decoders, and what was gained."""
    keras.utils.set_random_seed(0)
    decoder = Decoder(depth=depth)
    decoder.build((None, None, None, LATENT_CHANNELS))
    rng = np.random.default_rng(0)
    # biases of zero would hide a mistake at the borders
    decoder.set_weights(
        [rng.normal(0, 0.1, one.shape) if one.ndim == 1 else one for one in decoder.get_weights()]
    )
    grid = size // 2**depth
    latent = rng.normal(size=(1, grid, grid, LATENT_CHANNELS)).astype(np.float32)
    runtimes = {
        f"TensorFlow {version('tensorflow')}": {
            COMPOSED: in_tensorflow(decoder),
            TWO_STEPS: in_tensorflow(two_steps(decoder)),
        },
        f"ONNX Runtime {version('onnxruntime')}": {
            COMPOSED: in_onnx_runtime(lambda z: decoded(decoder, z, z.size(2), z.size(3))),
            TWO_STEPS: in_onnx_runtime(lambda z: decoded_in_two_steps(decoder, z)),
        },
    }
    return [
        {"depth": depth, "runtime": name, **compared(programs, latent, rounds)}
        for name, programs in runtimes.items()
    ]


def compared(programs: dict[str, Program], latent: np.ndarray, rounds: int) -> dict[str, Any]:
    """Time programs in turns, so that what else the machine does meets all of them."""
    signals = {name: program(latent) for name, program in programs.items()}
    expected = signals[TWO_STEPS]
    difference = float(np.abs(signals[COMPOSED] - expected).max() / expected.std())
    assert difference < 1e-4, f"the decoders differ by {difference:.1e} of the signal's deviation"
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            begin = time.perf_counter()
            program(latent)
            seconds[name].append(time.perf_counter() - begin)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        **{f"{name}, ms": round(1000 * value, 1) for name, value in medians.items()},
        "times as fast": round(medians[TWO_STEPS] / medians[COMPOSED], 2),
        "difference": f"{difference:.0e}",
    }


def in_tensorflow(decoder: Callable[[tf.Tensor], tf.Tensor]) -> Program:
    """Return the decoder as a frozen graph, as packages have it."""
    latents = tf.TensorSpec((None, None, None, LATENT_CHANNELS), tf.float32)
    function = tf.function(decoder, input_signature=[latents], autograph=False)
    frozen = convert_variables_to_constants_v2(function.get_concrete_function())
    return lambda latent: frozen(tf.constant(latent))[0].numpy()


def two_steps(decoder: Decoder) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return the decoder with each upsampling as Keras's two layers, from the same weights."""
    entry, levels = decoder.convolutions()
    layers = [entry]
    for convolution, upsampling in levels:
        transposed_kernel, transposed_bias, kernel, bias = upsampling.get_weights()
        inner = len(transposed_bias)
        channels = {"data_format": "channels_last"}
        transposed = keras.layers.Conv2DTranspose(inner, 2, strides=2, **channels)
        second = keras.layers.Conv2D(
            upsampling.filters, 3, padding="same", activation=upsampling.activation, **channels
        )
        for layer, weights in (
            (transposed, [transposed_kernel, transposed_bias]),
            (second, [kernel, bias]),
        ):
            layer.build((None, None, None, inner))
            layer.set_weights(weights)
        layers += [convolution, transposed, second]

    def run(features: tf.Tensor) -> tf.Tensor:
        for layer in layers:
            features = layer(features)
        return features

    return run


def in_onnx_runtime(build: Callable[[Tensor], Tensor]) -> Program:
    """Return what nodes compute in ONNX Runtime, of latents and images with channels last."""
    graph = Graph()
    latent = graph.tensor("latent")
    signal = node(
        "Transpose", build(node("Transpose", latent, perm=[0, 3, 1, 2])), perm=[0, 2, 3, 1]
    )
    given, result = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (
            (latent.name, (None, None, None, LATENT_CHANNELS)),
            (signal.name, None),
        )
    )
    model = helper.make_model(
        graph.proto([given], [result]),
        opset_imports=[helper.make_opsetid("", OPSET_VERSION)],
        ir_version=_IR_VERSION,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return lambda latent: session.run(None, {"latent": latent})[0]


def decoded_in_two_steps(decoder: Decoder, latent: Tensor) -> Tensor:
    """Return the signal, every upsampling a ConvTranspose and a Conv."""
    entry, levels = decoder.convolutions()
    features = node("Relu", onnx_convolution(latent, *entry.get_weights()))
    for convolution, upsampling in levels:
        transposed_kernel, transposed_bias, kernel, bias = upsampling.get_weights()
        features = node("Relu", onnx_convolution(features, *convolution.get_weights()))
        weights = np.ascontiguousarray(transposed_kernel.transpose(3, 2, 0, 1))
        features = node("ConvTranspose", features, weights, transposed_bias, strides=[2, 2])
        features = onnx_convolution(features, kernel, bias)
        if upsampling.activation == "relu":
            features = node("Relu", features)
    return features


def onnx_convolution(features: Tensor, kernel: np.ndarray, bias: np.ndarray) -> Tensor:
    """Return a 3×3 convolution of zero padded features, the kernel as Keras has it."""
    weights = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
    return node("Conv", features, weights, bias, pads=[1, 1, 1, 1])


def described(results: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    place = results["machine"]
    rows = results["rows"]
    lines = [
        f"`{results['command']}`: decoding one {results['size']}² sample in float32, median of "
        f"{results['rounds']} calls in turns; {machine_words(place)}, "
        f"load at the start: {place['load at the start']:.2f}.",
        "",
        *table_lines(rows, list(rows[0])),
    ]
    return "\n".join(lines)


def write(results: dict[str, Any]) -> None:
    """Write the file of results, and the table of the page."""
    write_json(RESULTS, results)
    write_table(PAGE, "upsampling", described(results))


if __name__ == "__main__":
    main()
