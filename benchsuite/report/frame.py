"""The report as data: one row a job and a run, columns in base units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from benchsuite.analysis import Estimate, device_kind
from benchsuite.report.sheet import Row, Sheet

if TYPE_CHECKING:
    import pandas as pd

# Column stem and unit of each metric; those in _WITH_INTERVAL also have a low and a high column.
_METRICS = {
    "time/latency": ("latency", "s"),
    "time/throughput": ("back_to_back", "s"),
    "time/device": ("device_time", "s"),
    "time/prefill": ("prefill", "s"),
    "time/per_token": ("per_token", "s"),
    "time/cold_python": ("cold_python", "s"),
    "time/cold_import": ("cold_import", "s"),
    "time/cold_build": ("cold_build", "s"),
    "time/cold_load": ("cold_load", "s"),
    "time/cold_first": ("cold_first", "s"),
    "time/import": ("import", "s"),
    "time/build": ("build", "s"),
    "time/prepare": ("prepare", "s"),
    "time/first": ("first", "s"),
    "memory/host_peak": ("host_peak", "bytes"),
    "memory/device_peak": ("device_peak", "bytes"),
}
_WITH_INTERVAL = ("latency", "back_to_back", "device_time", "prefill", "per_token")
WORDS = (
    "run", "file", "machine", "job", "workload", "case", "backend", "device", "precision", "status", "reason", "codes",
    "item", "speedup_over", "rank", "limiter",
)  # fmt: skip
COUNTS = ("threads", "rounds", "rounds_ok", "samples")
"""Columns of text, and of whole numbers; all others are of numbers."""


def frame(sheets: Sequence[Sheet], harmless: Callable[[str], str]) -> pd.DataFrame:
    """Every job of every run, also those without a result; what is not known is missing, never zero.

    All text is made `harmless` first: pandas may keep it in a form that does not take every string.
    """
    import pandas as pd

    told = [{k: harmless(v) if isinstance(v, str) else v for k, v in row.items()} for row in rows(sheets)]
    return pd.DataFrame(told).rename(columns=harmless)


def rows(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """Plain dictionaries of the same, all with the same keys; None is what is not known."""
    energies = sorted({m for s in sheets for r in s.rows for m in r.summary.estimates if m.startswith("energy/")})
    return [
        {"run": sheet.label, "file": sheet.stored.path.name, "machine": _machine(sheet), **_row(row, energies)}
        for sheet in sheets
        for row in sheet.rows
    ]


def _machine(sheet: Sheet) -> str:
    return sheet.stored.run.environment.fingerprint


def _row(row: Row, energies: Sequence[str]) -> dict[str, Any]:
    joules = {f"{name.replace('/', '_')}_J": row.summary.estimates.get(name) for name in energies}
    used = {name: found.value if found else None for name, found in joules.items()}
    return {**_job(row), **_outcome(row), **_rates(row), **_metrics(row), **used}


def _job(row: Row) -> dict[str, Any]:
    job = row.summary.job
    return {
        "job": job.id,
        "workload": job.case.workload,
        "case": job.case.id,
        "backend": job.backend,
        "device": device_kind(job),
        "precision": job.precision,
        "threads": job.threads,
    }


def _outcome(row: Row) -> dict[str, Any]:
    summary = row.summary
    check, pace = summary.check, summary.pace
    return {
        "status": summary.status,
        "reason": summary.reason,
        "codes": " ".join(d.code for d in summary.doubts),
        "rounds": len(summary.statuses),
        "rounds_ok": summary.statuses.count("ok"),
        "samples": pace.samples if pace else None,
        "error": check.error if check else None,
        "tolerance": check.tolerance if check else None,
    }


def _rates(row: Row) -> dict[str, Any]:
    flops, moved = row.flops, row.bytes
    return {
        "item": row.summary.work.unit if row.summary.work else None,
        **_interval("items_per_s", "", row.throughput),
        "flops_per_s": flops.value if flops else None,
        "bytes_per_s": moved.value if moved else None,
        **_interval("speedup", "", row.speedup.value if row.speedup else None),
        "speedup_over": row.speedup.over.id if row.speedup else None,
        "rank": row.rank or None,
        **_interval("share", "", row.share.value if row.share else None),
        "limiter": row.share.limiter if row.share else None,
    }


def _metrics(row: Row) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for metric, (stem, unit) in _METRICS.items():
        found = row.summary.estimates.get(metric)
        if stem in _WITH_INTERVAL:
            cells |= _interval(stem, f"_{unit}", found)
        else:
            cells[f"{stem}_{unit}"] = found.value if found else None
    return cells


def _interval(stem: str, unit: str, item: Estimate | None) -> dict[str, float | None]:
    return {
        f"{stem}{unit}": item.value if item else None,
        f"{stem}_low{unit}": item.low if item else None,
        f"{stem}_high{unit}": item.high if item else None,
    }
