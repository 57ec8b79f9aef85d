import divnoising_tf.demo
from divnoising_tf.training.time_limit import TimeLimit


def test_the_demo_gets_its_options_and_shows_its_table(run, tmp_path, monkeypatch):
    seen = {}

    def demo(folder, minutes, overwrite, callbacks):
        seen.update(folder=folder, minutes=minutes, overwrite=overwrite, callbacks=callbacks)
        return {"noisy input": 10.0, "MMSE": 20.5}

    monkeypatch.setattr(divnoising_tf.demo, "run_demo", demo)
    result = run("demo", "-o", tmp_path, "--minutes", 2, "--overwrite")
    assert result.exit_code == 0, result.output
    assert (seen["folder"], seen["minutes"], seen["overwrite"]) == (tmp_path, 2, True)
    assert any(isinstance(one, TimeLimit) and one.minutes == 2 for one in seen["callbacks"])
    assert "20.50 dB" in result.output


def test_a_filled_folder_is_refused(refused, tmp_path):
    (tmp_path / "precious.txt").write_text("precious")
    refused("holds files already", tmp_path, "demo", "-o", tmp_path)
