"""What ships may be shipped: licences of dependencies, fonts and icons, and lock files that can be trusted."""

import re
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9.-]+)==([^\s;\\]+)", re.MULTILINE)
# Licences under which a program may be given away with its user's work staying private.
ALLOWED = {
    "MIT",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "Apache-2.0",
    "Zlib",
    "CC0-1.0",
    "MPL-2.0",
    "LGPL-3.0-only",
    "PSF-2.0",
    "ISC",
}
CLASSIFIERS = {
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall((PACKAGING / lock).read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(version)
    return found


def expression(name: str) -> str:
    """The licence of an installed distribution as an SPDX expression."""
    about = metadata(name)
    if found := about.get("License-Expression") or about.get("License"):
        return found
    labels = [
        label.rsplit(" :: ", 1)[1] for label in about.get_all("Classifier") or [] if label.startswith("License ::")
    ]
    return " OR ".join(CLASSIFIERS.get(label, label) for label in labels)


def is_allowed(text: str) -> bool:
    """Whether one of the alternatives of an expression holds allowed licences only."""
    return any(set(one.split(" AND ")) <= ALLOWED for one in text.replace("(", "").replace(")", "").split(" OR "))


@pytest.mark.parametrize("name", sorted(pins("requirements.lock")))
def test_every_shipped_dependency_has_an_allowed_licence(name):
    assert is_allowed(expression(name)), expression(name)


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPL-3.0-only", "MIT AND GPL-2.0-only", "Proprietary", ""])
def test_other_licences_are_refused(text):
    assert not is_allowed(text)


def test_qt_is_used_under_the_lgpl():
    assert "LGPL-3.0-only" in expression("pyside6-essentials").split(" OR ")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock):
    text = (PACKAGING / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 10
    for block in blocks:
        assert PIN.match(block), block.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


def test_tests_run_the_versions_that_users_run():
    shipped, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: tested.get(name) for name in shipped} == shipped


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=\[;]", wish)[0].lower() for wish in project["dependencies"]}
    assert names <= set(pins("requirements.lock"))


@pytest.mark.parametrize(
    ("folder", "pattern", "notices"), [("fonts", "*.ttf", "OFL-*.txt"), ("icons", "*.svg", "LICENSE*")]
)
def test_fonts_and_icons_come_with_their_licence(folder, pattern, notices):
    place = ROOT / "resources" / folder
    if list(place.rglob(pattern)):
        assert list(place.glob(notices)), f"resources/{folder} has no {notices}"
