"""The benchmarks' reference is the same network, and their tables say what was measured."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

_ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(_ROOT))
from benchmarks import memory, page, subjects, upsampling  # noqa: E402
from benchmarks.memory_figure import memory_figure  # noqa: E402
from benchmarks.rounds import compared, rates  # noqa: E402

# PyTorch does not go into a process with TensorFlow
_PROGRAM = """
import json, sys
import numpy as np, torch
from benchmarks.reference import MixtureLikelihood, Network
given = np.load(sys.argv[1])
network = Network(2)
names = [name for name, _ in network.named_parameters()]
weights = [torch.from_numpy(given[f"weight{number}"]) for number in range(len(names))]
network.load_state_dict(dict(zip(names, weights)))
likelihood = MixtureLikelihood(given["coefficients"], tuple(given["range"]), float(given["least"]))
with torch.no_grad():
    mean, log_variance = network.encode(torch.from_numpy(given["images"]))
    signal = network.up(mean)
    log_prob = likelihood.log_prob(torch.from_numpy(given["x"]), torch.from_numpy(given["s"]))
np.savez(sys.argv[2], mean=mean, log_variance=log_variance, signal=signal, log_prob=log_prob)
"""


def _torch_weights(model):
    """Return kernels and biases in PyTorch's layout and order: encoder, heads, decoder."""
    levels, heads = model.encoder.convolutions()
    entry, upward = model.decoder.convolutions()
    layers = [*(layer for pair in levels for layer in pair), *heads, entry]
    found = [_turned(layer.get_weights()) for layer in layers]
    for convolution, composed in upward:
        transposed, transposed_bias, kernel, bias = composed.get_weights()
        found.append(_turned(convolution.get_weights()))
        # PyTorch keeps (input, output, y, x)
        found += [(transposed.transpose(3, 2, 0, 1), transposed_bias), _turned((kernel, bias))]
    return [values for pair in found for values in pair]


def _turned(weights):
    kernel, bias = weights
    return kernel.transpose(3, 2, 0, 1), bias


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_reference_is_the_same_network(tmp_path, rng):
    model = subjects.model(2, "float32")
    for layer in (model.encoder, model.decoder):
        layer.set_weights([rng.normal(0, 0.1, one.shape) for one in layer.get_weights()])
    images = rng.normal(size=(2, 1, 16, 24)).astype(np.float32)
    signal = rng.uniform(20, 230, (50,)).astype(np.float32)
    observation = (signal + rng.normal(0, 10, 50)).astype(np.float32)
    noise = subjects.noise_model()
    given, result = tmp_path / "given.npz", tmp_path / "result.npz"
    weights = {f"weight{number}": one for number, one in enumerate(_torch_weights(model))}
    np.savez(
        given,
        **weights,
        images=images,
        x=observation,
        s=signal,
        coefficients=noise.coefficients,
        range=noise.signal_range,
        least=noise.min_variance,
    )
    command = [sys.executable, "-c", _PROGRAM, str(given), str(result)]
    subprocess.run(command, cwd=_ROOT, check=True, timeout=300)
    found = np.load(result)
    mean, log_variance = model.encoder(images.transpose(0, 2, 3, 1))
    expected = {
        "mean": mean,
        "log_variance": log_variance,
        "signal": model.decoder(mean),
    }
    for name, values in expected.items():
        values = np.asarray(values).transpose(0, 3, 1, 2)
        np.testing.assert_allclose(found[name], values, atol=1e-4 * np.abs(values).max())
    np.testing.assert_allclose(found["log_prob"], noise.log_prob(observation, signal), rtol=1e-4)


def test_arithmetic_is_that_of_the_network():
    # entry, one convolution per level, composed upsampling: multiplications and additions
    by_hand = 128**2 * (2 * 9 * 64 * 64 + 4 * 64 * 128) + 256**2 * (9 * 32 * 32 + 4 * 32 * 4)
    assert subjects.decoder_operations(2, 512**2) == pytest.approx(2 * by_hand / 1e9)
    encoder = 128**2 * (9 * 32 + 9 * 32**2) + 64**2 * 9 * (32 * 64 + 64**2) + 32**2 * 18 * 64**2
    decoder = 2 * by_hand / 16
    assert subjects.training_operations(2, 128**2) == pytest.approx(
        3 * (2 * encoder + decoder) / 1e9
    )


def test_ratios_are_taken_within_rounds():
    found = {"reference": [1.0, 2.0, 4.0], "ours": [8.0, 20.0, 36.0]}
    row = compared(found, "reference")[1]
    assert row == {"which": "ours", "per second": 20.0, "ratio": 9.0, "lowest ratio": 8.0}


def test_works_take_turns_and_the_first_is_not_counted():
    turns = []
    works = {name: lambda name=name: turns.append(name) or 3 for name in "ab"}
    found = rates(works, rounds=2)
    assert turns == list("ababab")
    assert {name: len(values) for name, values in found.items()} == {"a": 2, "b": 2}


def test_table_has_machine_and_share_of_the_limit():
    machine = {
        "processor": "A processor",
        "cores": 2,
        "float32 matrix product, GFLOP/s": 200,
        "bfloat16 matrix product, GFLOP/s": 400,
        "load at the start": 0.1,
        "versions": {"tensorflow": "2"},
    }
    row = {"work": "w", "which": "mixed_bfloat16", "per second": 40.0, "GFLOP each": 5.0}
    result = {"command": "python -m benchmarks", "machine": machine, "rows": [row]}
    text = page.table(json.loads(json.dumps({"sampling": result})))
    assert "A processor, 2 cores, float32 matrix product, GFLOP/s: 200" in text
    assert "| w | mixed_bfloat16 | 40.0 | 50 % |" in text


def _run(samples, notes):
    sizes = {"peak_bytes": 2 * 2**30, "peak_bytes_before": 2**29}
    curve = [{"samples": n, "peak_bytes": 2**31, "seconds": n / 2} for n in notes]
    return {
        "samples": samples,
        "seconds": samples / 2,
        **sizes,
        **({"curve": curve} if notes else {}),
    }


def test_memory_figure_shows_runs_and_what_they_noted():
    image = {"size": 4096, "measured": [_run(10, ()), _run(30, (10, 20, 30))]}
    record = {"image": image, "file": {"size": 16384, "goal_bytes": 3 * 2**30, **_run(2, ())}}
    peak, time = memory_figure(record).axes
    shown = [line.get_xydata().tolist() for line in time.lines]
    assert shown == [[[10, 5]], [[10, 5], [20, 10], [30, 15]], [[30, 15]], [[2, 1]]]
    assert [line.get_ydata()[0] for line in peak.lines] == [2, 2, 2, 2, 3, 0.5]


def test_memory_of_a_run_is_noted_every_ten_samples():
    figures = memory.image_peak(size=40, samples=25, depth=1, tile_size=32, seconds=600)
    assert [one["samples"] for one in figures["curve"]] == [10, 20, 25]
    assert figures["samples"] == figures["samples_asked"] == 25
    assert all(one["peak_bytes"] <= figures["peak_bytes"] for one in figures["curve"])
    stopped = memory.image_peak(size=40, samples=25, depth=1, tile_size=32, seconds=0)
    assert (stopped["samples"], stopped["samples_asked"]) == (10, 25)


@pytest.mark.parametrize(
    ("name", "where", "text"),
    [
        ("speed", page.PAGE, page.table),
        ("onednn", page.PAGE, page.section),
        ("upsampling", upsampling.PAGE, upsampling.described),
    ],
)
def test_the_page_has_what_was_measured(name, where, text):
    results = json.loads((_ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    written = where.read_text("utf-8")
    assert f"<!-- {name} -->\n{text(results)}\n<!-- end of {name} -->" in written


@pytest.mark.slow
def test_onednn_is_measured_both_ways():
    command = [sys.executable, "-m", "benchmarks.onednn", "--quick"]
    done = subprocess.run(command, cwd=_ROOT, check=True, timeout=300, capture_output=True)
    lines = done.stdout.decode().splitlines()
    rows = [ast.literal_eval(line) for line in lines if "'work'" in line]
    assert len(rows) == 3
    assert all(row["without, per second"] > 0 < row["with oneDNN, per second"] for row in rows)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux alone tells")
def test_bytes_of_a_pixel_are_measured_in_a_process_of_their_own():
    command = [sys.executable, "-m", "benchmarks.tile_memory", "--size", "256", "--one"]
    for network in ("encoder", "decoder"):
        done = subprocess.run(
            [*command, network, "0"], cwd=_ROOT, check=True, timeout=300, capture_output=True
        )
        # at least what goes in or out at full size
        assert int(done.stdout.split()[-1]) > 8
