"""The set-up command: what it needs, and when it does its work again."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "packaging" / "dev.py"


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """The script as a module that works in a folder of its own."""
    spec = importlib.util.spec_from_file_location("dev_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    lock = tmp_path / "some.lock"
    lock.write_text("numpy==2.4.6\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    return module, lock


def test_it_needs_the_standard_library_only():
    tree = ast.parse(
        SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8)
    )  # old Pythons get as far as the message
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    names |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_an_unknown_command_explains_the_known_ones(arguments):
    done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    for command in ("run", "test", "setup", "lock"):
        assert f"packaging/dev.py {command}" in done.stdout


def test_a_finished_set_up_is_not_done_again(dev):
    module, lock = dev
    assert not module._is_installed(lock)
    module._stamp(lock).write_text(module._wanted(lock), encoding="utf-8")
    assert module._is_installed(lock)


@pytest.mark.parametrize("changed", ["some.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_set_up_again(dev, changed):
    module, lock = dev
    module._stamp(lock).write_text(module._wanted(lock), encoding="utf-8")
    (lock.parent / changed).write_text("numpy==2.4.7\n")
    assert not module._is_installed(lock)


def test_a_failing_command_ends_with_its_status(dev):
    module, _ = dev
    with pytest.raises(SystemExit) as ended:
        module.call(sys.executable, "-c", "raise SystemExit(7)")
    assert ended.value.code == 7


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
@pytest.mark.parametrize(("name", "seen"), [("DISPLAY", True), ("WAYLAND_DISPLAY", True), ("NO_SUCH", False)])
def test_a_display_is_seen(dev, monkeypatch, name, seen):
    module, _ = dev
    for known in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(known, raising=False)
    monkeypatch.setenv(name, ":0")
    assert module.has_display() is seen
