"""Files that are written whole or not at all."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from kpidesk.domain.problem import KpideskError


class ExportError(KpideskError):
    """The workbook could not be written. Nothing was changed."""


def write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write beside `path` under another name, force it to the disk, then put it in place; else leave nothing behind.

    ExportError with a sentence when it cannot be written.
    """
    try:
        _write_whole(path, write)
    except OSError as error:
        raise ExportError(f"{_reason(path, error)} Nothing was changed.") from None


def _write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write beside `path` under another name, force it to the disk, then put it in place; else leave nothing behind."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}-", suffix=".part", delete=False) as file:
        partial = Path(file.name)
        try:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            partial.replace(path)
        except BaseException:
            file.close()
            partial.unlink(missing_ok=True)
            raise


def _reason(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"There is no room left on the disk for {path.name}. Free some, or choose another disk."
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist. Choose another one."
    if path.is_dir():
        return f"{path.name} is a folder. Choose another name for the Excel file."
    return f"{path.name} cannot be written. Close it if it is open in Excel, or choose a folder that you may write to."
