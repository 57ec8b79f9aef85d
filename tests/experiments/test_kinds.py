import importlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from applications.cells import membranes
from helpers.consumer_tools import missing, tool
from PIL import Image

from divnoising_tf.models.families import network_settings
from experiments import kept
from experiments.divnoising import kept_or_trained
from experiments.recipe import FOLDER, Training, read_recipe, recipe_names
from experiments.sampling_scores import sampling_scores
from experiments.tasks import load_task

_RECIPES = [name for name in recipe_names() if not read_recipe(name).rows]
_NETWORK = {"base_channels": 8, "latent_channels": 6}
_TRAINING = {"most_steps": 3, "patch_size": 32, "batch_size": 2}
_SMALL = {"network": _NETWORK, "training": _TRAINING}
_CELLS = {"bright": "membranes", "radius": 15, "offset": 6.0, "smallest_cell": 20}
_SEGMENTATION = {**_SMALL, "sigma": 150.0, "counts": [1, 2, 4], "binning": 2, "cells": _CELLS}
_DOTS_PER_INCH = 110


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Drawn images in the folders of the real ones, and folders for what is kept."""
    folder = tmp_path_factory.mktemp("kinds")
    data = folder / "data"
    for name in ("mdck_zo1", "mnist", "the_beetle"):
        (data / name).mkdir(parents=True)
    drawn = np.stack([membranes((96, 128), seed=seed)[0] for seed in range(10)])
    np.savez(
        data / "mdck_zo1" / "mdck_zo1_wt.npz",
        images=(400 + 2000 * drawn / 255).astype(np.uint16),
        membrane=(drawn > 60).astype(np.uint8),
    )
    digits = np.random.default_rng(0).integers(0, 256, (8, 28, 28), np.uint8)
    np.savez(data / "mnist" / "mnist.npz", x_train=digits, x_test=digits[:2])
    paragraph = "He banged the door in my face. To have tramped about all day looking for work."
    text = "\n\n".join([paragraph] * 60)
    (data / "the_beetle" / "the_beetle.txt").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIVNOISING_DATA", str(data))
        patch.setattr(kept, "MODELS", folder / "models")
        patch.setattr(kept, "PICTURES", folder / "pictures")
        yield folder


def _run(name, settings, seed=0):
    """Run a kind; what it returns must survive JSON."""
    result = _kind(name).run(settings, 1.0, seed)
    assert json.loads(json.dumps(result)) == result
    return result


def _kind(name):
    return importlib.import_module(f"experiments.kinds.{name}")


def _table(name, result, seeds=(0, 1)):
    """Return the table that the kind makes of equal results of several seeds, as cells."""
    machine = {"processor": "a processor", "cores": 2, "versions": {}}
    records = [
        {"seed": seed, "minutes": 1.0, "machine": machine, "result": result} for seed in seeds
    ]
    lines = _kind(name).table(name, None, records).splitlines()
    assert lines[0] == f"`python -m experiments run {name}`"
    assert "seeds: 0, 1;" in lines[2]
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return {cells[0]: dict(zip(rows[0], cells, strict=False)) for cells in rows[2:]}


def _drawn(name, results, folder):
    """Draw a kind's figures; return their sizes in inches and how much they show."""
    paths = _kind(name).draw(results, folder / "figures")
    shown = {}
    for path in paths:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("L"))
        # white paper alone would be one grey
        assert len(np.unique(pixels)) > 10
        shown[path.name] = tuple(round(side / _DOTS_PER_INCH, 1) for side in pixels.T.shape)
    return SimpleNamespace(paths=paths, inches=shown)


@pytest.fixture(scope="module")
def segmented(place):
    return _run("segmentation", {**_SEGMENTATION, "models": str(place / "models")})


def test_segmentation_scores_every_way_for_every_number_of_samples(segmented):
    assert len(segmented["images"]) == 3
    for way in ("MMSE of n", "Consensus (Avg)", "Consensus (BIC)"):
        assert list(segmented["mean"][way]) == ["1", "2", "4"]
    for row in segmented["images"]:
        # one sample is its own mean
        assert row["MMSE of n"]["1"] == row["Consensus (BIC)"]["1"]
        assert row["MMSE of n"]["4"] == row["MMSE"]
        for scores in (row["clean"], row["noisy"], row["single samples"]):
            precisions = list(scores["Average Precision at IoU"].values())
            assert precisions == sorted(precisions, reverse=True)
    assert segmented["training"]["steps"] == 3
    mean = np.mean([row["clean"]["F1"] for row in segmented["images"]])
    assert segmented["mean"]["clean"]["F1"] == pytest.approx(mean, abs=1e-4)


def test_the_table_of_segmentation_has_every_way_and_the_training(segmented):
    table = _table("segmentation", segmented)
    assert list(table)[:4] == ["noisy", "clean", "MMSE", "single samples"]
    assert float(table["clean"]["F1"].split(" ± ")[1]) == 0
    assert table["Consensus (Avg), 4 samples"]["cells"].endswith(" ± 0")
    assert "training" not in table
    machine = {"processor": "a processor", "cores": 1, "versions": {}}
    record = {"seed": 0, "minutes": 1.0, "machine": machine}
    # on a busy machine three steps take longer
    at_once = {**segmented, "training": {**segmented["training"], "minutes": 0.0}}
    text = _kind("segmentation").table("name", None, [{**record, "result": at_once}])
    assert "- a processor, 1 core\n- minutes 0, steps 3, " in text
    assert _kind("segmentation").table("name", None, []).endswith("not run yet.")


def test_clean_cells_are_found_and_noise_of_150_counts_hides_many(segmented):
    clean, noisy = segmented["mean"]["clean"], segmented["mean"]["noisy"]
    assert clean["F1"] > 0.9
    for measure in ("F1", "Average Precision", "Jaccard", "SEG"):
        assert clean[measure] > noisy[measure] + 0.1


def test_segmentation_draws_plots_and_keeps_pixels_out_of_them(segmented, place):
    drawn = _drawn("segmentation", [segmented, segmented], place)
    assert drawn.inches["mdck_segmentation.png"] == (12.8, 3.5)
    assert drawn.inches["mdck_segmentation_thresholds.png"] == (4.5, 3.8)
    (picture,) = (path for path in drawn.paths if path.parent != place / "figures")
    assert picture == place / "pictures" / "mdck_segmentation_cells.png"


def test_a_model_that_was_asked_for_alike_is_trained_once(segmented, place, monkeypatch):
    task = load_task("mdck", {"sigma": 150.0, "patch_size": 32, "batch_size": 2})
    asked = [task, network_settings(_NETWORK), Training(**_TRAINING)]
    with monkeypatch.context() as patch:
        patch.setattr("experiments.divnoising.trained", _no_training)
        model, facts = kept_or_trained(*asked, 1.0, 0, place / "models")
        assert facts == segmented["training"]
        assert model.latent_channels == 6
        other_task = load_task("mdck", {"sigma": 100.0, "patch_size": 32, "batch_size": 2})
        other_network = network_settings({**_NETWORK, "beta": 2.0})
        for changed in (
            (*asked, 2.0, 0),
            (*asked, 1.0, 1),
            (other_task, *asked[1:], 1.0, 0),
            (task, other_network, asked[2], 1.0, 0),
        ):
            with pytest.raises(NotImplementedError):
                kept_or_trained(*changed, place / "models")


def _no_training(*_):
    raise NotImplementedError


def test_generation_takes_the_model_of_another_experiment_and_draws_every_size(
    segmented, place, monkeypatch
):
    monkeypatch.setattr("experiments.divnoising.trained", _no_training)
    sizes = [[32, 32], [30, 50]]
    one = {"task": "mdck", "options": {"sigma": 150.0}, "sizes": sizes, "minutes": 1.0, **_SMALL}
    settings = {"number": 3, "sets": {"Drawn cells": one}, "models": str(place / "models")}
    result = _kind("generation").run(settings, 7.0, 0)
    (row,) = result["rows"]
    assert row["training"] == segmented["training"]
    arrays = kept.kept_arrays("generation-0")
    assert [arrays[f"Drawn cells {n}"].shape for n in range(2)] == [(3, 32, 32), (3, 30, 50)]
    deviation = arrays["Drawn cells 0"].std()
    assert row["standard deviation of the generated, counts"][0] == pytest.approx(
        deviation, abs=0.01
    )
    assert list(_table("generation", result)) == ["Drawn cells"]
    drawn = _drawn("generation", [result], place)
    assert list(drawn.inches) == ["generation_drawn_cells.png"]
    assert drawn.inches["generation_drawn_cells.png"][0] == 6.6


def test_figures_whose_arrays_are_not_here_are_left_out(segmented, place):
    elsewhere = {**segmented, "seed": 7}
    drawn = _drawn("segmentation", [elsewhere], place)
    assert list(drawn.inches) == ["mdck_segmentation.png", "mdck_segmentation_thresholds.png"]


def test_the_sweep_of_beta_measures_and_draws_each_weight(place):
    settings = {**_SMALL, "values": [2.0], "counts": [1, 2, 4], "test_images": 2, "test_size": 64}
    result = _run("sweep", settings)
    (row,) = result["rows"]
    assert row["beta"] == 2
    assert list(row["PSNR of the mean of n"]) == ["1", "2", "4"]
    assert row["PSNR of the MMSE"] == row["PSNR of the mean of n"]["4"]
    # the mean of samples that differ is closer to the truth than they are
    assert row["PSNR of the MMSE"] > row["PSNR of a sample"]
    assert row["deviation"] > 0
    assert len(row["images"]) == 2
    assert float(_table("sweep", result)["2"]["PSNR of the MMSE"].split()[0]) == (
        pytest.approx(row["PSNR of the MMSE"], abs=0.01)
    )
    drawn = _drawn("sweep", [result, result], place)
    assert drawn.inches == {"beta_sweep.png": (10.5, 3.3), "beta_sweep_samples.png": (5.5, 3.8)}


@pytest.mark.slow
def test_diversity_is_measured_for_each_strength_of_noise(place):
    settings = {
        **_SMALL,
        "name": "diversity",
        "swept": "sigma",
        "values": [30.0, 60.0],
        "counts": [2, 4],
        "test_images": 1,
        "test_size": 64,
    }
    result = _run("sweep", settings)
    weak, strong = result["rows"]
    lost = weak["PSNR of the noisy image"] - strong["PSNR of the noisy image"]
    # the same noise, twice as strong
    assert lost == pytest.approx(20 * np.log10(2), abs=0.01)
    assert list(_table("sweep", result)) == ["30", "60"]
    drawn = _drawn("sweep", [result], place)
    assert drawn.inches == {"diversity.png": (10.5, 3.3), "diversity_samples.png": (5.5, 3.8)}


@pytest.mark.slow
def test_generation_trains_where_no_model_is_kept(place):
    training = {**_TRAINING, "patch_size": 28}
    one = {"task": "mnist", "sizes": [[28, 28]], "network": _NETWORK, "training": training}
    result = _run("generation", {"number": 2, "sets": {"MNIST": one}})
    assert result["rows"][0]["training"]["steps"] == 3
    (facts,) = kept.MODELS.glob("mnist_*.json")
    assert json.loads(facts.read_text())["asked"]["minutes"] == 1.0


@pytest.fixture(scope="module")
def read(place):
    tool("tesseract", "apt-get install tesseract-ocr")
    if importlib.util.find_spec("pytesseract") is None:
        missing("there is no pytesseract: pip install 'divnoising_tf[ocr]'")
    settings = {
        "patches": 1,
        "samples": 6,
        "voters": 2,
        "line_samples": 6,
        "clusters": {"n": 20, "seeds": 5},
        "crop": {"patch": 0, "rows": [4, 24], "columns": [4, 60]},
        "training_pages": 1,
        "network": _NETWORK,
        "training": {"most_steps": 3, "batch_size": 2},
    }
    return _run("ebook_text", settings)


def test_clean_text_is_read_and_noise_of_its_range_hides_it(read):
    rates = {row["image"]: row for row in read["rows"]}
    assert rates["clean"]["character errors, %"] < 5
    assert rates["noisy"]["character errors, %"] > 50
    # σ is the peak: 0 dB, give or take the chance of 128 x 128 draws
    assert rates["noisy"]["PSNR"] == pytest.approx(0, abs=0.2)
    assert "PSNR" not in rates["clean"]
    assert {"MMSE", "MAP", "one sample, mean over 2", "2 samples, line, votes"} < set(rates)
    assert sum(name.startswith("9 clusters of 6 samples") for name in rates) == 4
    assert read["lines read"] == len(read["first patch"]["text"]) == 6


def test_the_table_of_reading_leaves_out_what_a_vote_has_not(read):
    table = _table("ebook_text", read)
    assert "PSNR" in table["MMSE"]
    assert table["2 samples, line, votes"].get("PSNR", "") == ""


def test_clusters_of_the_crop_are_sorted_and_read(read):
    clusters = read["clusters of the crop"]
    support = clusters["support"]
    assert clusters["samples"] == 20
    assert support == sorted(support, reverse=True)
    assert 0 < len(support) <= 9
    assert len(support) == len(clusters["share"]) == len(clusters["read as"])
    assert 0 < sum(clusters["share"]) <= 1.001


def test_text_is_drawn_with_its_errors(read, place):
    drawn = _drawn("ebook_text", [read, read], place)
    names = ("ebook_text_errors.png", "ebook_text_patch.png", "ebook_text_clusters.png")
    assert tuple(drawn.inches) == names
    assert drawn.inches["ebook_text_patch.png"] == (7.2, 5.4)
    arrays = kept.kept_arrays("ebook_text-0")
    assert arrays["noisy"].shape == arrays["MAP"].shape == (128, 128)
    assert arrays["clusters"].shape[1:] == (20, 56)


def test_means_of_independent_samples_gain_ten_decibels_for_ten_times_as_many(rng):
    clean = rng.uniform(0, 255, (64, 64))
    samples = (clean + rng.normal(0, 20, clean.shape) for _ in range(100))
    scores = sampling_scores(samples, clean, [1, 10, 100])
    one, ten, hundred = scores["PSNR of the mean of n"].values()
    assert ten - one == pytest.approx(10, abs=0.3)
    assert hundred - one == pytest.approx(20, abs=0.3)
    assert scores["deviation"] == pytest.approx(20, rel=0.01)
    # of the mean of 4096 squares: 10 / ln 10 · √(2 / 4096) dB
    assert scores["diversity"] == pytest.approx(0.096, rel=0.25)
    assert scores["PSNR of a sample"] == pytest.approx(one, abs=0.4)


@pytest.mark.parametrize("name", _RECIPES)
def test_recipes_say_nothing_that_their_kind_does_not_know(name):
    recipe = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    assert set(recipe) | {"minutes"} == {"title", "kind", "minutes", "seeds", "settings"}
    kind, settings = _kind(recipe["kind"]), recipe["settings"]
    assert set(settings) <= set(kind._DEFAULTS)
    assert settings["name"] == name
    chosen = list(settings.get("sets", {"": settings}).values())
    for one in chosen:
        assert set(one) <= {*kind._DEFAULTS, *getattr(kind, "_SET_DEFAULTS", {}), "task"}
        multiple = network_settings(one.get("network", {})).multiple
        assert Training(**one.get("training", {})).patch_size % multiple == 0
