import numpy as np
import pytest

from experiments import kept
from experiments.kinds.precision_cost import run
from experiments.results_store import Part, read_record
from measuring.markdown import DOCS


def test_both_number_formats_are_compared_on_every_test_image(images_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MODELS", tmp_path)
    result = run(
        {
            "task": "mnist",
            "options": {"test_images": 2, "augment": False},
            "samples": 3,
            "network": {"depth": 1, "base_channels": 8, "latent_channels": 4},
            "training": {"patch_size": 16, "batch_size": 2, "most_steps": 2},
        },
        1.0,
        0,
    )
    assert [row["image"] for row in result["rows"]] == [1, 2]
    costs = [row["cost, dB"] for row in result["rows"]]
    for row in result["rows"]:
        difference = row["float32"] - row["mixed_bfloat16"]
        assert row["cost, dB"] == pytest.approx(difference, abs=2e-4)
    # same weights and latent noise
    assert 0 < np.abs(costs).max() < 0.5
    assert result["mean cost, dB"] == pytest.approx(np.mean(costs), abs=1e-4)
    assert result["largest cost, dB"] == max(costs)
    assert result["training"]["steps"] == 2


def test_the_page_has_what_was_measured():
    page = (DOCS / "speed.md").read_text(encoding="utf-8")
    measured = read_record(Part("precision_cost", None, None, 0))["result"]
    assert len(measured["rows"]) == 40
    assert f"nothing on average ({measured['mean cost, dB']} dB)" in page
    assert f"{measured['largest cost, dB']:.3f} dB at most" in page
