import logging
import os
import signal
import threading
import time

import numpy as np
import pytest
import tifffile

import divnoising_tf as dn
from divnoising_tf import InputError
from divnoising_tf.large import dask_workers
from divnoising_tf.large.model_digest import model_digest
from divnoising_tf.machine import extras

zarr = pytest.importorskip("zarr")
distributed = pytest.importorskip("distributed")


def _kill_a_worker(client, journal, killed):
    """Kill a worker process when some tiles are done."""
    processes = sorted(client.run(os.getpid).values())
    begin = time.monotonic()
    while not journal.exists() or len(journal.read_bytes().splitlines()) < 10:
        assert time.monotonic() - begin < 300
        time.sleep(0.01)
    os.kill(processes[0], signal.SIGKILL)
    killed.append(processes[0])


@pytest.mark.slow
@pytest.mark.parametrize("settled", [False, True])
def test_two_workers_of_which_one_is_killed_give_the_same(
    scene, model, tmp_path, assert_close, settled, caplog
):
    caplog.set_level(logging.INFO, "divnoising_tf")
    pixels = np.tile(scene.pixels, (2, 2))[:256, :256]
    image = tmp_path / "in.tif"
    tifffile.imwrite(image, pixels)
    options = {"average": 20, "tile_size": 32, "seed": 1}
    if settled:
        # some 20 samples a tile
        tolerance = float(np.sqrt(np.mean(scene.results[1] ** 2) / 20))
        options |= {"average": 60, "tolerance_counts": tolerance}
    journal = tmp_path / "out.zarr.partial" / "journal.txt"
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    killed = []
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        thread = threading.Thread(
            target=_kill_a_worker, args=(client, journal, killed), daemon=True
        )
        thread.start()
        address = cluster.scheduler_address
        out = dn.denoise_large(model, image, tmp_path / "out.zarr", scheduler=address, **options)
        thread.join()
        assert len(killed) == 1
        threads = client.run(_threads_of_tensorflow)
        assert set(threads.values()) == {1}
    alone = dn.denoise_large(model, image, tmp_path / "alone.zarr", **options)
    results = [zarr.open_group(path, mode="r")["0"][:] for path in (out, alone)]
    assert_close(*results)
    if settled:
        # tiles, fewest, mean, most samples
        counts = [one.args[:4] for one in caplog.records if "Samples of the" in one.message]
        assert len(counts) == 2
        assert counts[0] == counts[1]
    assert not journal.parent.exists()


def _threads_of_tensorflow():
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_no_scheduler_is_named(scene, model, tmp_path, monkeypatch):
    monkeypatch.setattr("divnoising_tf.large.dask_workers._SECONDS_TO_CONNECT", 0.2)
    with pytest.raises(InputError, match="scheduler cannot be reached"):
        dn.denoise_large(
            model, scene.path, tmp_path / "out.zarr", average=2, scheduler="tcp://127.0.0.1:9"
        )


def test_a_worker_refuses_another_model_than_it_was_asked_for(model, tmp_path, monkeypatch):
    monkeypatch.setattr(dask_workers, "_limit_threads", lambda: None)
    path = str(tmp_path / "model.keras")
    model.save(path)
    assert model_digest(dask_workers._model(path, model_digest(model))) == model_digest(model)
    with pytest.raises(InputError, match="another model"):
        dask_workers._model(path, "0" * 16)


@pytest.mark.parametrize(
    ("name", "extra", "use"),
    [
        ("zarr", "large", extras.zarr_library),
        ("zarr", "large", extras.tiff_library),
        ("distributed", "dask", extras.distributed_library),
    ],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, name, extra, use):
    monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(InputError, match=rf"{name}.*divnoising_tf\[{extra}\]"):
        use()


def test_an_input_error_crosses_processes():
    import pickle

    error = pickle.loads(pickle.dumps(InputError("Problem.", ("a", 1), "Advice.")))
    assert (error.problem, error.received, error.advice) == ("Problem.", "('a', 1)", "Advice.")
