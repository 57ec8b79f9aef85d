"""Check that importing the package is quick and leaves heavy parts alone; run by itself."""

import subprocess
import sys

LIMIT_SECONDS = 0.3
# for one run that never ends
_HUNG_SECONDS = 300
NOT_YET = (
    "matplotlib",
    "tensorflow_probability",
    "bioimageio",
    "sklearn",
    "dask",
    "zarr",
    "typer",
    "onnx",
    "pytesseract",
)

PROGRAM = f"""
import gc, sys, time
import tensorflow, keras
# a collection of TensorFlow's own objects, due sooner or later, takes longer than our import
gc.collect()
gc.freeze()
before = set(sys.modules)
begin = time.perf_counter()
import divnoising_tf
seconds = time.perf_counter() - begin
new = {{name.split(".")[0] for name in set(sys.modules) - before}}
print(seconds, ",".join(sorted(new & set({NOT_YET!r}))))
"""


def main() -> int:
    # the best of three: the machine may be busy
    runs = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            timeout=_HUNG_SECONDS,
        )
        for _ in range(3)
    ]
    lines = [run.stdout.strip().splitlines()[-1].split(" ") for run in runs]
    seconds = min(float(line[0]) for line in lines)
    heavy = lines[0][1] if len(lines[0]) > 1 else ""
    print(
        f"import divnoising_tf: {seconds:.2f} s beyond tensorflow and keras; "
        f"heavy parts: {heavy or 'none'}"
    )
    return int(bool(heavy) or seconds > LIMIT_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
