import numpy as np
import pytest

from divnoising_tf.plotting import clusters_figure, save_figure
from divnoising_tf.posterior.clusters import clusters_of_samples


@pytest.mark.parametrize(("kinds", "shown"), [(1, 1), (3, 3), (12, 9)])
def test_every_cluster_is_shown_with_its_share(rng, tmp_path, kinds, shown):
    images = 1000.0 * np.arange(kinds)[:, np.newaxis, np.newaxis] + np.zeros((kinds, 6, 9))
    samples = np.repeat(images, 20 // kinds, axis=0)
    clusters = clusters_of_samples(samples, bandwidth=50.0)
    mean = samples.mean(axis=0)
    figure = clusters_figure(clusters, mean, mean, mode=mean, samples=samples[:3])
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:3] == ["noisy input", "MMSE: mean", "MAP: mode"]
    assert titles[3:6] == ["sample 1", "sample 2", "sample 3"]
    expected = f"{100 / kinds:.0f} %\n{20 // kinds} of {len(samples)} in reach"
    assert titles[6:] == [expected] * shown
    save_figure(figure, tmp_path / "clusters.png")
    assert (tmp_path / "clusters.png").stat().st_size > 1000
