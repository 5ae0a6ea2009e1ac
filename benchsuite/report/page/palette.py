"""Colours and shapes of a page's charts, as custom properties of CSS for both themes."""

from __future__ import annotations

from benchsuite.report import style
from benchsuite.report.style import Style

STYLES: tuple[Style, ...] = (*style.FAMILIES.values(), style.OTHER)
FILLS = [f"var(--series-{i})" for i in range(len(STYLES))]
SHAPES = [each.shape for each in STYLES]
INK, FAINT, BAND, PAPER = "var(--chart-ink)", "var(--chart-faint)", "var(--chart-band)", "var(--paper)"

# Outlines for a legend, in a box from -6 to 6; Vega draws the marks of the charts itself.
_OUTLINES = {
    "circle": "M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z",
    "square": "M-4,-4H4V4H-4Z",
    "diamond": "M0,-5.5L4.5,0L0,5.5L-4.5,0Z",
    "triangle-up": "M0,-4.6L4.8,4H-4.8Z",
    "triangle-down": "M0,4.6L4.8,-4H-4.8Z",
    "cross": "M-5,-1.7H-1.7V-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5Z",
}


def index(family: str) -> int:
    """The place of a family's style in STYLES; strangers share the last."""
    return STYLES.index(style.style(family))


def outline(at: int) -> str:
    """The path of a shape, for SVG."""
    return _OUTLINES.get(STYLES[at].shape, _OUTLINES["circle"])


def properties() -> str:
    """Custom properties of both themes. The dark ones hold where the reader or the system asks for them."""
    light = [each.colour for each in STYLES], style.INK, style.FAINT, style.BAND
    dark = [each.on_dark for each in STYLES], style.INK_ON_DARK, style.FAINT_ON_DARK, style.BAND_ON_DARK
    return (
        f":root{{{_declared(*light)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{_declared(*dark)}}}}}\n"
        f":root[data-theme=dark]{{{_declared(*dark)}}}\n"
    )


def _declared(series: list[str], ink: str, faint: str, band: str) -> str:
    pairs = [(f"series-{i}", colour) for i, colour in enumerate(series)]
    pairs += [("chart-ink", ink), ("chart-faint", faint), ("chart-band", band)]
    return "".join(f"--{name}:{colour};" for name, colour in pairs)
