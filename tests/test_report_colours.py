"""Colours that mean something stay apart for readers who see colours otherwise, and on paper in grey."""

import itertools
import math
import re
from pathlib import Path

import pytest

from listgen import report

ASSETS = Path(report.__file__).parent / "assets"
STYLE = "".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.css")))
# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision
# deficiency, severity 1, linear RGB.
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}
# CIE76: 2.3 is just noticeable, 20 is told apart at a glance.
APART = 20


def colour_of(selector: str, prop: str) -> str:
    """Return the colour a rule sets, variables resolved."""
    block = re.search(re.escape(selector) + r"\{([^}]*)\}", STYLE)[1]
    value = re.search(rf"(?:^|;){prop}:(?:[^;#v]*)(#[0-9a-f]{{3,6}}|var\(--\w+\))", block)[1]
    return re.search(rf"{value[4:-1]}:(#[0-9a-f]{{3,6}})", STYLE)[1] if value.startswith("var") else value


def seen(colour: str, sight: str) -> tuple[float, ...]:
    """Return CIELAB of a colour as it is seen."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    r, g, b = (
        min(1.0, max(0.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in SIGHT[sight]
    )
    x, y, z = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    fx, fy, fz = (
        c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in (x / 0.95047, y, z / 1.08883)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


STATUS = {
    "listed": colour_of(".m.listed", "background"),
    "near miss": colour_of(".m.near_miss", "background"),
}
RISK = {name: colour_of(f".{name}", "fill") for name in ("p0", "p1", "p2")}
LINES = {"own": colour_of(".yr .l", "stroke"), "other": colour_of(".yr .o", "stroke")}


def test_a_known_pair_is_as_far_apart_as_the_books_say():
    white, black = seen("#ffffff", "usual"), seen("#000", "usual")
    assert white[0] == pytest.approx(100, abs=0.1) and black[0] == pytest.approx(0, abs=0.1)
    assert math.dist(seen("#ff0000", "usual"), seen("#00ff00", "usual")) == pytest.approx(170.6, abs=1)


@pytest.mark.parametrize("sight", [name for name in SIGHT if name != "grey"])
@pytest.mark.parametrize("palette", [STATUS, RISK, LINES], ids=["status", "risk", "lines"])
def test_colours_are_told_apart_whatever_colours_a_reader_sees(palette, sight):
    for (one, a), (other, b) in itertools.combinations(palette.items(), 2):
        assert math.dist(seen(a, sight), seen(b, sight)) >= APART, f"{one} and {other}: {sight}"


def test_shades_that_rank_keep_their_order_in_grey():
    lightness = [seen(colour, "grey")[0] for colour in RISK.values()]
    heat = [seen(colour_of(f".h{n}", "background"), "grey")[0] for n in range(1, 6)]
    for shades in (lightness, heat[::-1]):
        assert all(b - a > 5 for a, b in itertools.pairwise(shades)), shades
