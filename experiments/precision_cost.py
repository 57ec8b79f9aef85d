"""What bfloat16 costs: PSNR of the MMSE of one model sampled in bfloat16 and in float32, W2S.

    python -m experiments.w2s --halving 4000 --marks 15 --save model.keras
    python -m experiments.precision_cost model.keras --all-fields

Same weights, same samples but for rounding; the goal is at most 0.02 dB.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

import divnoising_tf as dn
from divnoising_tf.cli._inputs import load_model
from divnoising_tf.metrics import psnr_affine
from divnoising_tf.precision import with_precision
from experiments.common import command_of, data_folder, write_results
from experiments.w2s import FOUR_FIELDS, TEST_FIELDS
from measuring.machine import machine
from model_zoo.builder.w2s import W2SImages, read_w2s

GOAL = 0.02
PRECISIONS = ("float32", "mixed_bfloat16")


def main() -> None:
    """Run the experiment."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="a .keras file, trained on these images")
    parser.add_argument("--channel", type=int, choices=(0, 2), default=2)
    parser.add_argument("--units", choices=("counts", "electrons"), default="counts")
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--all-fields", action="store_true", help="40 test fields instead of 4")
    arguments = parser.parse_args()
    images = read_w2s(data_folder() / f"w2s_ch{arguments.channel}_8bit", arguments.units)
    fields = TEST_FIELDS if arguments.all_fields else FOUR_FIELDS
    trained = load_model(arguments.model)
    models = {one: with_precision(trained, one) for one in PRECISIONS}
    rows = [compare(models, images, field, arguments.samples) for field in fields]
    cost = float(np.mean([row["cost, dB"] for row in rows]))
    print(f"bfloat16 costs {cost:.4f} dB on average over {len(rows)} fields (goal {GOAL})")
    results = {
        "command": command_of("experiments.precision_cost", sys.argv[1:]),
        "machine": machine(),
        "samples": arguments.samples,
        "mean cost, dB": round(cost, 4),
        "largest cost, dB": max(row["cost, dB"] for row in rows),
        "goal, dB": GOAL,
        "rows": rows,
    }
    write_results(f"precision_w2s_ch{arguments.channel}_{arguments.units}", results)


def compare(
    models: dict[str, dn.DivNoising], images: W2SImages, field: int, samples: int
) -> dict[str, Any]:
    """Return the PSNR in dB of one field in both number formats, and the difference."""
    noisy, truth = images.noisy[field - 1], images.truth[field - 81]
    psnr = {
        name: psnr_affine(truth, model.posterior(noisy, seed=0).moments(samples).mean)
        for name, model in models.items()
    }
    row = {"field": field, **{name: round(float(value), 4) for name, value in psnr.items()}}
    row["cost, dB"] = round(float(psnr["float32"] - psnr["mixed_bfloat16"]), 4)
    print(row, flush=True)
    return row


if __name__ == "__main__":
    main()
