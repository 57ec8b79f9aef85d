import numpy as np
import pytest

from divnoising_tf import DivNoising, GaussianNoiseModel, InputError
from divnoising_tf.models import precision
from divnoising_tf.models.precision import (
    chosen_precision,
    described_precision,
    with_precision,
    without_slow_bfloat16,
)


def _model(**arguments):
    return DivNoising(
        GaussianNoiseModel(15.0),
        latent_channels=6,
        base_channels=8,
        data_mean=100.0,
        data_standard_deviation=30.0,
        **arguments,
    )


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [
        ({"avx2", "avx512_bf16"}, "mixed_bfloat16"),
        ({"amx_bf16"}, "mixed_bfloat16"),
        ({"avx512f"}, "float32"),
        (set(), "float32"),
    ],
)
def test_auto_takes_bfloat16_only_where_the_processor_has_it(monkeypatch, flags, chosen):
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(precision, "_processor_flags", lambda: flags)
    assert chosen_precision("auto") == chosen


@pytest.mark.parametrize(
    ("capability", "chosen"), [((8, 0), "mixed_bfloat16"), ((7, 5), "float32")]
)
def test_a_gpu_decides_by_its_generation(monkeypatch, capability, chosen):
    config = precision.tf.config
    monkeypatch.setattr(config, "list_physical_devices", lambda kind: ["gpu"])
    monkeypatch.setattr(
        config.experimental, "get_device_details", lambda gpu: {"compute_capability": capability}
    )
    assert chosen_precision("auto") == chosen


def test_words_are_taken_literally_or_refused():
    assert chosen_precision("mixed_bfloat16") == "mixed_bfloat16"
    with pytest.raises(InputError, match="float16"):
        chosen_precision("float16")


def test_a_model_is_copied_into_another_precision():
    model = _model()
    assert with_precision(model, "float32") is model
    copy = with_precision(model, "mixed_bfloat16")
    assert copy.encoder.compute_dtype == "bfloat16"
    image = np.random.default_rng(0).normal(100, 30, (16, 16))
    same, rounded = model.posterior(image).sample(2), copy.posterior(image).sample(2)
    np.testing.assert_allclose(rounded, same, atol=0.1 * same.std())
    assert np.any(rounded != same)


@pytest.mark.parametrize(("flags", "kept"), [({"avx512_bf16"}, True), ({"avx2"}, False)])
def test_bfloat16_is_left_where_the_machine_is_slow_in_it(monkeypatch, flags, kept):
    monkeypatch.setattr(precision.tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(precision, "_processor_flags", lambda: flags)
    model = _model(dtype="mixed_bfloat16")
    found = without_slow_bfloat16(model)
    assert (found is model) == kept
    assert found.dtype_policy.name == ("mixed_bfloat16" if kept else "float32")
    for one, other in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_precision_is_described_in_words():
    assert described_precision("float32") == "float32"
    assert "KL divergence" in described_precision("mixed_bfloat16")
