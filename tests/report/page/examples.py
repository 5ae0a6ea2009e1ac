"""Parts of a report with every kind of thing in them, all strings chosen by the test."""

from __future__ import annotations

from benchsuite.analysis import Estimate
from benchsuite.report.charts.model import Axis, Band, Chart, Curve, Dot, Dots, Place, Plane, Rule
from benchsuite.report.part import Part
from benchsuite.report.table import Column, Table

HOSTILE = (
    "</script><script>window.owned=1;alert(1)</script>",
    "\"><img src=x onerror=window.owned=1>'",
    "{{7*7}}{% raw %}",
    "datum.x'+alert(1)+'\\",
    "javascript:alert(1)",
    "<!--<script>]]>&lt;\u2028\u2029\u202e\ud800`${alert(1)}",
    "__proto__",
    "constructor",
)


def value(center: float, half: float | None = 0.02) -> Estimate:
    """An estimate with an interval of +-`half`, as a ratio."""
    low, high = (None, None) if half is None else (center / (1 + half), center * (1 + half))
    return Estimate(center, low, high, 5, 50)


def dot(label: str, center: float, case: str = "matmul/size=64", **more: object) -> Dot:
    fields = {"family": "torch-eager", "on_cpu": True, "text": f"{center:g} s ±2 %", "best": False} | more
    return Dot(case, label, estimate=value(center), **fields)  # type: ignore[arg-type]


def dots(name: str = "latency-kernels", title: str = "Kernels: latency", words: str = "") -> Chart:
    """Two cases, three backends, a value without an interval."""
    first = words or "torch-eager-cpu"
    rows = (
        dot(first, 0.02, best=True),
        dot("onnxruntime-cpu", 0.03, family=words or "onnxruntime"),
        dot("torch-compile-cuda", 0.001, family="torch-compile", on_cpu=False, case=words or "softmax/rows=8"),
        Dot(
            words or "softmax/rows=8", "mine-cpu", words or "mine", True, value(0.5, None), "0.5 s, no interval", False
        ),
    )
    ticks = ((0.001, "1 ms"), (0.01, "10 ms"), (0.1, words or "100 ms"), (1.0, "1 s"))
    axis = Axis(words or "time, logarithmic", 0.0005, 1.5, ticks)
    return Chart(
        name, words or title, words or "Further left is faster.", (Dots(axis, rows, 0.05),), "latency", "kernels"
    )


def planes(words: str = "") -> Chart:
    """Two panels with joined and single places, a rule, a band, marks and an end."""
    x = Axis(words or "batch size", 0.8, 100.0, ((1.0, "1"), (10.0, words or "10")))
    y = Axis(words or "time", 0.0, 1.0, ((0.0, "0 s"), (0.5, "0.5 s")), logarithmic=False)
    joined = Curve(
        words or "torch-eager-cpu", words or "torch-eager", True,
        (Place(1.0, value(0.2), words or "0.2 s"), Place(10.0, value(0.4), "0.4 s", words or "peak", (9.0, 11.0))),
        end=words or "slope 0.3",
    )  # fmt: skip
    single = Curve("onnxruntime-cpu", "onnxruntime", False, (Place(30.0, value(0.8, None), "0.8 s"),), joined=False)
    rule = Rule(words or "ceiling 0.6 s", ((0.1, 0.6), (1000.0, 0.6)), dashed=True)
    band = Band(words or "break-even", 20.0, 40.0)
    panels = (Plane(words or "first", x, y, (joined, single), (rule,), (band,)), Plane("second", x, y, (joined,)))
    return Chart(words or "scaling-batch", words or "Scaling", words or "Steeper is worse.", panels, "scaling")


def table(words: str = "", title: str = "softmax") -> Table:
    """Two groups of two rows; latency sorts otherwise as a number than as text."""
    columns = (
        Column("rows", ("8", "8", "64", "64"), values=(8.0, 8.0, 64.0, 64.0), once=True),
        Column(
            "backend",
            ("torch-eager-cpu", "onnxruntime-cpu", words or "torch-eager-cpu", "onnxruntime-cpu"),
            right=False,
        ),
        Column("", ("", "★", "★", ""), right=False),
        Column("latency", ("9.0 µs", "1.0 ms", "", "30 ns"), values=(9e-6, 1e-3, None, 3e-8)),
    )
    return Table(words or title, words or "fp32, 2 threads", columns, (0, 2), "kernels")


def statuses(words: str = "") -> Table:
    columns = (
        Column("status", ("wrong", "skipped"), right=False),
        Column("reason", (words or "output differs from the reference", "no device " * 30), right=False),
    )
    return Table("", "", columns)


def parts(words: str = "") -> list[Part]:
    """Three parts deep; `words`, where given, stand wherever a record's strings may."""
    sound = Part(words or "1 wrong", tables=(statuses(words),), folded=True)
    shown = (dots(words=words), dots("share-kernels", "Kernels: share", words), planes(words))
    kernels = Part(words or "Kernels", tables=(table(words), table(words, "layer-norm")), charts=shown)
    return [
        Part(
            "This machine",
            facts=((words or "CPU", words or "Example CPU 2000"),),
            parts=(Part("Soundness", parts=(sound,)),),
        ),
        Part(words or "What it can do", paragraphs=(words or "A legend.",), parts=(kernels,)),
    ]
