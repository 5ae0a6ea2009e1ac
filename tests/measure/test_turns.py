import json
import socket
import threading
from collections.abc import Sequence

import pytest
import torch

from benchsuite.backends.fake import FakeBackend, FakeClock, Script
from benchsuite.measure.clock import Clock
from benchsuite.measure.loop import Taken, measurements
from benchsuite.measure.turns import Partner, PartnerGone, blocks, take_turns
from benchsuite.records import Turn
from benchsuite.workload import Transfer

SIDES = ("leader", "follower")


class Duet:
    """Two fake sessions on one clock, each in a thread of its own; `order` is who ran, iteration by iteration."""

    def __init__(
        self, leader: Sequence[float], follower: Sequence[float], *, queued: bool = False, seconds: float = 0.1
    ) -> None:
        self.time, self.queued, self.seconds = FakeClock(), queued, seconds
        self.scripts = dict(zip(SIDES, (Script(tuple(leader)), Script(tuple(follower))), strict=True))
        self.order: list[str] = []
        self.taken: dict[str, Taken] = {}
        self.errors: dict[str, Exception] = {}
        self.sessions = {side: self._session(side) for side in SIDES}

    def _session(self, side: str):  # type: ignore[no-untyped-def]
        session = FakeBackend(self.time, (self.scripts[side],), self.queued).prepare(
            Transfer((torch.zeros(1),)), "fp32", 1
        )
        (phase,) = session.phases
        plain = phase.run
        object.__setattr__(phase, "run", lambda: (self.order.append(side), plain())[1])
        return session

    def play(self, iterations: int | None = None) -> None:
        ends = socket.socketpair()
        threads = [
            threading.Thread(target=self._side, args=(side, end, iterations))
            for side, end in zip(SIDES, ends, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    def _side(self, side: str, end: socket.socket, iterations: int | None) -> None:
        clock = Clock(self.time.read, self.time.read, lambda: 0, lambda: 0)
        with end:
            try:
                turn = Turn(side == "leader", self.seconds)
                self.taken[side] = take_turns(self.sessions[side], Partner(end), turn, iterations, clock)
            except Exception as error:
                self.errors[side] = error


def turns(order: Sequence[str], count: int) -> str:
    """Who ran in the last `count` samples, as letters."""
    return "".join(side[0] for side in order[-count:])


def test_blocks_are_a_b_b_a() -> None:
    duet = Duet([0.004], [0.005])
    duet.play()
    taken = duet.taken["leader"]
    assert len(taken.latency) == len(duet.taken["follower"].latency) == 2 * blocks(0.1, 0.005)
    assert turns(duet.order, 2 * len(taken.latency)) == "lffl" * (len(taken.latency) // 2)


def test_each_side_has_its_own_times() -> None:
    duet = Duet([0.004], [0.005])
    duet.play()
    assert {s.wall for s in duet.taken["leader"].latency} == {0.004}
    assert {s.wall for s in duet.taken["follower"].latency} == {0.005}


def test_both_run_the_inner_loop_that_the_leader_chose_and_warm_up_alike() -> None:
    duet = Duet([0.0002], [0.0001])
    duet.play()
    leader, follower = (duet.taken[side] for side in SIDES)
    assert leader.iterations == follower.iterations == 10
    assert len(leader.warm_up.samples) == len(follower.warm_up.samples)


def test_frozen_iterations_are_kept_on_both_sides() -> None:
    duet = Duet([0.0002], [0.0001])
    duet.play(iterations=3)
    assert {duet.taken[side].iterations for side in SIDES} == {3}


def test_a_device_is_timed_between_its_events_alone() -> None:
    duet = Duet([0.004], [0.005], queued=True)
    duet.play()
    found = {m.metric: m.samples for m in measurements(duet.taken["follower"], duet.sessions["follower"])}
    assert set(found) == {"time/throughput", "time/device"}
    assert set(found["time/device"]) == {0.005}


@pytest.mark.parametrize(("seconds", "sample", "count"), [(0.4, 0.002, 100), (0.4, 0.01, 20), (0.4, 3.0, 2)])
def test_blocks_fill_the_time_within_bounds(seconds: float, sample: float, count: int) -> None:
    assert blocks(seconds, sample) == count


def test_a_partner_that_is_gone_is_told() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        partner = Partner(ours)
        with pytest.raises(PartnerGone):
            partner.hear()
        with pytest.raises(PartnerGone):
            partner.tell()


def test_lines_come_whole_in_any_pieces() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(json.dumps({"samples": 3}).encode()[:5])
        theirs.sendall(json.dumps({"samples": 3}).encode()[5:] + b"\nnull\n")
        partner = Partner(ours)
        assert partner.hear() == {"samples": 3}
        assert partner.hear() is None
