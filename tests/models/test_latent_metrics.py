from divnoising_tf.models.latent_metrics import ActiveLatentChannels


def test_counts_channels_above_the_threshold_over_all_batches():
    metric = ActiveLatentChannels(3, threshold=0.1)
    metric.update_state([0.3, 0.0, 0.15])
    metric.update_state([0.0, 0.0, 0.15])
    assert int(metric.result()) == 2
    metric.reset_state()
    assert int(metric.result()) == 0


def test_round_trip_of_the_configuration():
    metric = ActiveLatentChannels(3, threshold=0.1, name="active")
    assert ActiveLatentChannels.from_config(metric.get_config()).get_config() == metric.get_config()
