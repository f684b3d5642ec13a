"""Charts as lean inline SVG: dots with intervals, a probability bar and the map of two axes.

Colours and fonts stand in the style sheet.

A chart in a table row holds no text: the figures beside it say the same to a screen reader. The map names
itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from listgen.base.text import LANGUAGES

# The map's drawing area in its own units.
LEFT, TOP, WIDTH, HEIGHT = 46, 14, 690, 470
MAP_SIZE = (LEFT + WIDTH + 14, TOP + HEIGHT + 44)
_LINE = 13
_LARGEST = 13.0
_LATIN, _WIDE = 6.3, 11.5
# Which names are placed first and drawn last.
_PROMINENCE = {"listed": 0, "near_miss": 1}


def scale_to(value: float, top: float = 100) -> int:
    """Return a value of 0 to `top` as per cent of a row chart's width, kept inside it."""
    return round(max(0.0, min(top, value)) / top * 100) if top else 0


def dot(
    value: float | None, lo: float | None, hi: float | None, *, top: float = 100, clipped: bool = False
) -> Markup:
    """Return a dot with its interval on a scale of 0 to `top`; nothing when there is no value.

    Heights and colours stand in the style sheet, so that a row costs few bytes.

    Args:
        value: Where the dot stands.
        lo: Lower end of the interval.
        hi: Upper end of the interval.
        top: The scale's upper end.
        clipped: Whether the value lies beyond the scale: an arrowhead takes the dot's place.
    """
    if value is None:
        return Markup("")
    x, line = scale_to(value, top), ""
    if lo is not None and hi is not None:
        start, end = scale_to(lo, top), scale_to(hi, top)
        line = f"<rect x={start}% width={end - start}% />" if end > start else ""
    if clipped:
        arrow = "M7 7L-1 3v8z" if x >= 50 else "M-7 7L1 3v8z"
        return Markup(f'<svg class=d>{line}<svg x={x}%><path d="{arrow}"/></svg></svg>')
    return Markup(f"<svg class=d>{line}<circle cx={x}% /></svg>")


def probability_bar(shares: Sequence[float]) -> Markup:
    """Return a bar divided by probabilities, most severe first."""
    parts, start = [], 0.0
    for index, share in enumerate(shares):
        parts.append(f"<rect class=p{index} x={start * 100:.0f} width={share * 100:.0f} height=8 />")
        start += share
    return Markup('<svg class=p viewBox="0 0 100 8" preserveAspectRatio=none>' + "".join(parts) + "</svg>")


@dataclass(frozen=True)
class Point:
    """A technology on the map; values are scores of 0 to 100."""

    number: int
    href: str
    status: str
    name: dict[str, str]
    x: tuple[float, float, float]
    y: tuple[float, float, float]
    size: float | None


@dataclass(frozen=True)
class Zone:
    """The part of the map in which a rule holds."""

    name: dict[str, str]
    x: tuple[float, float]
    y: tuple[float, float]


Box = tuple[float, float, float, float]


def place_x(score: float) -> float:
    """Return the horizontal place of a score on the map."""
    return LEFT + score / 100 * WIDTH


def place_y(score: float) -> float:
    """Return the vertical place of a score on the map."""
    return TOP + HEIGHT - score / 100 * HEIGHT


def radius(size: float | None) -> float:
    """Return the radius of a symbol whose area grows with the score.

    A missing score is drawn small and as a cross.
    """
    return 4.0 if size is None else max(3.0, _LARGEST * sqrt(max(size, 0.0) / 100))


def map_body(points: Sequence[Point], zones: Sequence[Zone]) -> Markup:
    """Return the inside of the map: grid, zones, intervals, symbols and labels.

    Axis titles are the template's.
    """
    ordered = sorted(points, key=lambda p: (-_PROMINENCE.get(p.status, 2), -(p.size or 0), p.number))
    parts = [*_grid(), *_zones(zones), *(_cross_hair(p) for p in ordered), *(_symbol(p) for p in ordered)]
    for language in LANGUAGES:
        labels = Markup("").join(_labels(points, zones, language))
        parts.append(Markup('<g lang={} class=l aria-hidden="true">{}</g>').format(language, labels))
    return Markup("").join(parts)


def _grid() -> list[Markup]:
    parts = []
    for score in range(0, 101, 20):
        x, y = place_x(score), place_y(score)
        parts.append(f'<path class=g d="M{x:.0f} {TOP}V{TOP + HEIGHT}M{LEFT} {y:.0f}H{LEFT + WIDTH}"/>')
        parts.append(f"<text class=t x={x:.0f} y={TOP + HEIGHT + 16} text-anchor=middle>{score}</text>")
        parts.append(f"<text class=t x={LEFT - 7} y={y + 4:.0f} text-anchor=end>{score}</text>")
    return [Markup(part) for part in parts]


def _zones(zones: Sequence[Zone]) -> list[Markup]:
    parts = []
    for zone in zones:
        x, y = place_x(zone.x[0]), place_y(zone.y[1])
        width, height = place_x(zone.x[1]) - x, place_y(zone.y[0]) - y
        parts.append(Markup(f"<rect class=z x={x:.0f} y={y:.0f} width={width:.0f} height={height:.0f} />"))
        for language in LANGUAGES:
            _, right, base, _ = _zone_name(zone, language)
            parts.append(
                Markup("<text class=zt lang={} x={} y={} text-anchor=end>{}</text>").format(
                    language, right, base, zone.name[language]
                )
            )
    return parts


def _zone_name(zone: Zone, language: str) -> tuple[int, int, int, int]:
    """Return left, right, baseline and top of a zone's name in its upper right corner."""
    right, base = round(place_x(zone.x[1]) - 5), round(place_y(zone.y[1]) + 14)
    return round(right - _width(zone.name[language])), right, base, base - _LINE


def _cross_hair(point: Point) -> Markup:
    x, y = place_x(point.x[0]), place_y(point.y[0])
    across = f"M{place_x(point.x[1]):.0f} {y:.0f}H{place_x(point.x[2]):.0f}"
    return Markup(
        f'<path class="c {point.status}" d="{across}M{x:.0f}'
        f' {place_y(point.y[1]):.0f}V{place_y(point.y[2]):.0f}"/>'
    )


def _symbol(point: Point) -> Markup:
    x, y, r = place_x(point.x[0]), place_y(point.y[0]), radius(point.size)
    if point.size is None:
        shape = (
            f'<path class=x d="M{x - r:.0f} {y - r:.0f}L{x + r:.0f} {y + r:.0f}M{x - r:.0f}'
            f' {y + r:.0f}L{x + r:.0f} {y - r:.0f}"/>'
        )
    elif point.status == "near_miss":
        # A square on its corner with the area of the circle it stands for.
        h = r * 1.2533
        shape = f'<path d="M{x:.1f} {y - h:.1f}l{h:.1f} {h:.1f}l-{h:.1f} {h:.1f}l-{h:.1f}-{h:.1f}z"/>'
    else:
        shape = f"<circle cx={x:.0f} cy={y:.0f} r={r:.1f} />"
    return Markup('<a href="{}" class="s {}"><title>{} {} / {}</title>{}</a>').format(
        point.href, point.status, point.number, point.name["en"], point.name["ja"], Markup(shape)
    )


def _labels(points: Sequence[Point], zones: Sequence[Zone], language: str) -> list[Markup]:
    """Return labels that collide with no symbol and no other label.

    Names where they fit, else the number alone.
    """
    taken: list[Box] = [_around(point) for point in points]
    for zone in zones:
        left, right, base, top = _zone_name(zone, language)
        taken.append((left, top, right, base))
    found = []
    for point in sorted(points, key=lambda p: (_PROMINENCE.get(p.status, 2), p.number)):
        names = [f"{point.number} {point.name[language]}"] if point.status in _PROMINENCE else []
        for text in [*names, str(point.number)]:
            spot = next((spot for spot in _spots(point, _width(text)) if _free(spot[2], taken)), None)
            if spot is not None:
                taken.append(spot[2])
                found.append(Markup("<text x={} y={}>{}</text>").format(round(spot[0]), round(spot[1]), text))
                break
    return found


def _width(text: str) -> float:
    return sum(_WIDE if ord(letter) > 0x2E80 else _LATIN for letter in text)


def _around(point: Point) -> Box:
    x, y, r = place_x(point.x[0]), place_y(point.y[0]), radius(point.size)
    return (x - r, y - r, x + r, y + r)


def _spots(point: Point, width: float) -> list[tuple[float, float, Box]]:
    """Return where a label may stand, best first.

    The corners, clear of the point's own intervals, then the sides.
    """
    x, y, r = place_x(point.x[0]), place_y(point.y[0]), radius(point.size)
    near = r * 0.6 + 4
    starts = [
        (x + near, y - near),
        (x + near, y + near + 8),
        (x - near - width, y - near),
        (x - near - width, y + near + 8),
    ]
    starts += [
        (x + r + 4, y + 4),
        (x - r - 4 - width, y + 4),
        (x - width / 2, y - r - 4),
        (x - width / 2, y + r + 13),
    ]
    return [(left, base, (left, base - _LINE + 3, left + width, base + 3)) for left, base in starts]


def _free(box: Box, taken: Sequence[Box]) -> bool:
    inside = box[0] >= LEFT and box[2] <= LEFT + WIDTH and box[1] >= TOP and box[3] <= TOP + HEIGHT
    return inside and not any(
        box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken
    )


# ---- shares by year ------------------------------------------------------------------------------

_YEARS_BOX = (340, 132)
_PLOT = (36.0, 8.0, 334.0, 112.0)
_STEPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)

Share = tuple[int, float | None, float | None, float | None]


def years(own: Sequence[Share], other: Sequence[Share], *, label: str) -> Markup:
    """Return yearly shares as a line with its band, and another country's as a dashed line.

    A year without a share leaves a gap.

    Args:
        own: Year, share, lower and upper end for each year.
        other: The same for the other country; may be empty.
        label: The element that names the drawing for those who cannot see it.
    """
    highest = max((high for share in (*own, *other) for high in share[1:] if high is not None), default=0.0)
    top = next((step for step in _STEPS if step >= highest), 1.0)
    first, last = own[0][0], own[-1][0]
    left, upper, right, lower = _PLOT

    def place(year: int, share: float) -> str:
        return (
            f"{left + (year - first) / max(1, last - first) * (right - left):.0f}"
            f" {lower - share / top * (lower - upper):.1f}"
        )

    parts = [
        f'<svg class=yr viewBox="0 0 {_YEARS_BOX[0]} {_YEARS_BOX[1]}" role=img aria-labelledby="{label}">'
    ]
    for share in (0.0, top / 2, top):
        y = lower - share / top * (lower - upper)
        parts.append(
            f'<path class=g d="M{left:.0f} {y:.1f}H{right:.0f}"/><text x={left - 5:.0f} y={y + 4:.1f}'
            f" text-anchor=end>{share * 100:g}%</text>"
        )
    for year, anchor in ((first, "start"), ((first + last) // 2, "middle"), (last, "end")):
        parts.append(
            f"<text x={place(year, 0).split()[0]} y={lower + 16:.0f} text-anchor={anchor}>{year}</text>"
        )
    for run in _runs(own):
        ends = [place(year, hi or 0) for year, _, _, hi in run] + [
            place(year, lo or 0) for year, _, lo, _ in reversed(run)
        ]
        parts.append(f'<path class=w d="M{"L".join(ends)}z"/>')
    for name, shares in (("o", other), ("l", own)):
        parts += [
            f'<path class={name} d="M{"L".join(place(year, value or 0) for year, value, _, _ in run)}"/>'
            for run in _runs(shares)
        ]
    for year, value, _, _ in own:
        if value is not None:
            across, down = place(year, value).split()
            parts.append(f"<circle cx={across} cy={down} r=2.6 />")
    return Markup("".join([*parts, "</svg>"]))


def _runs(shares: Sequence[Share]) -> list[list[Share]]:
    """Return the stretches of years that have a share."""
    found: list[list[Share]] = [[]]
    for share in shares:
        if share[1] is None:
            found.append([])
        else:
            found[-1].append(share)
    return [run for run in found if run]
