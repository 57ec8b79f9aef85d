import numpy as np
import pytest

from experiments.figures.table1 import calibration_figure, psnr_figure
from experiments.kinds.table1 import draw


def test_every_method_has_its_mark_at_the_mean_of_its_seeds():
    results = [
        {"title": "Cells", "scores": {"noisy": 20.0}},
        {"title": "Cells", "scores": {"N2V": 30.0}},
        {"title": "Cells", "scores": {"N2V": 32.0}},
        {"title": "Nuclei", "scores": {"DivNoising MMSE": 35.0, "DivNoising MAP": 34.0}},
    ]
    (axis,) = psnr_figure(results).axes
    marks = {one.get_label(): one.get_offsets().tolist() for one in axis.collections}
    assert marks == {
        "noisy": [[20.0, 0.0]],
        "N2V": [[31.0, 0.0]],
        "DivNoising MMSE": [[35.0, 1.0]],
        "DivNoising MAP": [[34.0, 1.0]],
    }
    assert [label.get_text() for label in axis.get_yticklabels()] == ["Cells", "Nuclei"]


def test_a_row_has_the_marks_of_what_it_shares_with_another_and_its_own():
    results = [
        {"title": "Repeats", "scores": {"noisy": 20.0}},
        {"title": "Repeats", "scores": {"PN2V": 33.0}},
        {"title": "Bootstrapped", "same images as": "Repeats", "scores": {"PN2V": 34.0}},
    ]
    (axis,) = psnr_figure(results).axes
    marks = {one.get_label(): one.get_offsets().tolist() for one in axis.collections}
    assert marks == {
        "noisy": [[20.0, 0.0], [20.0, 1.0]],
        "PN2V": [[33.0, 0.0], [34.0, 1.0]],
    }


def test_errors_are_shown_in_units_of_what_was_predicted_and_a_collapse_has_no_curve():
    levels = np.arange(1, 20) / 20
    right = {"coverage": levels.tolist(), "predicted": [3.0, 4.0, 5.0], "error": [3.0, 4.0, 5.0]}
    collapsed = {"coverage": [0.0] * 19, "predicted": [0.0] * 3, "error": [7.0] * 3}
    coverage, reliability = calibration_figure(
        [
            {"title": "Cells", "calibration curves": right},
            {"title": "Collapsed", "calibration curves": collapsed},
        ]
    ).axes
    # two data sets and the diagonal
    assert len(coverage.lines) == 3
    assert coverage.lines[0].get_ydata() == pytest.approx([0, *levels, 1])
    cells, _diagonal = reliability.lines
    assert cells.get_label() == "Cells"
    assert cells.get_xdata() == pytest.approx(cells.get_ydata())
    assert np.mean(cells.get_xdata() ** 2) == pytest.approx(1)


def test_curves_of_seeds_are_averaged():
    seeds = [
        {"coverage": [share] * 19, "predicted": [1.0, 1.0], "error": [error, error]}
        for share, error in ((0.2, 1.0), (0.4, 3.0))
    ]
    coverage, reliability = calibration_figure(
        [{"title": "Cells", "calibration curves": one} for one in seeds]
    ).axes
    assert coverage.lines[0].get_ydata()[1:-1] == pytest.approx([0.3] * 19)
    # the curve and the diagonal
    assert len(reliability.lines) == 2
    assert reliability.lines[0].get_ydata() == pytest.approx([2.0, 2.0])


def test_a_picture_has_the_name_of_its_experiment_and_several_data_sets(tmp_path):
    results = [
        {"experiment": "mine", "title": title, "scores": {"N2V": 30.0}} for title in ("A", "B")
    ]
    assert draw(results[:1], tmp_path) == []
    assert draw(results, tmp_path) == [tmp_path / "mine.png"]
    assert (tmp_path / "mine.png").stat().st_size > 0
