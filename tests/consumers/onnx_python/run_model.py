"""Runs an ONNX model on files of raw float32, one after the other.

Arguments: the model, then for each image the input file, its shape such as 1x33x47x1, and the
output file to write. Prints one line of JSON for each image.
"""

import json
import sys
import time

import numpy as np
import onnxruntime


def main(model: str, *images: str) -> None:
    """Run all images in one session."""
    session = onnxruntime.InferenceSession(model)
    for begin in range(0, len(images), 3):
        path, shape, output = images[begin : begin + 3]
        image = np.fromfile(path, "<f4").reshape([int(length) for length in shape.split("x")])
        start = time.perf_counter()
        (result,) = session.run(["output"], {"input": image})
        seconds = round(time.perf_counter() - start, 4)
        result.astype("<f4").tofile(output)
        said = {"version": onnxruntime.__version__, "seconds": seconds, "shape": result.shape}
        print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
