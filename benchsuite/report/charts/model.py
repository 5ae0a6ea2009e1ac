"""Charts before they are drawn: what to show, where, and in which words."""

from __future__ import annotations

from dataclasses import dataclass

from benchsuite.analysis import Estimate


@dataclass(frozen=True)
class Axis:
    """A heading with its unit, the ends, and the ticks as (value, text), the same in every form of the chart."""

    heading: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = True


@dataclass(frozen=True)
class Dot:
    """One job on a line of its own. `text` is its value in words, with the digits that the interval supports."""

    case: str
    label: str
    family: str
    on_cpu: bool
    estimate: Estimate
    text: str
    best: bool


@dataclass(frozen=True)
class Dots:
    """Jobs under one another, grouped by case, on one axis; `reference` is a value to mark with a line."""

    axis: Axis
    dots: tuple[Dot, ...]
    reference: float | None = None


@dataclass(frozen=True)
class Place:
    """A point of a curve: where it is, its value with its interval, and both in words.

    `mark` is a word or two to write beside it, for the few points that a reader looks for; `across` is the interval
    of `x` where that was measured too.
    """

    x: float
    y: Estimate
    text: str
    mark: str = ""
    across: tuple[float, float] | None = None


@dataclass(frozen=True)
class Curve:
    """Points of one backend or job in the order of x; joined by a line, or each for itself.

    `end` is what to write where the curve ends: the run's letter, the slope.
    """

    label: str
    family: str
    on_cpu: bool
    places: tuple[Place, ...]
    joined: bool = True
    end: str = ""


@dataclass(frozen=True)
class Rule:
    """A line that was not measured point by point: a ceiling, a fit, a break-even. `text` stands beside it."""

    text: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


@dataclass(frozen=True)
class Band:
    """An interval of x, over the whole height: where a break-even lies."""

    text: str
    low: float
    high: float


@dataclass(frozen=True)
class Plane:
    """Curves over two axes. `title` tells it from its neighbours, empty where it is alone."""

    title: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    rules: tuple[Rule, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A picture: one or more panels of one kind. `caption` says in a sentence or two what to read from it.

    `name` is that of its files: `kind`, then what tells it from others of its kind; `title` says what is drawn. The
    caption is also the text alternative. `family` names the workloads that it shows where they are of one family (see
    `families`), and is empty where they are of several.
    """

    name: str
    title: str
    caption: str
    panels: tuple[Dots, ...] | tuple[Plane, ...]
    kind: str = ""
    family: str = ""
