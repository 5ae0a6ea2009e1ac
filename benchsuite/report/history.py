"""Reports of histories: for a terminal, as Markdown, as data, and all of it in files."""

from __future__ import annotations

import dataclasses
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchsuite.analysis.history import Moment
from benchsuite.analysis.trend import Step, Trend
from benchsuite.report.escape import markdown
from benchsuite.report.history_table import LEGEND, PICTURES, columns, date, listed, summary
from benchsuite.report.place import own
from benchsuite.report.table import Column
from benchsuite.report.verdict_table import clean

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = {"slower": "red", "faster": "green", "unclear": "yellow"}
_GAP = "  "
_LEAST_TEXT = 24


@dataclass(frozen=True)
class Sighting:
    """All that was looked at: a metric, the runs, the trends, and the files that were left out with the reasons."""

    metric: str
    runs: Sequence[Moment]
    trends: Sequence[Trend]
    left_out: Sequence[tuple[str, str]] = ()


def show(seen: Sighting, console: Console) -> None:
    """Write the trends with something to tell, and a summary."""
    _write([_title(seen)], "bold", console)
    console.print()
    found = listed(seen.trends)
    if found:
        _table(columns(found), console)
        console.print()
        _write(textwrap.wrap(LEGEND, console.width), "dim", console)
    _write(textwrap.wrap(summary(seen.trends, len(seen.runs)), console.width), "bold", console)


def _title(seen: Sighting) -> str:
    if not seen.runs:
        return f"History of {clean(seen.metric)}"
    ends = sorted(seen.runs, key=lambda moment: moment.started)
    return f"History of {clean(seen.metric)}, {date(ends[0])} to {date(ends[-1])}"


def _table(found: Sequence[Column], console: Console) -> None:
    numbers, texts = found[:-2], found[-2:]
    widths = [max(map(len, (c.head, *c.cells))) for c in numbers]
    left = max(_LEAST_TEXT, console.width - sum(widths) - len(_GAP) * len(widths))
    _write([_line([c.head for c in numbers], numbers, widths) + texts[0].head], "dim", console)
    for row, state in enumerate(numbers[0].cells):
        head = _line([c.cells[row] for c in numbers], numbers, widths)
        lines = [part for c in texts for part in _folded(c.cells[row], left)]
        _write([head + lines[0], *(" " * len(head) + line for line in lines[1:])], _STYLES.get(state, ""), console)


def _line(cells: Sequence[str], numbers: Sequence[Column], widths: Sequence[int]) -> str:
    return "".join(
        (cell.rjust(width) if column.right else cell.ljust(width)) + _GAP
        for cell, column, width in zip(cells, numbers, widths, strict=True)
    )


def _folded(text: str, width: int) -> list[str]:
    from rich.cells import cell_len, chop_cells

    if cell_len(text) == len(text):
        return textwrap.wrap(text, width, break_on_hyphens=False)
    return chop_cells(text, width)


def _write(lines: Sequence[str], style: str, console: Console) -> None:
    from rich.text import Text

    # A Text is never read as markup, whatever brackets a stored string holds.
    console.print(Text("\n".join(map(str.rstrip, lines)), style), no_wrap=True, overflow="ignore", crop=False)


def write(seen: Sighting, folder: Path, pictures: int) -> list[Path]:
    """Write history.md, history.json and up to `pictures` pictures, worst first; return what was written."""
    from benchsuite.report import history_plot

    folder.mkdir(parents=True, exist_ok=True)
    drawn = history_plot.write(listed(seen.trends)[:pictures], folder)
    documents = {
        "history.md": document(seen, [path.name for path in drawn]),
        "history.json": json.dumps(as_data(seen), indent=1) + "\n",
    }
    for name, content in documents.items():
        own(folder / name).write_text(content, encoding="utf-8")
    return [*(folder / name for name in documents), *drawn]


def document(seen: Sighting, pictures: Sequence[str] = ()) -> str:
    """GitHub-flavoured Markdown."""
    found = listed(seen.trends)
    parts = [f"# {markdown(_title(seen))}", f"**{summary(seen.trends, len(seen.runs))}**"]
    if found:
        parts += [_pipes(columns(found)), LEGEND]
    if pictures:
        parts.append(PICTURES)
    parts += [f"![{name.removesuffix('.png')}]({name})" for name in pictures]
    if seen.left_out:
        parts.append("\n".join(["Left out:", "", *(f"- {markdown(f'{n}: {why}')}" for n, why in seen.left_out)]))
    return "\n\n".join(parts) + "\n"


def _pipes(found: Sequence[Column]) -> str:
    lines = [_pipe(c.head for c in found), _pipe("---:" if c.right else ":---" for c in found)]
    lines += [_pipe(map(markdown, cells)) for cells in zip(*(c.cells for c in found), strict=True)]
    return "\n".join(lines)


def _pipe(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_data(seen: Sighting) -> dict[str, Any]:
    """Plain data fit for JSON: every history with its steps and what its newest runs are; None is what is not known."""
    return {
        "metric": clean(seen.metric),
        "runs": len(seen.runs),
        "summary": summary(seen.trends, len(seen.runs)),
        "left_out": [{"file": clean(name), "reason": clean(why)} for name, why in seen.left_out],
        "histories": [_trend(trend) for trend in seen.trends],
    }


def _trend(trend: Trend) -> dict[str, Any]:
    kind = trend.history.kind
    return {
        "job": clean(kind.job),
        "metric": clean(kind.metric),
        "unit": clean(kind.unit),
        "better": clean(kind.better),
        "protocol": kind.protocol,
        "definition": clean(kind.definition),
        "machine": clean(trend.history.machine),
        "runs": len(trend.history),
        "first": _moment(trend.history.moment(0)),
        "last": _moment(trend.history.moment(-1)),
        "state": trend.state,
        "reason": trend.reason,
        "alarming": trend.alarming,
        "level": trend.level,
        "reach": trend.reach,
        "newest": trend.newest,
        "anchor": None if trend.anchor is None else dataclasses.asdict(trend.anchor),
        "steps": [_step(step) for step in trend.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    ends = {"before": _moment(step.before), "after": _moment(step.after)}
    return {"ratio": step.ratio, "state": step.state, **ends}


def _moment(moment: Moment) -> dict[str, Any]:
    return {"file": clean(moment.name), "started": moment.started, "commit": clean(moment.commit) or None}
