"""Files to fill in for those whose data stands in no CRM: one a kind of rows, with the headers KPIDesk knows and two examples."""

import shutil
from pathlib import Path

from kpidesk.domain.problem import WorkspaceError
from kpidesk.paths import resource


def write_templates(folder: Path) -> tuple[Path, ...]:
    """Write the template files into a folder, which is made when absent, and return all of them.

    A file that is there already may have been filled in and is left as it is. WorkspaceError when the folder cannot be written.
    """
    found = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for template in sorted(resource("templates").glob("*.csv")):
            path = folder / template.name
            if not path.exists():
                shutil.copyfile(template, path)
            found.append(path)
    except OSError:
        raise WorkspaceError(
            f"The template files cannot be written to {folder}. Choose another folder or free some space."
        ) from None
    return tuple(found)
