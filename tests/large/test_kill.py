import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tifffile

import divnoising_tf as dn

zarr = pytest.importorskip("zarr")

_PROGRAM = """
import sys, keras, divnoising_tf as dn
model, image, output = sys.argv[1:]
dn.denoise_large(
    keras.saving.load_model(model), image, output, average=20, samples=1, tile_size=32
)
"""
_TILES = 8 * 8


def _parts_done(journal):
    return len(journal.read_bytes().splitlines()) - 1 if journal.exists() else 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out.zarr", "out.ome.tif"])
def test_work_ended_by_sigkill_goes_on_and_gives_the_same(scene, model, tmp_path, name):
    pixels = np.tile(scene.pixels, (2, 2))[: 8 * 32, : 8 * 32]
    image, out = tmp_path / "in.tif", tmp_path / name
    tifffile.imwrite(image, pixels)
    command = [sys.executable, "-c", _PROGRAM, str(scene.model), str(image), str(out)]
    journal = tmp_path / f"{name}.partial" / "journal.txt"
    rng = np.random.default_rng()
    for _ in range(2):
        before, begin = _parts_done(journal), time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while _parts_done(journal) < before + 5:
                assert process.poll() is None
                assert time.monotonic() - begin < 300
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.1))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert not out.exists()
        assert before + 5 <= _parts_done(journal) < _TILES
    subprocess.run(command, check=True, capture_output=True)
    whole = dn.denoise_large(
        model, image, tmp_path / "whole" / name, average=20, samples=1, tile_size=32
    )
    read = tifffile.imread if ".tif" in name else lambda path: zarr.open_group(path)["0"][:]
    np.testing.assert_array_equal(read(out), read(whole))
    assert not journal.parent.exists()
