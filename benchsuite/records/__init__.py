"""What is stored, or crosses a process: frozen data, no behaviour beyond reading itself."""

from benchsuite.records.case import AxisValue, Case
from benchsuite.records.environment import Accelerator, Cpu, Environment
from benchsuite.records.job import PRECISIONS, Job
from benchsuite.records.measurement import METRICS, Measurement, Metric
from benchsuite.records.record import Check, Record, Status
from benchsuite.records.request import Request
from benchsuite.records.run import PROTOCOL, SCHEMA, Run, Settings
from benchsuite.records.validity import Validity
from benchsuite.records.work import Work

__all__ = [
    "METRICS",
    "PRECISIONS",
    "PROTOCOL",
    "SCHEMA",
    "Accelerator",
    "AxisValue",
    "Case",
    "Check",
    "Cpu",
    "Environment",
    "Job",
    "Measurement",
    "Metric",
    "Record",
    "Request",
    "Run",
    "Settings",
    "Status",
    "Validity",
    "Work",
]
