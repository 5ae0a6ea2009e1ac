"""Findings: claims that people make, each with what a run says of it."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.analysis.findings.accelerators import accelerators
from benchsuite.analysis.findings.batches import batches
from benchsuite.analysis.findings.bounds import decode, moving_data, prefill
from benchsuite.analysis.findings.evidence import gathered
from benchsuite.analysis.findings.finding import Answer, Finding, Number
from benchsuite.analysis.findings.generation import cache
from benchsuite.analysis.findings.lengths import recurrence, square
from benchsuite.analysis.findings.runtimes import runtimes
from benchsuite.analysis.findings.trades import pruning, quantisation
from benchsuite.analysis.findings.training import step
from benchsuite.analysis.limits import Ceilings
from benchsuite.analysis.summary import Summary

__all__ = ["Answer", "Finding", "Number", "findings"]


def findings(summaries: Sequence[Summary], limits: Ceilings) -> tuple[Finding, ...]:
    """Every claim in the order of reading, the CPU before accelerators, also where it cannot be told.

    Only intervals decide: a claim is supported or not where one lies on one side of its limit, and what has no
    interval cannot tell.
    """
    evidence = gathered(summaries, limits)
    kinds = evidence.kinds
    return (
        *(recurrence(evidence, kind) for kind in kinds),
        *(square(evidence, kind) for kind in kinds),
        *accelerators(evidence),
        *(cache(evidence, kind) for kind in kinds),
        *(batches(evidence, kind) for kind in kinds),
        *(trade(evidence, kind) for trade in (quantisation, pruning) for kind in kinds),
        *(found for kind in kinds for found in runtimes(evidence, kind)),
        *(bound(evidence, kind) for bound in (decode, prefill) for kind in kinds),
        *(moving_data(evidence, kind) for kind in kinds),
        *(step(evidence, kind) for kind in kinds),
    )
