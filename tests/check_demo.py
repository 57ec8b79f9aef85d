"""Check what the demo left in a folder; run by itself, after the demo."""

import csv
import subprocess
import sys
from pathlib import Path

import tifffile

GAIN_DB = 6.0
SHAPES = {
    "noisy": (512, 512),
    "truth": (512, 512),
    "denoised": (12, 512, 512),
}


def main(folder: Path) -> int:
    for name, shape in SHAPES.items():
        found = tifffile.imread(folder / f"{name}.tif").shape
        assert found == shape, f"{name}.tif has shape {found}, not {shape}"
    for name in ("figure.png", "model.keras", "noise_model.json", "package.zip"):
        assert (folder / name).stat().st_size > 100, f"{name} is nearly empty"
    with (folder / "psnr.csv").open(newline="") as file:
        rows = {row[0]: float(row[1]) for row in list(csv.reader(file))[1:]}
    gain = rows["MMSE (mean of 100 samples)"] - rows["noisy input"]
    print(f"MMSE is {gain:.2f} dB above the input")
    assert gain >= GAIN_DB, f"the MMSE must be {GAIN_DB} dB above the input"
    command = [Path(sys.executable).parent / "bioimageio", "test", str(folder / "package.zip")]
    subprocess.run(command, check=True, timeout=900)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
