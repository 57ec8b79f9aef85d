import zipfile

import pytest
import yaml

_ABOUT = ("--name", "Tiny test model", "--author", "Ada", "--author", "Grace", "--license", "MIT")
_WORDS = ("--description", "Denoises blobs.")


def _export(files, output, *options):
    image = files.images / "shot0.tif"
    return ("export", "-m", files.model, "-o", output, "--test-image", image, *options)


def test_a_package_is_written_from_options_and_metadata(files, run, tmp_path):
    (tmp_path / "about.yaml").write_text("description: From the file.\ntags: [blobs]\n")
    options = ("--metadata", tmp_path / "about.yaml", "--samples", 2, "--average", 2)
    result = run(*_export(files, tmp_path / "tiny.zip", *_ABOUT, *options))
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(tmp_path / "tiny.zip") as package:
        (name,) = (one for one in package.namelist() if one.endswith("rdf.yaml"))
        described = yaml.safe_load(package.read(name))
    assert described["name"] == "Tiny test model"
    assert described["description"] == "From the file."
    assert [author["name"] for author in described["authors"]] == ["Ada", "Grace"]
    assert "blobs" in described["tags"]
    settings = yaml.safe_load((tmp_path / "tiny.settings.yaml").read_text())["settings"]
    assert settings["author"] == ["Ada", "Grace"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (_ABOUT, "missing: description"),
        ((*_ABOUT, *_WORDS, "--license", "mine"), "license"),
        ((*_ABOUT, *_WORDS, "--test-image", "missing.tif"), "no such file"),
        ((*_ABOUT, *_WORDS, "--model", "missing.keras"), "not a model"),
        ((*_ABOUT, *_WORDS, "--metadata", "missing.yaml"), "metadata"),
        ((*_ABOUT, *_WORDS, "-o", "tiny.tar"), "must end in .zip"),
    ],
)
def test_bad_requests_are_refused(files, refused, tmp_path, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    refused(message, tmp_path, *_export(files, tmp_path / "tiny.zip", *options))
