"""Verdicts as JUnit XML, which CI services show as tests."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from benchsuite.records import Verdict
from benchsuite.report.escape import plain

_TAGS = {"slower": "failure", "failed": "error", "wrong": "error", "removed": "error"}
_SKIPPED = ("unclear", "ungateable", "incomparable")


def document(verdicts: Sequence[Verdict], unfit: str | None = None) -> str:
    """One test case a job: slower is a failure, failed, wrong or removed an error, what tells nothing skipped."""
    counts = {kind: sum(_TAGS.get(v.outcome) == kind for v in verdicts) for kind in ("failure", "error")}
    suite = ElementTree.Element(
        "testsuite",
        name="benchsuite gate",
        tests=str(len(verdicts) + (unfit is not None)),
        failures=str(counts["failure"]),
        errors=str(counts["error"] + (unfit is not None)),
        skipped=str(sum(v.outcome in _SKIPPED for v in verdicts)),
    )
    if unfit is not None:
        case = ElementTree.SubElement(suite, "testcase", classname="benchsuite", name="fit to measure")
        ElementTree.SubElement(case, "error", message=plain(unfit))
    for verdict in verdicts:
        workload = plain(verdict.job.partition("/")[0].partition("@")[0])
        case = ElementTree.SubElement(suite, "testcase", classname=workload, name=plain(verdict.job))
        tag = _TAGS.get(verdict.outcome) or ("skipped" if verdict.outcome in _SKIPPED else None)
        if tag is not None:
            ElementTree.SubElement(case, tag, message=f"{verdict.outcome}: {plain(verdict.reason)}")
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
