"""Where files live: resources of the program, data and logs of the machine's user.

Works alike in a checkout, an installed wheel and a frozen bundle.
"""

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of a file or folder below `resources/`.

    Raises FileNotFoundError naming the path when a build forgot to ship it.
    """
    for root in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if root.is_dir():
            path = root.joinpath(*parts)
            if path.exists():
                return path
    raise FileNotFoundError("/".join(parts))


def data_dir() -> Path:
    """Return the folder of the user's KPIDesk data (preferences, sample workspace), made when absent.

    `KPIDESK_HOME` overrides it, for tests and portable installations.
    """
    if override := os.environ.get("KPIDESK_HOME"):
        folder = Path(override)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "KPIDesk"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "KPIDesk"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "kpidesk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_file() -> Path:
    """Return the path of the log file (it may not exist yet)."""
    return data_dir() / "kpidesk.log"
