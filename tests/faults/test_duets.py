"""Two sides in turn, with real processes: a fault costs its own job alone, and the other side is not blamed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchsuite.analysis.paired import log_ratio
from benchsuite.records import LOST_PARTNER, Found, Job, Pair, Settings
from benchsuite.runner.duet import Replicate, run_replicate, survey
from benchsuite.runner.pairing import Sides
from benchsuite.runner.sides import Place
from tests.faults.conftest import misbehaving

WELL = misbehaving("behaves")
IMPORTS = ("torch", "benchsuite.backends.torch_sessions")


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Sides:
    """The same environment twice, but that workloads can tell the candidate's interpreter."""
    wrapper = tmp_path_factory.mktemp("side") / "python"
    wrapper.write_text(f'#!/bin/sh\nMISBEHAVING_SIDE=1 exec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    here = Place("here", sys.executable, "")
    settings = Settings(patterns=("misbehaving",), backends=("torch-eager-cpu",), threads=1, sample_seconds=0.02)
    return Sides(here, Place("there", str(wrapper), ""), here, settings, 60.0)


def played(sides: Sides, *jobs: Job, control: bool = False) -> dict[tuple[str, str], Pair]:
    found: list[Pair] = []
    wanted = tuple(Found(job, "0" * 12, IMPORTS) for job in jobs)
    run_replicate(sides, Replicate(1, 0, wanted, control), found.append)
    return {(pair.job, pair.arm): pair for pair in found}


def test_both_sides_are_measured_alike(sides: Sides) -> None:
    found = played(sides, WELL, control=True)
    assert set(found) == {(WELL.id, "candidate"), (WELL.id, "control")}
    for pair in found.values():
        assert pair.ok, (pair.base.reason, pair.other.reason)
        latencies = [record.measurement("time/latency") for record in (pair.base, pair.other)]
        assert latencies[0] is not None
        assert latencies[1] is not None
        assert len(latencies[0].samples) == len(latencies[1].samples) >= 4
        assert latencies[0].iterations == latencies[1].iterations
        log_ratio(latencies[0].samples, latencies[1].samples)
    assert sides.iterations[WELL.id] >= 1


def test_a_crash_on_one_side_is_that_sides_alone(sides: Sides) -> None:
    crash = misbehaving("segfaults_on_one_side")
    found = played(sides, crash, WELL)
    pair = found[crash.id, "candidate"]
    assert (pair.other.status, pair.other.reason) == ("failed", "the worker ended with SIGSEGV")
    assert (pair.base.status, pair.base.reason) == ("skipped", LOST_PARTNER)
    assert found[WELL.id, "candidate"].ok


def test_a_hang_on_one_side_is_ended_by_the_timeout(sides: Sides) -> None:
    hang = misbehaving("hangs_on_one_side")
    impatient = Sides(sides.base, sides.candidate, sides.control, sides.settings, 2.0)
    pair = played(impatient, hang)[hang.id, "candidate"]
    assert (pair.other.status, pair.other.reason) == ("failed", "hung: killed after 2 s")
    assert (pair.base.status, pair.base.reason) == ("skipped", LOST_PARTNER)


def test_zygotes_that_die_on_both_sides_cost_one_pair_and_are_no_fault_of_the_candidate(sides: Sides) -> None:
    killer = misbehaving("kills_zygote")
    found = played(sides, killer, WELL)
    assert "the zygote ended with SIGKILL" in found[killer.id, "candidate"].base.reason
    assert found[killer.id, "candidate"].other.reason == LOST_PARTNER
    assert found[WELL.id, "candidate"].ok


def test_a_zygote_that_dies_on_one_side_is_that_sides_alone(sides: Sides) -> None:
    killer = misbehaving("kills_zygote_on_one_side")
    found = played(sides, killer, WELL)
    pair = found[killer.id, "candidate"]
    assert (pair.other.status, "the zygote ended with SIGKILL" in pair.other.reason) == ("failed", True)
    assert (pair.base.status, pair.base.reason) == ("skipped", LOST_PARTNER)
    assert found[WELL.id, "candidate"].ok


def test_a_side_that_no_longer_comes_up_is_blamed_alone(sides: Sides, tmp_path: Path) -> None:
    """Its base is measured with nobody: every job has failed on the candidate, the control arm goes on."""
    gone = Sides(sides.base, Place("gone", str(tmp_path / "python"), ""), sides.control, sides.settings, 60.0)
    found = played(gone, WELL, control=True)
    pair = found[WELL.id, "candidate"]
    assert (pair.other.status, "No such file" in pair.other.reason) == ("failed", True)
    assert pair.base.reason == LOST_PARTNER
    assert found[WELL.id, "control"].ok


def test_what_does_not_fit_twice_is_measured_one_at_a_time(sides: Sides) -> None:
    large = misbehaving("needs_most_of_the_memory")
    pair = played(sides, large)[large.id, "candidate"]
    assert pair.ok, (pair.base.reason, pair.other.reason)
    assert sides.too_large == {large.id}
    latencies = [record.measurement("time/latency") for record in (pair.base, pair.other)]
    assert all(m is not None and len(m.samples) >= 4 and len(m.samples) % 2 == 0 for m in latencies)


def test_what_does_not_fit_once_has_failed_on_the_base(sides: Sides) -> None:
    huge = misbehaving("allocates")
    pair = played(sides, huge)[huge.id, "candidate"]
    assert pair.base.status == "failed"
    assert pair.other.reason == LOST_PARTNER


def test_a_survey_tells_what_a_side_has(sides: Sides) -> None:
    found = survey(sides, sides.candidate)
    assert [f.job.id for f in found.jobs] == [WELL.id]
    assert "torch" in found.jobs[0].imports
    assert found.environment.packages["torch"]


def test_a_side_that_cannot_run_the_engine_is_told(sides: Sides, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such interpreter >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(
        Exception, match="cannot run this engine: the zygote ended with exit status 3: no such interpreter"
    ):
        survey(sides, Place("broken", str(broken), ""))
