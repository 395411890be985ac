"""Sets KPIDesk up on a fresh machine and runs it. Standard library only, Python 3.11 or newer.

python3 packaging/dev.py run [ARGS]   set up, then start KPIDesk; ARGS go to its command line
                                      (without a display, or with --headless: do the main job and say so)
python3 packaging/dev.py test [ARGS]  set up with the development tools, then run the tests; ARGS go to pytest
python3 packaging/dev.py setup        set up with the development tools
python3 packaging/dev.py lock         renew the two lock files (the only command that looks for newer versions)
"""

import ctypes.util
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RUNTIME, DEVELOPMENT = ROOT / "packaging" / "requirements.lock", ROOT / "packaging" / "requirements-dev.lock"
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")
# What the Qt wheels load from the system and a bare Debian has not: (library, package). Found with ldd on every Qt library.
LIBRARIES = (
    ("EGL", "libegl1"),
    ("GL", "libgl1"),
    ("fontconfig", "libfontconfig1"),
    ("dbus-1", "libdbus-1-3"),
    ("glib-2.0", "libglib2.0-0"),
    ("xkbcommon", "libxkbcommon0"),
    ("xkbcommon-x11", "libxkbcommon-x11-0"),
    ("X11-xcb", "libx11-xcb1"),
    ("wayland-client", "libwayland-client0"),
    ("wayland-cursor", "libwayland-cursor0"),
    ("wayland-egl", "libwayland-egl1"),
    ("xcb-cursor", "libxcb-cursor0"),
    ("xcb-icccm", "libxcb-icccm4"),
    ("xcb-image", "libxcb-image0"),
    ("xcb-keysyms", "libxcb-keysyms1"),
    ("xcb-randr", "libxcb-randr0"),
    ("xcb-render-util", "libxcb-render-util0"),
    ("xcb-shape", "libxcb-shape0"),
    ("xcb-xkb", "libxcb-xkb1"),
)


def say(text: str) -> None:
    """Tell the user what happens."""
    print(text, flush=True)


def call(*command: object, quiet: bool = False, **environment: str) -> None:
    """Run a command in the project's folder; stop with its status when it fails. `quiet` hides its output, not its errors."""
    parts = [str(part) for part in command]
    shown = subprocess.DEVNULL if quiet else None
    done = subprocess.run(parts, cwd=ROOT, env={**os.environ, **environment}, stdout=shown, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def set_up(*locks: Path) -> None:
    """Make the virtual environment and install what the first lock names, unless that was done already.

    `locks` are the lock to install and those that it includes: a set-up for development serves running too.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - this is where an older Python is told
        raise SystemExit(
            f"KPIDesk needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install it and run this again."
        )
    if _is_installed(locks[0]):
        return
    _system_packages()
    if not _works("-m", "pip", "--version"):
        say("Making the virtual environment .venv")
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=os.name != "nt")
    say(f"Installing the locked dependencies of {locks[0].name}. The first time, this takes a minute or two")
    call(PYTHON, *PIP, "--only-binary", ":all:", "--require-hashes", "-r", locks[0])
    call(PYTHON, *PIP, "--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT)
    if not _works("-c", "from PySide6 import QtWidgets; QtWidgets.QApplication([])", QT_QPA_PLATFORM="offscreen"):
        say("Qt cannot be loaded; the reason stands below. A system library that it names is missing.")
        call(PYTHON, "-c", "from PySide6 import QtWidgets", QT_QPA_PLATFORM="offscreen")
    for lock in locks:
        _stamp(lock).write_text(_wanted(lock), encoding="utf-8")


def _stamp(lock: Path) -> Path:
    return VENV / f".{lock.name}.stamp"


def _wanted(lock: Path) -> str:
    """Return what a finished set-up is marked with: it changes with the lock, the project's metadata, Python and the folder."""
    parts = (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode())
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _is_installed(lock: Path) -> bool:
    stamp = _stamp(lock)
    return PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == _wanted(lock)


def _works(*arguments: str, **environment: str) -> bool:
    """Whether the virtual environment's Python can do something. False when there is none."""
    if not PYTHON.exists():
        return False
    quiet = subprocess.DEVNULL
    command = [str(PYTHON), *arguments]
    return not subprocess.run(
        command, stdout=quiet, stderr=quiet, env={**os.environ, **environment}, check=False
    ).returncode


def _system_packages() -> None:
    """Install what a bare Debian or Ubuntu lacks when we may; elsewhere on Linux name it."""
    if not sys.platform.startswith("linux"):
        return
    missing = [package for library, package in LIBRARIES if ctypes.util.find_library(library) is None]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    if not missing:
        return
    names = " ".join(missing)
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        say(f"Installing system packages: {names}")
        install = (apt, "install", "-y", "-qq", "--no-install-recommends", *missing)
        call(apt, "update", "-qq", quiet=True)
        call(*install, quiet=True, DEBIAN_FRONTEND="noninteractive")
        return
    say(f"System packages are missing. On Debian and Ubuntu this installs them: sudo apt-get install {names}")
    if "python3-venv" in missing:
        raise SystemExit(1)


def has_display() -> bool:
    """Whether a window can be shown."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run(arguments: list[str]) -> None:
    """Set up and start KPIDesk; without a display do the main job."""
    set_up(RUNTIME)
    headless = "--headless" in arguments
    arguments = [argument for argument in arguments if argument != "--headless"]
    if arguments or (has_display() and not headless):
        call(PYTHON, "-m", "kpidesk", *arguments)
        return
    reason = "As asked" if has_display() else "There is no display, so"
    say(
        f"{reason} the main job runs without a window: sample company, import, KPIs, Excel summary, pictures of the screens."
    )
    out = ROOT / "out"
    out.mkdir(exist_ok=True)
    call(PYTHON, "-m", "kpidesk", "demo", out, QT_QPA_PLATFORM="offscreen")
    say("Written:")
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        say(f"  {path}")


def test(arguments: list[str]) -> None:
    """Set up and run the tests, without showing windows."""
    set_up(DEVELOPMENT, RUNTIME)
    call(PYTHON, "-m", "pytest", *arguments, QT_QPA_PLATFORM="offscreen")


def lock() -> None:
    """Renew the lock files: every version pinned with the hashes of its files, for all platforms.

    The development lock keeps to the versions of the other one, so that tests run what users run.
    """
    set_up(DEVELOPMENT, RUNTIME)
    flags = [
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "--no-emit-index-url",
        "--upgrade",
        "--quiet",
    ]
    flags += ["--custom-compile-command", "python3 packaging/dev.py lock"]
    for target, more in ((RUNTIME, ("--group", "build")), (DEVELOPMENT, ("--group", "dev", "--constraint", RUNTIME))):
        uv = (PYTHON.parent / "uv", "pip", "compile", "pyproject.toml", "--output-file", target)
        call(*uv, *more, *flags, quiet=True)
        if "://" in target.read_text(encoding="utf-8"):
            raise SystemExit(f"{target.name} names an address; it must hold names, versions and hashes only.")


def main() -> None:
    """Run one of the commands."""
    command, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    commands = {"run": lambda: run(arguments), "test": lambda: test(arguments), "lock": lock}
    commands["setup"] = lambda: set_up(DEVELOPMENT, RUNTIME)
    if command not in commands:
        say(__doc__ or "")
        raise SystemExit(2)
    try:
        commands[command]()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
