"""Tiles that take samples until their mean is settled."""

import logging

import numpy as np
import pytest

import divnoising_tf as dn
from divnoising_tf import InputError
from divnoising_tf.large.tile_work import TileWork
from divnoising_tf.models.divnoising.reach import network_reach
from divnoising_tf.posterior.tiling.tile_sampler import TileSampler
from divnoising_tf.posterior.tiling.tiles import tiles

from .conftest import StopError, result_of, stop_after

pytest.importorskip("zarr")

_CORES = [tile.core for tile in tiles((171, 214), 64, network_reach(2))]


@pytest.fixture(scope="module")
def options(scene):
    """Options for some 20 samples a tile."""
    tolerance = float(np.sqrt(np.mean(scene.results[1] ** 2) / 20))
    return {"average": 60, "tolerance_counts": tolerance, "seed": 3, "tile_size": 64}


@pytest.fixture
def reports(monkeypatch):
    """The reports of all tiles that are done, by their numbers."""
    found, do = {}, TileWork.do

    def noted(self, number):
        found[number] = do(self, number)
        return found[number]

    monkeypatch.setattr(TileWork, "do", noted)
    return found


def test_every_tile_takes_as_many_samples_as_it_needs(
    scene, model, tmp_path, options, reports, caplog
):
    tolerance = options["tolerance_counts"]
    with caplog.at_level(logging.INFO, "divnoising_tf"):
        out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    mean, deviation = result_of(out)
    samples = model.posterior(scene.pixels, seed=3).sample(300)
    settled, errors = samples.mean(axis=0, dtype=np.float64), []
    for number, core in enumerate(_CORES):
        taken = reports[number].samples
        error = np.sqrt(np.mean(deviation[core].astype(np.float64) ** 2) / taken)
        assert error <= tolerance * 1.000001
        assert error == pytest.approx(reports[number].standard_error, rel=1e-4)
        assert reports[number].excess == pytest.approx(error / tolerance, rel=1e-4)
        # not many more than needed
        assert error * np.sqrt(taken / max(taken - 5, 1)) > tolerance
        expected = samples[(slice(taken), *core)]
        np.testing.assert_allclose(mean[core], expected.mean(axis=0), rtol=1e-4)
        np.testing.assert_allclose(deviation[core], expected.std(axis=0, ddof=1), rtol=1e-2)
        errors.append(np.mean((mean[core] - settled[core]) ** 2))
    # what was promised is what is found: 300 samples themselves have an error
    assert np.sqrt(np.mean(errors)) == pytest.approx(tolerance, rel=0.2)
    counts = [report.samples for report in reports.values()]
    assert min(counts) < max(counts) < 60
    largest = max(report.standard_error for report in reports.values())
    (record,) = [one for one in caplog.records if "Samples of the" in one.message]
    assert record.args == (
        12,
        min(counts),
        np.mean(counts),
        max(counts),
        pytest.approx(largest, rel=1e-4),
    )


def test_order_of_tiles_and_a_stop_change_nothing(
    scene, model, tmp_path, options, monkeypatch, reports
):
    whole = result_of(dn.denoise_large(model, scene.path, tmp_path / "whole.zarr", **options))
    taken = dict(reports)
    with monkeypatch.context() as patch:
        # two results of each tile
        stop_after(patch, 3, StopError())
        with pytest.raises(StopError):
            dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    with pytest.raises(InputError, match="tolerance in counts was"):
        dn.denoise_large(
            model, scene.path, tmp_path / "out.zarr", **{**options, "tolerance_counts": 1.0}
        )
    monkeypatch.setattr("divnoising_tf.large.denoising.range", _backwards, raising=False)
    reports.clear()
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    assert list(reports) == list(range(11, 6, -1))
    assert reports == {number: taken[number] for number in reports}
    np.testing.assert_array_equal(result_of(out), whole)


def _backwards(*arguments):
    return reversed(range(*arguments))


def test_parts_of_a_tile_stop_together(
    scene, model, tmp_path, options, monkeypatch, reports, assert_close
):
    whole = result_of(dn.denoise_large(model, scene.path, tmp_path / "whole.zarr", **options))
    taken, original = dict(reports), TileSampler.sample

    def sample(self, first=0, *arguments):
        # not with the first batch, so that a part of the work is lost
        if self.tile.core[0].stop - self.tile.core[0].start > 32 and first > 0:
            raise MemoryError
        return original(self, first, *arguments)

    monkeypatch.setattr(TileSampler, "sample", sample)
    out = dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    counts = {number: report.samples for number, report in reports.items()}
    assert counts == {number: report.samples for number, report in taken.items()}
    for result, expected in zip(result_of(out), whole, strict=True):
        assert_close(result, expected)


def test_pairs_and_a_tolerance_in_standard_deviations(scene, model, tmp_path, reports, caplog):
    options = {"average": 14, "tolerance": 0.3, "seed": 3, "tile_size": 64}
    dn.denoise_large(model, scene.path, tmp_path / "out.zarr", **options)
    # 1 / 0.3², rounded up
    assert {report.samples for report in reports.values()} == {12}
    options |= {"antithetic": True, "tolerance": 0.05}
    out = dn.denoise_large(model, scene.path, tmp_path / "pairs.zarr", **options)
    counts = {report.samples for report in reports.values()}
    assert max(counts) == 14
    moments = model.posterior(scene.pixels, seed=3).moments(14, antithetic=True)
    core = _CORES[max(reports, key=lambda number: reports[number].samples)]
    np.testing.assert_allclose(result_of(out)[0][core], moments.mean[core], rtol=1e-4)
    (record,) = [one for one in caplog.records if one.levelno == logging.WARNING]
    above = [report.excess for report in reports.values() if report.excess > 1.001]
    assert record.args == (14, len(above), 12, pytest.approx(max(above), rel=1e-4))


def test_two_tolerances_are_refused(scene, model, tmp_path, options):
    with pytest.raises(InputError, match="Two tolerances"):
        dn.denoise_large(model, scene.path, tmp_path / "out.zarr", tolerance=0.1, **options)
