"""What is said of a gate: the verdicts of a duet under a headline, and the files that CI services read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from benchsuite.analysis.duets import Judgement
from benchsuite.analysis.gate import Policy
from benchsuite.records import Duet, Side
from benchsuite.records.codec import to_data
from benchsuite.report import junit, verdicts
from benchsuite.report.place import own
from benchsuite.report.ranking import Section


def section(title: str, duet: Duet, judgement: Judgement, policy: Policy, status: int) -> Section:
    """All verdicts of a duet, those on jobs of one side only included, and the exit status that they deserve."""
    found = (*judgement.verdicts, *duet.unpaired)
    lines = [
        ("base", _told(duet.base)),
        ("candidate", _told(duet.candidate)),
        ("differs", _difference(duet)),
    ]
    if judgement.unfit is not None:
        lines.append(("unfit", f"{judgement.unfit}; nobody is blamed: measure again, with nothing else running"))
    extra = {
        "exit_status": status,
        "unfit": judgement.unfit,
        "policy": dataclasses.asdict(policy),
        "base": to_data(duet.base),
        "candidate": to_data(duet.candidate),
    }
    return Section(title, lines, found, policy.minimum_effect, extra)


def _told(side: Side) -> str:
    return f"{side.spec} (Python {side.environment.python})"


def _difference(duet: Duet) -> str:
    """The packages whose versions are not the same: what the verdicts are about, as far as versions tell."""
    ours, theirs = (side.environment.packages for side in (duet.base, duet.candidate))
    found = [
        f"{name} {ours.get(name, 'absent')} to {theirs.get(name, 'absent')}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]
    return ", ".join(found) or "no recorded version of a package"


def write(found: Section, unfit: str | None, folder: Path) -> list[Path]:
    """Write the verdict as Markdown, CSV, JSON, JUnit XML and pictures; return what was written."""
    written = verdicts.write([found], folder, data=verdicts.as_data([found])[0])
    path = own(folder / "junit.xml")
    path.write_text(junit.document(found.verdicts, unfit), encoding="utf-8")
    return [*written, path]


def write_verdict(folder: Path, data: object) -> None:
    """Write verdict.json alone, where there is nothing else to tell."""
    folder.mkdir(parents=True, exist_ok=True)
    own(folder / "verdict.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
