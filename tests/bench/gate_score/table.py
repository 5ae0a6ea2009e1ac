"""The tables of results/gate-score.md."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from tests.bench.gate_score.rules import Outcome
from tests.bench.gate_score.score import CHANGES, Ours, Score

_POWER = CHANGES[1:]
_UNDECIDED: tuple[Outcome, ...] = ("unclear", "ungateable")
_HEADER = (
    "rule",
    "data",
    "n",
    "false alarms per 1000",
    "95 %",
    "by group",
    *(f"+{100 * change:g} %" for change in _POWER),
    "called faster",
    "unclear",
    "ungateable",
    "covers",
    "seconds",
)
_PARTS = ("4/5 of it seen", "seen", "5/4 of it seen")
_TOLD: tuple[Outcome, ...] = ("slower", "ungateable", "unclear", "same", "faster")
_INJECTED: tuple[Outcome, ...] = ("slower", "faster", *_UNDECIDED)
_INJECTED_HEADER = (
    "rule", "data", "true change", "n", "called slower", "called faster", "unclear", "ungateable", "covers"
)  # fmt: skip


def scores(rows: Iterable[Score]) -> str:
    """A Markdown table, a rule a row; rules without data have none."""
    return _markdown(_HEADER, [_row(score) for score in rows if score.tally.count("all", 0.0)])


def injected(rows: Iterable[Score]) -> str:
    """A Markdown table of what rules made of real slow-downs, a rule and change a row; empty without any."""
    found = [row for score in rows for row in _injected_rows(score)]
    return _markdown(_INJECTED_HEADER, found) if found else ""


def matched(rows: Iterable[Score]) -> str:
    """A Markdown table of power with each rule's threshold put where the earlier half gave 1 % of false alarms."""
    powers = (f"+{100 * change:g} %" for change in _POWER)
    header = ("rule", "data", "learnt on", "scored on", "false alarms per 1000", *powers)
    found = []
    for score in rows:
        threshold, tally = score.threshold, score.tally
        if threshold is None or not tally.count("all", 0.0):
            continue
        shares = [_percent(tally.beyond(threshold, change)) for change in _POWER]
        alarms = _thousandths(tally.beyond(threshold, 0.0))
        found.append((*_title(score), str(len(score.earlier)), str(tally.count("all", 0.0)), alarms, *shares))
    return _markdown(header, found)


def worst(rows: Iterable[Score]) -> str:
    """A Markdown table of the workload on which each rule did worst."""
    header = ("rule", "data", "most false alarms per 1000", "least power at +3 %", "at +5 %", "at +10 %")
    found = []
    for score in (score for score in rows if score.tally.count("all", 0.0)):
        alarms = score.tally.worst("slower", 0.0, most=True)
        least = [score.tally.worst("slower", change, most=False) for change in _POWER[1:]]
        cells = ("-" if one is None else f"{_percent(one[0])}{_where(one[0] < 1, one[1])}" for one in least)
        found.append(
            (
                *_title(score),
                "-" if alarms is None else f"{_thousandths(alarms[0])}{_where(alarms[0] > 0, alarms[1])}",
                *cells,
            )
        )
    return _markdown(header, found)


def _where(worse: bool, workload: str) -> str:
    """The workload that is alone in this, if it is."""
    return f" ({short(workload)})" if worse else ""


def short(workload: str) -> str:
    """A job without what those beside it do not differ in."""
    name, _, rest = workload.partition("@slowed-")
    backend, _, threads = rest.partition("/")
    return ", ".join(filter(None, (name.partition("/")[0], backend.removesuffix("-cpu"), threads.rpartition("/")[2])))


def told(rows: Iterable[Score]) -> str:
    """A Markdown table of all that our rule answers, at each true change."""
    header = ("rule", "data", "true change", *_TOLD)
    found = [
        (
            *_title(score),
            f"+{100 * change:g} %" if change else "none",
            *(_percent(score.tally.rate(what, change)) for what in _TOLD),
        )
        for score in rows
        if isinstance(score.entry, Ours)
        for change in score.tally.changes
    ]
    return _markdown(header, found)


def honesty(rows: Iterable[Score]) -> str:
    """A Markdown table of how often a change of the size that a rule typically said it could see was seen."""
    header = ("rule", "data", "smallest change said, by workload", "asked", *_PARTS, "within a quarter")
    return _markdown(header, [_honesty_row(score) for score in rows if score.tally.said])


def _honesty_row(score: Score) -> tuple[str, ...]:
    said = score.tally.said
    changes = ", ".join(f"{100 * one.change:.1f} %" for one in said)
    seen = (_percent(statistics.fmean(one.seen[part] for one in said)) for part in range(len(_PARTS)))
    holding = f"{sum(one.holds for one in said)} of {len(said)}"
    return (*_title(score), changes, str(sum(one.asked for one in said)), *seen, holding)


def _row(score: Score) -> tuple[str, ...]:
    tally = score.tally
    count = _count(score, 0.0) + (f" from {score.independent}" if score.drawn else "")
    exact = "-" if score.drawn else _range(tally.exact("slower", 0.0))
    # Groups drawn anew from none with an alarm have none either, which says nothing.
    grouped = _range(tally.grouped("slower", 0.0, pools=score.drawn)) if tally.count("slower", 0.0) else "-"
    changed = sum(tally.count("all", change) for change in _POWER)
    return (
        *_title(score),
        count,
        _thousandths(tally.rate("slower", 0.0) or 0.0),
        exact,
        grouped,
        *(_percent(tally.rate("slower", change)) for change in _POWER),
        f"{tally.sign_errors} of {changed}",
        *(_percent(tally.rate(what, 0.0)) if isinstance(score.entry, Ours) else "-" for what in _UNDECIDED),
        _percent(tally.coverage()),
        f"{tally.seconds_a_call:.1f}",
    )


def _injected_rows(score: Score) -> list[tuple[str, ...]]:
    tally, rows = score.tally, []
    for change in tally.changes:
        shares = [_percent(tally.rate(what, change)) for what in _INJECTED]
        # What is drawn from has a middle of its own, and that is not the true change.
        covers = "-" if score.drawn else _percent(tally.coverage(change))
        rows.append((*_title(score), f"+{100 * change:g} %", _count(score, change), *shares, covers))
    return rows


def _count(score: Score, change: float) -> str:
    among = score.tally.count("all", change)
    return f"{among} drawn" if score.drawn else str(among)


def _title(score: Score) -> tuple[str, str]:
    return score.entry.name, score.entry.data


def _range(interval: tuple[float, float]) -> str:
    return " to ".join(map(_thousandths, interval))


def _thousandths(rate: float) -> str:
    return f"{1000 * rate:.1f}" if 0 < rate < 0.01 else f"{1000 * rate:.0f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", "---", *["---:"] * (len(header) - 2)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
