"""A command that was killed between two of its results is given again, and ends."""

import numpy as np
import pytest
from helpers.images import smooth_images


@pytest.fixture
def commands(files, tmp_path_factory):
    """Commands, without their output, and how it ends."""
    shots = tmp_path_factory.mktemp("shots") / "shots.npy"
    noise = np.random.default_rng(0).normal(0, 10, (8, 96, 96))
    np.save(shots, (smooth_images(1, 96) + noise).astype(np.float32))
    metadata = ("--name", "Tiny model", "--description", "x", "--author", "A", "--license", "MIT")
    metadata += ("--samples", 1, "--average", 2)
    image = files.images / "shot0.tif"
    return {
        "fit": (("noise-model", "fit", shots, "--gaussians", 1), ".json"),
        "report": (("noise-model", "report", files.noise, shots), ".png"),
        "export": (("export", *metadata, "-m", files.model, "--test-image", image), ".zip"),
        "generate": (("generate", "-m", files.model, "-n", 1, "--size", 16, 16), ".tif"),
        "check": (("check", image, "-m", files.model, "-n", 39), ""),
    }


def _names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("command", "last"),
    [
        ("fit", "out.json"),
        ("fit", "out.report.txt"),
        ("fit", "out.report.png"),
        ("fit", "out.pixels.png"),
        ("fit", "out.settings.yaml"),
        ("report", "out.png"),
        ("export", "out.zip"),
        ("generate", "out.tif"),
        ("check", "shot0_check.png"),
        ("check", "check.settings.yaml"),
    ],
)
def test_a_command_killed_between_its_results(run, tmp_path, commands, killed, command, last):
    words, suffix = commands[command]
    begun = (*words, "-o", tmp_path / f"out{suffix}")
    with killed(last):
        run(*begun)
    (written,) = (path for path in tmp_path.rglob(last) if ".unfinished-" not in str(path))
    before = written.stat().st_mtime_ns
    # another command does not replace it
    axes = "SYX" if command in ("fit", "report") else "YX"
    other = run(*begun, *(("--seed", 1) if command == "generate" else ("--axes", axes)))
    assert other.exit_code == 2
    assert "exists already" in other.stderr
    result = run(*begun)
    assert result.exit_code == 0, result.output
    assert written.stat().st_mtime_ns > before
    names = _names(tmp_path)
    assert not [name for name in names if name.startswith((".", "out/."))]
    again = run(*begun)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert _names(tmp_path) == names


def test_a_result_that_the_user_put_there_after_a_kill_is_kept(run, tmp_path, commands, killed):
    begun = (*commands["fit"][0], "-o", tmp_path / "out.json")
    with killed("out.report.txt"):
        run(*begun)
    (tmp_path / "out.json").write_text("precious")
    result = run(*begun)
    assert result.exit_code == 2
    assert "out.json" in result.stderr
    assert "out.report.txt" not in result.stderr
    assert (tmp_path / "out.json").read_text() == "precious"


def test_an_export_killed_before_its_rename_leaves_nothing_for_ever(
    run, tmp_path, commands, killed
):
    begun = (*commands["export"][0], "-o", tmp_path / "out.zip")
    with killed("out.zip", before=True):
        run(*begun)
    (left,) = tmp_path.glob(".unfinished-*")
    assert (left / "out.zip").stat().st_size > 0
    result = run(*begun)
    assert result.exit_code == 0, result.output
    assert _names(tmp_path) == ["out.settings.yaml", "out.zip"]
