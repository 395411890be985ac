"""The colours keep their contrast and live in one file."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOKENS = tomllib.loads((ROOT / "resources/themes/tokens.toml").read_text(encoding="utf-8"))
GROUNDS = ("window", "canvas", "surface", "subtle", "hover", "selected")
# (foreground, background, least contrast): 4.5 for text, 3 for marks and outlines.
PAIRS = [
    *((fore, back, 4.5) for fore in ("text", "text2", "text3") for back in GROUNDS[:5]),
    *((fore, "selected", 4.5) for fore in ("text", "text2")),
    *(("accent_text", back, 4.5) for back in (*GROUNDS, "accent_soft")),
    *(("on_accent", back, 4.5) for back in ("accent", "accent_press")),
    *((f"{status}_fg", f"{status}_bg", 4.5) for status in ("good", "warn", "bad", "none")),
    *((f"{status}_fg", back, 4.5) for status in ("good", "warn", "bad", "none") for back in ("surface", "canvas")),
    *((status, back, 3.0) for status in ("good", "warn", "bad", "none") for back in ("surface", "canvas")),
    *(("control", back, 3.0) for back in ("surface", "canvas", "subtle")),
    *(("focus", back, 3.0) for back in GROUNDS),
    *((mark, back, 3.0) for mark in ("data", "data_fill", "data_prev", "target") for back in ("surface",)),
    *((fore, "tip_bg", 4.5) for fore in ("tip_fg", "tip_link")),
]


def _light(value: str) -> float:
    parts = [int(value[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_can_be_read(theme: str) -> None:
    tokens = TOKENS[theme]
    failing = [
        f"{fore} on {back}: {ratio:.2f}"
        for fore, back, least in PAIRS
        if (ratio := _contrast(tokens[fore], tokens[back])) < least
    ]
    assert failing == []


def test_both_themes_have_the_same_tokens() -> None:
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


def test_no_colour_is_written_outside_of_the_token_file() -> None:
    colours = re.compile(r"""["']#[0-9A-Fa-f]{3,8}["']|Qt\.GlobalColor\.(?!transparent)|QColor\(\s*\d|setStyleSheet""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "kpidesk/ui").rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if colours.search(line)
    ]
    assert found == []
