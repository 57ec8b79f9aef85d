import json

import pytest

from measuring.files import write_json


def test_figures_are_written_as_they_are_read_and_replace_earlier_ones(tmp_path):
    for figures in ({"σ": 20}, {"σ": [0.25, None], "steps": 7}):
        write_json(tmp_path / "results" / "speed.json", figures)
        text = (tmp_path / "results" / "speed.json").read_text(encoding="utf-8")
        assert json.loads(text) == figures
        assert '"σ"' in text


def test_what_cannot_be_written_leaves_the_earlier_file(tmp_path):
    write_json(tmp_path / "speed.json", [1])
    with pytest.raises(TypeError):
        write_json(tmp_path / "speed.json", {1, 2})
    assert json.loads((tmp_path / "speed.json").read_text()) == [1]
    assert [one.name for one in tmp_path.iterdir()] == ["speed.json"]
