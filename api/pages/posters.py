"""Posters for videos without pictures: drawn from the genre and the id, and always the same for the same video.

A genre has a palette and a motif, a video a composition of its own; what comes
out is SVG markup with nothing in it that anybody wrote, 160 by 90 units.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple
from uuid import UUID

from markupsafe import Markup

WIDTH, HEIGHT = 160, 90


class Palette(NamedTuple):
    """Four colours that stand beside each other: the ground, two that are laid on it, and one that stands out."""

    ground: str
    deep: str
    bright: str
    spark: str


PALETTES = (
    Palette("#f2b632", "#d9572b", "#f7e3b0", "#33261d"),
    Palette("#16324f", "#2a628f", "#81c3d7", "#f4d35e"),
    Palette("#e8dcc4", "#3d7068", "#e06d4c", "#14453d"),
    Palette("#241734", "#5d2e8c", "#ff6b9d", "#c6f135"),
    Palette("#f4f1ea", "#e4432b", "#1b1b1b", "#f7b32b"),
    Palette("#0f3d3e", "#1f7a6d", "#e2dcc8", "#ff7f50"),
    Palette("#ffd6e0", "#ef476f", "#7b2cbf", "#fffbe6"),
    Palette("#40341f", "#8a6d3b", "#e9d8a6", "#94d2bd"),
    Palette("#dbe7f3", "#4361ee", "#1d2b64", "#ff9f1c"),
    Palette("#1c1c22", "#3d4250", "#c9ced6", "#ff4d3d"),
)

Pen = Callable[[Random, Palette], str]


def _arcs(chance: Random, palette: Palette) -> str:
    x, y = chance.choice((20, 50, 120, 150)), chance.choice((0, 45, 90))
    turns = (palette.deep, palette.bright, palette.deep, palette.spark)
    radii = range(chance.randint(84, 96), 10, -chance.randint(18, 22))
    return "".join(_disc(x, y, radius, turns[place % 4]) for place, radius in enumerate(radii))


def _waves(chance: Random, palette: Palette) -> str:
    drawn = _sun(chance, palette)
    for place, colour in enumerate((palette.bright, palette.deep, palette.ground, palette.deep)):
        y, swing, length = 36 + 14 * place, chance.randint(5, 11), chance.choice((20, 27, 40))
        crests = f"q{length} {-2 * swing} {2 * length} 0t{2 * length} 0" * 3
        drawn += f'<path fill="{colour}" d="M{-chance.randint(0, 40)} {y}{crests}V90H-40z"/>'
    return drawn


def _tiles(chance: Random, palette: Palette) -> str:
    quarter = (
        "h30a30 30 0 0 1-30 30z",
        "h30v30a30 30 0 0 1-30-30z",
        "v30h30a30 30 0 0 0-30-30z",
        "m30 0v30h-30a30 30 0 0 1 30-30z",
    )
    colours = (palette.deep, palette.bright, palette.deep, palette.spark)
    paths = dict.fromkeys(colours, "")
    for x in range(-10, WIDTH, 30):
        for y in range(0, HEIGHT, 30):
            paths[chance.choice(colours)] += f"M{x} {y}{chance.choice(quarter)}"
    return "".join(f'<path fill="{colour}" d="{path}"/>' for colour, path in paths.items())


def _bars(chance: Random, palette: Palette) -> str:
    drawn = ""
    phase, accent = chance.random() * 6, chance.randrange(11)
    for place in range(11):
        height = round(16 + 50 * abs(math.sin(phase + place * 0.55)) + chance.randint(0, 8))
        colour = palette.spark if place == accent else (palette.deep, palette.bright)[place % 2]
        x, y = place * 14 + 5, (HEIGHT - height) // 2
        drawn += f'<rect x="{x}" y="{y}" width="9" height="{height}" rx="4" fill="{colour}"/>'
    return drawn


def _rays(chance: Random, palette: Palette) -> str:
    x, y = chance.randint(30, 130), chance.choice((90, 70, 100))
    turn, path = chance.random(), ""
    for place in range(9):
        first, second = (turn + place * 0.698, turn + place * 0.698 + 0.349)
        path += f"M{x} {y}l{220 * math.cos(first):.0f} {220 * math.sin(first):.0f}"
        path += f"L{x + 220 * math.cos(second):.0f} {y + 220 * math.sin(second):.0f}z"
    return f'<path fill="{palette.deep}" d="{path}"/>{_disc(x, y, 34, palette.bright)}{_disc(x, y, 20, palette.spark)}'


def _hills(chance: Random, palette: Palette) -> str:
    drawn = _sun(chance, palette)
    for place, colour in enumerate((palette.bright, palette.deep)):
        points = "".join(
            f"L{x} {chance.randint(28, 58) + 16 * place if number % 2 else chance.randint(56, 70) + 10 * place}"
            for number, x in enumerate(range(-16, 200, 27))
        )
        drawn += f'<path fill="{colour}" d="M-40 90{points}V90z"/>'
    return drawn


def _dots(chance: Random, palette: Palette) -> str:
    x, y = chance.randint(0, WIDTH), chance.randint(0, HEIGHT)
    sizes: dict[tuple[int, str], str] = {}
    for column in range(10, WIDTH, 20):
        for row in range(9, HEIGHT, 18):
            near = max(2, round(17 - math.hypot(column - x, row - y) / 8))
            colour = palette.spark if near > 14 else palette.bright if near > 7 else palette.deep  # noqa: PLR2004 - bright where it is near
            sizes[near, colour] = sizes.get((near, colour), "") + f"M{column} {row}h0"
    return "".join(
        f'<path stroke="{colour}" stroke-width="{size}" stroke-linecap="round" d="{path}"/>'
        for (size, colour), path in sizes.items()
    )


def _folds(chance: Random, palette: Palette) -> str:
    drawn, lean = "", chance.choice((-1, 1)) * chance.randint(30, 60)
    edge = -60
    colours = (palette.deep, palette.bright, palette.ground, palette.spark)
    for place in range(9):
        breadth = chance.randint(8, 38)
        drawn += f'<path fill="{colours[place % 4]}" d="M{edge} 0h{breadth}l{lean} 90h-{breadth}z"/>'
        edge += breadth + chance.choice((0, 0, 8))
    return drawn


def _sun(chance: Random, palette: Palette) -> str:
    return _disc(chance.randint(24, 136), chance.randint(18, 36), chance.randint(9, 18), palette.spark)


def _disc(x: int, y: int, radius: int, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'


MOTIFS: tuple[Pen, ...] = (_arcs, _waves, _tiles, _bars, _rays, _hills, _dots, _folds)

KNOWN: Mapping[str, tuple[int, Pen]] = {
    "cooking": (0, _arcs),
    "science": (1, _dots),
    "travel": (2, _hills),
    "gaming": (3, _tiles),
    "fitness": (4, _folds),
    "music": (5, _bars),
    "comedy": (6, _rays),
    "craft": (7, _waves),
}
"""Genres that look their part; any other takes its look from its name."""


def poster(video_id: UUID, genre: str | None) -> Markup:
    """The picture of a video, for decoration only: it says nothing that the page does not say in words."""
    named = int.from_bytes(hashlib.sha256((genre or "").encode()).digest()[:4])
    number, pen = KNOWN.get(genre or "", (named % len(PALETTES), MOTIFS[named // 16 % len(MOTIFS)]))
    chance = Random(video_id.int)  # noqa: S311 - a drawing, not a secret
    ground, deep, bright, spark = PALETTES[number]
    palette = Palette(*chance.choice(((ground, deep, bright), (bright, deep, ground), (deep, ground, bright))), spark)
    drawn = pen(chance, palette)
    return Markup(  # noqa: S704 - numbers and our own colours, nothing that anybody wrote
        f'<svg class="poster" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice" aria-hidden="true" '
        f'focusable="false"><path fill="{palette.ground}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>{drawn}</svg>'
    )
