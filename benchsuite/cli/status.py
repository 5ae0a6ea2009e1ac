"""The exit status of commands that compare."""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.records import Verdict

FINE, SLOWER, USAGE, UNCLEAR, REFUSED, MISSING = range(6)
INTERRUPTED = 130
EXITS = """\
  2  wrong usage
  4  the session is not fit to measure: its control arm differs from itself
  5  a job of the base is missing, failed or wrong in the candidate, or none was measured on both sides
  1  a job is slower, confirmed by fresh pairs
  3  nothing could be told, or with --strict: a job is unclear, ungateable or incomparable
  0  none of these"""


def exit_status(verdicts: Sequence[Verdict], *, refused: bool, strict: bool) -> int:
    """What a shell is told; where several hold, the first of refused, missing, slower, unclear."""
    outcomes = {verdict.outcome for verdict in verdicts}
    told = outcomes & {"slower", "faster", "same"}
    if refused:
        return REFUSED
    if outcomes & {"removed", "failed", "wrong"} or not outcomes - {"added", "incomparable"}:
        return MISSING
    if "slower" in outcomes:
        return SLOWER
    if not told or (strict and outcomes & {"unclear", "ungateable", "incomparable"}):
        return UNCLEAR
    return FINE
