"""Static pictures of charts: a PNG and an SVG file each."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from benchsuite.report.charts.model import Chart, Dots, Plane
from benchsuite.report.drawing import dots, planes
from benchsuite.report.place import own

# Text stays text: it can be searched, copied and read aloud, and takes a third of the room of paths. It is laid out by
# DejaVu Sans, which comes with matplotlib, and Verdana is as wide.
_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "svg.fonttype": "none",
    "svg.hashsalt": "benchsuite",
}


def write(charts: Sequence[Chart], folder: Path, kinds: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Draw each chart into NAME.png, NAME.svg, or both; the same charts give the same bytes."""
    return [path for chart in charts for path in _written(chart, folder, kinds)]


def _written(chart: Chart, folder: Path, kinds: Sequence[str]) -> list[Path]:
    about = {"Title": chart.title, "Description": chart.caption}
    paths = []
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box, which says as much as a warning a letter would.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        figure = draw(chart)
        for kind in kinds:
            paths.append(own(folder / f"{chart.name}.{kind}"))
            _PRINT[kind](figure, paths[-1], about)
    return paths


def _canvas(kind: Any, figure: Figure) -> Any:
    # matplotlib leaves its canvases untyped.
    return kind(figure)


def _png(figure: Figure, path: Path, about: dict[str, str]) -> None:
    _canvas(FigureCanvasAgg, figure).print_png(path, metadata={**about, "Software": None})


def _svg(figure: Figure, path: Path, about: dict[str, str]) -> None:
    # What names a kind of artist becomes the id of an element, which a document must not have twice.
    for number, artist in enumerate(figure.findobj(lambda artist: artist.get_gid() is not None)):
        artist.set_gid(f"{artist.get_gid()}-{number}")
    _canvas(FigureCanvasSVG, figure).print_svg(path, metadata={**about, "Date": None})


# Note: Figure.savefig draws everything once more beforehand, to lay it out, which is done.
_PRINT = {"png": _png, "svg": _svg}


def draw(chart: Chart) -> Figure:
    """Draw one chart; its layout is settled."""
    mine = [panel for panel in chart.panels if isinstance(panel, Dots)]
    if mine:
        return dots.draw(chart.title, mine)
    return planes.draw(chart.title, [panel for panel in chart.panels if isinstance(panel, Plane)])
