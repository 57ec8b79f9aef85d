from pathlib import Path

import setuptools

ROOT = Path(__file__).resolve().parents[1]


def test_types_ship(monkeypatch):
    monkeypatch.chdir(ROOT)
    distribution = setuptools.Distribution({"script_name": "setup.py"})
    distribution.parse_config_files([str(ROOT / "setup.cfg")])
    command = distribution.get_command_obj("build_py")
    command.ensure_finalized()
    shipped = {(package, name) for package, *_, names in command.data_files for name in names}
    assert ("divnoising_tf", "py.typed") in shipped
