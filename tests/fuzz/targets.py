"""What is fuzzed: each target takes any bytes as a file, and raises only where a reader did what it must not."""

from __future__ import annotations

import io
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from benchsuite import archive, store
from benchsuite.analysis.compare import Rule, compare
from benchsuite.analysis.duets import judge
from benchsuite.analysis.gate import Policy
from benchsuite.analysis.history import columns, values
from benchsuite.cli.headline import section
from benchsuite.cli.policy import Gate, read_gate
from benchsuite.errors import BenchsuiteError
from benchsuite.records import Record
from benchsuite.records.codec import from_data, to_data
from benchsuite.report import Report, csv, data, document, junit, markdown, text, verdicts, workflow
from benchsuite.report.gate import section as of_duet
from benchsuite.report.verdict_text import show
from benchsuite.skim import skim

METRIC = "time/latency"
Target = Callable[[Path], None]


def run(path: Path) -> None:
    """A run read whole, each record of which is written as it is read."""
    found = store.read(path)
    assert math.isfinite(found.run.started)
    for record in found.records:
        again = to_data(from_data(Record, to_data(record)))
        assert repr(again) == repr(to_data(record))


def report(path: Path) -> None:
    """A report of a run, in every form that is text."""
    stored = [store.read(path)]
    found = Report.of(stored)
    text.show(found.parts, Console(file=io.StringIO(), width=100))
    for shown in (markdown.document(found.parts, document.title(found.sheets)), csv.document(found.sheets)):
        quiet(shown)
    json.dumps(data.as_data(stored), allow_nan=False)


def duet(path: Path) -> None:
    """A duet judged again, as `gate --replay` does."""
    stored = store.read_duet(path)
    policy = Policy()
    judgement = judge(stored.pairs, policy, Gate().metric)
    told([of_duet("Gate", stored.duet, judgement, policy, 0)])
    ElementTree.fromstring(junit.document(judgement.verdicts, judgement.unfit))
    assert all(line.startswith("::") for line in workflow.lines(judgement.verdicts, judgement.unfit))


def medians(path: Path) -> None:
    """The medians of a run, or of a file of another tool, compared with themselves; skimming says the same."""
    found = archive.read(path, METRIC)
    assert all(0 < m < math.inf for series in found.series.values() for m in series.medians)
    comparison = compare((found,), (found,), Rule())
    told([section((found,), (found,), comparison, Rule())])
    skimmed = skim(path, METRIC)
    if skimmed is not None:
        assert repr(skimmed) == repr((found.run, columns(values(found))))


def policy(path: Path) -> None:
    """The gate's policy."""
    read_gate(path)


TARGETS: dict[str, Target] = {each.__name__: each for each in (run, report, duet, medians, policy)}


def told(sections: Sequence[verdicts.Section]) -> None:
    """Verdicts in every form that is text."""
    stream = io.StringIO()
    show(sections, Console(file=stream, width=100))
    for shown in (stream.getvalue(), verdicts.document(sections), verdicts.table(sections)):
        quiet(shown)
    json.dumps(verdicts.as_data(sections), allow_nan=False)


def quiet(shown: str) -> None:
    """Nothing that a terminal obeys."""
    assert all(line.isprintable() for line in shown.split("\n")), ascii(shown)


def attempt(target: Target, content: bytes) -> bool:
    """Whether the target could read this `content`; refusals are one short and harmless line."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder, "file.jsonl")
        path.write_bytes(content)
        try:
            target(path)
        except BenchsuiteError as error:
            complaint = str(error)
        else:
            return True
    quiet(complaint)
    assert len(complaint) < 1000, complaint[:200]
    return False
