"""A measuring instrument for language-model computing on CPUs and accelerators."""

from benchsuite.errors import Unsupported
from benchsuite.records import Case, Work
from benchsuite.workload import (
    Forward,
    Generate,
    HostSteps,
    HostTask,
    HostTransfer,
    Phase,
    Program,
    TrainStep,
    Transfer,
    Workload,
)

__version__ = "0.1.0"

__all__ = [
    "Case",
    "Forward",
    "Generate",
    "HostSteps",
    "HostTask",
    "HostTransfer",
    "Phase",
    "Program",
    "TrainStep",
    "Transfer",
    "Unsupported",
    "Work",
    "Workload",
    "__version__",
]
