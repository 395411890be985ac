"""All actions of the window, in the order of its menus. A new one is one entry here."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kpidesk.ui import crash, theme
from kpidesk.ui.actions import Action
from kpidesk.ui.appearance import THEMES
from kpidesk.ui.pages import VIEWS
from kpidesk.ui.palette import Entry
from kpidesk.ui.theme import TEXT_SIZES

if TYPE_CHECKING:
    from kpidesk.ui.main_window import MainWindow

FILE, EDIT, VIEW, KPI, HELP = "&File", "&Edit", "&View", "&KPI", "&Help"


def actions(window: "MainWindow") -> tuple[Action, ...]:
    """Return everything that can be done in the window."""
    return (*_file(window), *_edit(window), *_pages(window), *_view(window), *_kpi(window), *_help(window))


def entries(window: "MainWindow") -> list[Entry]:
    """Return what the command palette offers now: actions that can be used, KPIs, and workspaces opened lately."""
    groups = {HELP: "Help", **{page.name: "Go to" for page in VIEWS}}
    session, pages, menus = window.session, window.pages, window.menus
    found = [
        Entry(
            groups.get(action.id) or groups.get(action.menu, "Do"),
            menus.label(action),
            action.shown_keys,
            action.function,
            action.aliases,
            action.icon,
        )
        for action in window.actions_
        if not menus.reason(action) and action.id != "palette" and action.opens is None
    ]
    workspace = session.workspace
    dashboard = window.dashboard.shown
    values = {} if dashboard is None else {card.kpi: f"{card.value}, {card.chip.lower()}" for card in dashboard.cards}
    figures = {} if dashboard is None else {card.kpi: card.figure for card in dashboard.cards}
    for kpi in () if workspace is None else workspace.catalog.active:
        aliases = tuple(word for word in (kpi.id.replace("_", " "), kpi.owner) if word)
        about = ", ".join(part for part in ("KPI", values.get(kpi.id, ""), kpi.owner) if part)
        found.append(Entry("Go to", kpi.name, "", partial(pages.open, "kpi", kpi.id), aliases, "target", about))
        if figure := figures.get(kpi.id):
            show, words = partial(session.show_working.emit, figure), f"Show the working of {kpi.name}"
            found.append(Entry("Do", words, "", show, ("why", "explain"), "list-checks"))
    for goal in window.goals.of_quarter:
        about = ", ".join(part for part in ("Goal", goal.owner) if part)
        found.append(Entry("Go to", goal.name, "", partial(pages.open, "goals"), (goal.owner,), "flag", about))
    for path in map(Path, session.recent()):
        if workspace is None or path != workspace.path:
            run = partial(session.open_workspace, path)
            found.append(Entry("Do", f"Open {path.stem}", "", run, (), "folder-open", "Workspace"))
    return found


def _file(window: "MainWindow") -> tuple[Action, ...]:
    files, session = window.files, window.session

    def recent() -> tuple[tuple[str, Callable[[], None]], ...]:
        paths = [Path(path) for path in session.recent()]
        entries = [(f"{path.stem}  ({path.parent})", partial(session.open_workspace, path)) for path in paths]
        return (*entries, ("", files.open), ("Clear recent", session.forget_recent))

    def no_recent() -> str:
        return "" if session.has_recent else "No workspace was opened yet"

    return (
        Action("new", "&New workspace…", FILE, files.new, "Ctrl+N", "file-plus", aliases=("create", "empty")),
        Action("open", "&Open workspace…", FILE, files.open, "Ctrl+O", "folder-open"),
        Action("recent", "Open &recent", FILE, files.open, opens=recent, unusable=no_recent),
        Action("read", "Open for readin&g only…", FILE, files.open_to_read, "", "lock", aliases=("read only", "look")),
        Action(
            "sample", "Open the sa&mple workspace", FILE, session.open_sample, "", "play", aliases=("demo", "Fernhill")
        ),
        Action(
            "import",
            "&Import data…",
            FILE,
            files.import_data,
            "Ctrl+I",
            "upload",
            aliases=("upload", "CSV", "Excel file"),
            section=1,
            writes=True,
        ),
        Action(
            "import_folder",
            "Import a fol&der…",
            FILE,
            files.import_folder,
            "",
            "folder-open",
            aliases=("several files", "directory"),
            section=1,
            writes=True,
        ),
        Action(
            "paste",
            "Import a pasted ta&ble",
            FILE,
            window.pasting.paste,
            "",
            "copy",
            aliases=("clipboard", "paste"),
            section=1,
            writes=True,
            unusable=window.pasting.unusable,
        ),
        Action(
            "missing-deals",
            "Missing dea&ls…",
            FILE,
            partial(window.act, "imports", "missing/"),
            "",
            "circle-question-mark",
            needs_workspace=True,
            aliases=("vanished", "lost or deleted", "not in the export"),
            section=1,
        ),
        Action(
            "templates",
            "Get &template files…",
            FILE,
            files.get_templates,
            "",
            "file-spreadsheet",
            aliases=("forms", "spreadsheet"),
            section=1,
        ),
        Action(
            "export",
            "&Export Excel summary…",
            FILE,
            files.export,
            "Ctrl+Shift+E",
            "share",
            needs_workspace=True,
            aliases=("XLSX", "report"),
            section=1,
        ),
        Action(
            "copy",
            "&Save a copy…",
            FILE,
            files.save_copy,
            "Ctrl+Shift+S",
            "download",
            needs_workspace=True,
            aliases=("backup",),
            section=1,
        ),
        Action(
            "close",
            "&Close workspace",
            FILE,
            files.close,
            "Ctrl+W",
            "arrow-right-from-line",
            needs_workspace=True,
            section=2,
        ),
        Action("quit", "&Quit", FILE, window.quit, "Ctrl+Q", "arrow-right-from-line", aliases=("exit",), section=2),
    )


def _edit(window: "MainWindow") -> tuple[Action, ...]:
    undo = window.undo

    def no_undo() -> str:
        return "" if window.pages.undoable or undo.last is not None else "There is nothing to undo"

    def take_back() -> None:
        if window.pages.undoable:
            window.pages.undo()
        else:
            undo.undo_last()

    return (
        Action(
            "undo",
            "&Undo last import",
            EDIT,
            take_back,
            "Ctrl+Z",
            "undo-2",
            needs_workspace=True,
            aliases=("take back",),
            writes=True,
            unusable=no_undo,
        ),
        Action(
            "clipboard",
            "&Copy",
            EDIT,
            window.copying.copy,
            "Ctrl+C",
            "copy",
            aliases=("clipboard",),
            section=1,
            unusable=window.copying.unusable,
        ),
        Action(
            "palette", "&Search or run…", EDIT, window.open_palette, "Ctrl+K", "search", aliases=("find",), section=2
        ),
    )


def _pages(window: "MainWindow") -> tuple[Action, ...]:
    pages = window.pages
    return tuple(
        Action(
            page.name,
            page.text,
            VIEW,
            partial(pages.open, page.name),
            page.shortcut,
            page.make.icon,
            needs_workspace=True,
            aliases=page.aliases,
        )
        for page in VIEWS
        if page.text
    )


def _view(window: "MainWindow") -> tuple[Action, ...]:
    pages, looks = window.pages, window.appearance

    def no_way(by: int) -> str:
        return "" if pages.trail.reaches(by) else f"There is no page to go {'back' if by < 0 else 'forward'} to"

    sizes = (
        Action(
            f"text-{size}",
            f"{size}%",
            f"{VIEW}/&Text size",
            partial(looks.set_text_size, size),
            icon="type",
            section=1,
            checked=lambda size=size: theme.text_size() == size,  # type: ignore[misc]
        )
        for size in TEXT_SIZES
    )
    themes = (
        Action(
            f"theme-{name}",
            text,
            f"{VIEW}/T&heme",
            partial(looks.set_theme, name),
            icon="sliders-horizontal",
            aliases=("theme", "colours", "appearance"),
            checked=lambda name=name: looks.theme == name,  # type: ignore[misc]
        )
        for name, text in THEMES
    )
    return (
        Action(
            "back",
            "&Back",
            VIEW,
            partial(pages.step, -1),
            "Alt+Left",
            "chevron-left",
            section=1,
            mac="Ctrl+[",
            unusable=partial(no_way, -1),
        ),
        Action(
            "forward",
            "&Forward",
            VIEW,
            partial(pages.step, 1),
            "Alt+Right",
            "chevron-right",
            section=1,
            mac="Ctrl+]",
            unusable=partial(no_way, 1),
        ),
        Action(
            "sidebar",
            "&Sidebar",
            VIEW,
            window.toggle_sidebar,
            "F9",
            "layers",
            needs_workspace=True,
            section=2,
            mac="Meta+Ctrl+S",
            checked=lambda: window.sidebar.wide,
        ),
        Action(
            "larger",
            "&Larger",
            f"{VIEW}/&Text size",
            partial(looks.step_text, 1),
            "Ctrl+= Ctrl++",
            "type",
            aliases=("zoom in", "bigger text"),
            unusable=partial(looks.end_of_sizes, 1),
        ),
        Action(
            "smaller",
            "&Smaller",
            f"{VIEW}/&Text size",
            partial(looks.step_text, -1),
            "Ctrl+-",
            "type",
            aliases=("zoom out", "smaller text"),
            unusable=partial(looks.end_of_sizes, -1),
        ),
        Action(
            "actual",
            "&Actual size",
            f"{VIEW}/&Text size",
            partial(looks.set_text_size, 100),
            "Ctrl+0",
            "type",
            aliases=("reset zoom", "normal text"),
        ),
        *sizes,
        *themes,
        Action(
            "full",
            "F&ull screen",
            VIEW,
            looks.toggle_full_screen,
            "F11",
            "focus",
            section=3,
            mac="Meta+Ctrl+F",
            checked=window.isFullScreen,
        ),
    )


def _kpi(window: "MainWindow") -> tuple[Action, ...]:
    kpis = window.kpis

    def no_kpi() -> str:
        return "" if window.pages.shown == "kpis" and kpis.saved is not None else "Open a KPI first"

    def not_joining() -> str:
        return kpis.not_ready() if window.pages.shown == "kpis" else "Open a KPI first"

    def not_active() -> str:
        return no_kpi() or ("" if kpis.saved is not None and kpis.saved.active else "It is not on the dashboard")

    return (
        Action(
            "new-kpi",
            "&New KPI",
            KPI,
            partial(window.act, "kpis", "new"),
            "Ctrl+Shift+K",
            "plus",
            needs_workspace=True,
            aliases=("define", "add a KPI"),
            writes=True,
        ),
        Action("edit-kpi", "&Edit this KPI", KPI, window.edit_kpi, "Ctrl+E", "pencil", unusable=window.no_kpi_to_edit),
        Action("save-kpi", "&Save this definition", KPI, kpis.save, "Ctrl+S", "check", writes=True, unusable=no_kpi),
        Action(
            "join-kpi",
            "&Add to the dashboard",
            KPI,
            kpis.join,
            "Ctrl+Shift+D",
            "plus",
            aliases=("activate", "put on the dashboard"),
            writes=True,
            unusable=not_joining,
        ),
        Action(
            "retire-kpi",
            "&Retire this KPI",
            KPI,
            kpis.retire_shown,
            "",
            "trash-2",
            aliases=("remove", "take off the dashboard"),
            section=1,
            writes=True,
            unusable=not_active,
        ),
        Action(
            "working",
            "Show the &working",
            KPI,
            window.show_working,
            "Alt+Return",
            "list-checks",
            needs_workspace=True,
            aliases=("explain", "why", "rows behind a number"),
            section=2,
        ),
        Action("versions", "&Versions of this KPI", KPI, kpis.show_versions, "", "history", section=1, unusable=no_kpi),
        Action(
            "add-note",
            "Add a no&te",
            KPI,
            window.kpi.begin_note,
            "Ctrl+Shift+N",
            "message-square",
            aliases=("annotation", "comment"),
            writes=True,
            unusable=window.no_kpi_to_edit,
        ),
        Action(
            "new-goal",
            "New &goal",
            KPI,
            partial(window.act, "goals", "new"),
            "",
            "flag",
            needs_workspace=True,
            aliases=("objective", "key result", "OKR"),
            section=2,
            writes=True,
        ),
    )


def _help(window: "MainWindow") -> tuple[Action, ...]:
    menu = window.help_menu
    return (
        Action("help", "&Help for this page", HELP, menu.help, "F1", "circle-question-mark", aliases=("manual", "how")),
        Action("keys", "&Keyboard shortcuts", HELP, menu.shortcuts, "Ctrl+/", "key-round", aliases=("hotkeys",)),
        Action("log", "Open &log folder", HELP, crash.open_log_folder, "", "folder-open", section=1),
        Action("about", "&About KPIDesk", HELP, menu.about, "", "info", aliases=("version", "licences"), section=1),
    )
