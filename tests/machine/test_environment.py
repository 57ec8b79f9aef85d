import os
import platform
import sys

import pytest

from divnoising_tf.machine.environment import prefer_onednn

SWITCH = "TF_ENABLE_ONEDNN_OPTS"


@pytest.fixture
def environment(monkeypatch):
    """As it is before TensorFlow is imported, on an ordinary processor, nothing decided."""
    # remembered, so that what the function sets is gone after the test
    monkeypatch.setenv(SWITCH, "0")
    monkeypatch.delenv(SWITCH)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.delitem(sys.modules, "tensorflow")
    return monkeypatch


def _switch():
    prefer_onednn()
    return os.environ.get(SWITCH)


def test_onednn_is_on_where_nobody_decided(environment):
    assert _switch() == "1"


def test_what_the_user_decided_stays(environment):
    environment.setenv(SWITCH, "0")
    assert _switch() == "0"


def test_nothing_changes_once_tensorflow_has_read_its_switch(environment):
    environment.setitem(sys.modules, "tensorflow", object())
    assert _switch() is None


def test_nothing_changes_on_other_processors(environment):
    environment.setattr(platform, "machine", lambda: "arm64")
    assert _switch() is None
