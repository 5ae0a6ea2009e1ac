"""Never wrong-but-fast: a session's output against a float64 reference, before and after timing."""

from benchsuite.verify.check import Expectation, after_timing, before_timing
from benchsuite.verify.inputs import vary
from benchsuite.verify.reference import Reference, reference_of

__all__ = ["Expectation", "Reference", "after_timing", "before_timing", "reference_of", "vary"]
