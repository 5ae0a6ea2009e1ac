"""Duets: fresh pairs of zygotes, one a side, whose workers measure each job in turn."""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchsuite.errors import UsageError
from benchsuite.records import Arm, Found, Outcome, Pair, Request, Survey, Verdict
from benchsuite.records.codec import from_data
from benchsuite.runner.pairing import Asked, PairLost, Sides, lost, measure
from benchsuite.runner.sides import Place
from benchsuite.runner.zygote import Zygote, ZygoteDied

_SURVEY_SECONDS = 300.0


def survey(sides: Sides, place: Place) -> Survey:
    """The jobs that `place` has for the settings. Raises UsageError where it cannot run this engine at all."""
    try:
        with sides.zygote(place, [], 0) as zygote:
            outcome = zygote.ask(Request("survey", settings=sides.settings), _SURVEY_SECONDS)
    except (ZygoteDied, OSError) as error:
        raise UsageError(f"{place.spec!r} cannot run this engine: {error}") from None
    if outcome.fault:
        raise UsageError(f"{place.spec!r} cannot run this engine: {outcome.fault}; {outcome.log.strip()[-400:]}")
    try:
        return from_data(Survey, outcome.answer)
    except ValueError as error:
        raise UsageError(f"{place.spec!r} cannot run this engine: its answer is no survey ({error})") from None


def pair_up(base: Survey, candidate: Survey) -> tuple[list[Found], list[Verdict]]:
    """The jobs that both sides can run, and verdicts on those that only one can.

    What neither can run, such as a backend whose device is absent, is no job of this duet. Raises UsageError where no
    job is left, and where neither side knows a pattern.
    """
    for pattern, why in base.refusals.items():
        if pattern in candidate.refusals:
            raise UsageError(f"neither side knows {pattern!r}: {why}")
    sides = [{found.job.id: found for found in survey.jobs} for survey in (base, candidate)]
    both, apart = [], []
    for job in dict.fromkeys([*sides[0], *sides[1]]):
        ours, theirs = (side.get(job) for side in sides)
        runs = [found is not None and found.reason is None for found in (ours, theirs)]
        if all(runs):
            assert ours is not None
            assert theirs is not None
            both.append(dataclasses.replace(ours, imports=tuple(dict.fromkeys(ours.imports + theirs.imports))))
        elif runs[0]:
            apart.append(_apart(job, "candidate", theirs, "removed", "failed"))
        elif runs[1]:
            apart.append(_apart(job, "base", ours, "added", "added"))
    if not both and not apart:
        reasons = dict.fromkeys(f.reason for side in sides for f in side.values() if f.reason)
        refusals = dict.fromkeys([*base.refusals.values(), *candidate.refusals.values(), *filter(None, reasons)])
        why = "; ".join(refusals) or "the patterns choose no job"
        raise UsageError(f"neither side has a job to measure: {why}")
    return both, apart


def _apart(job: str, side: str, found: Found | None, absent: Outcome, refused: Outcome) -> Verdict:
    if found is None:
        return Verdict(job, "time/latency", absent, reason=f"the {side} has no such job")
    return Verdict(job, "time/latency", refused, reason=f"the {side} cannot run it: {found.reason}")


@dataclass(frozen=True)
class Replicate:
    """What one replicate is to do: its number, the arms to run, the jobs on which."""

    stage: int
    number: int
    jobs: tuple[Found, ...]
    control: bool


class SideDied(Exception):
    """An interpreter of this name did not come up."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def run_replicate(
    sides: Sides, replicate: Replicate, save: Callable[[Pair], None], ended: Callable[[], bool] = lambda: False
) -> None:
    """Measure every job once in each arm, in an order of this replicate's own, until `ended` says to start no more.

    An interpreter that dies costs the pair that it was at, on its side alone; the rest gets fresh ones.
    """
    pending = drawn(sides.settings.seed, replicate)
    draw = random.Random(f"{sides.settings.seed}/{replicate.number}")
    seed = (sides.settings.seed * 1000 + replicate.number) * 10 + 5 * replicate.stage
    while pending and not ended():
        base_first = (draw.random() < 0.5) != (replicate.stage == 2)
        try:
            with _zygotes(sides, pending, seed, base_first=base_first) as zygotes:
                while pending and not ended():
                    save(measure(sides, pending[0], zygotes["base"], zygotes[pending[0].arm]))
                    pending.pop(0)
        except PairLost as error:
            save(error.pair)
            pending.pop(0)
        except SideDied as error:
            first = next(asked for asked in pending if error.name in ("base", asked.arm))
            save(lost(first, "base" if error.name == "base" else "other", str(error)))
            pending.remove(first)


def drawn(seed: int, replicate: Replicate) -> list[Asked]:
    """The pairs of a replicate in order, each with who leads and where; stage 2 draws the opposite of stage 1.

    What is drawn for a job does not depend on which others there are, since stage 2 has only some of them.
    """
    inverted = replicate.stage == 2
    arms: list[Arm] = ["candidate", "control"] if replicate.control else ["candidate"]
    found: list[tuple[float, float, Asked]] = []
    for job in replicate.jobs:
        draw = random.Random(f"{seed}/{replicate.number}/{job.job.id}")
        rank = draw.random()
        for arm in arms:
            leads, place = (draw.random() < 0.5) != inverted, draw.randrange(2**16) + inverted
            asked = Asked(job, arm, replicate.stage, replicate.number, leads, place)
            found.append((rank, draw.random(), asked))
    return [asked for _, _, asked in sorted(found, key=lambda item: item[:2], reverse=inverted)]


@contextlib.contextmanager
def _zygotes(sides: Sides, pending: Sequence[Asked], seed: int, *, base_first: bool) -> Iterator[Mapping[str, Zygote]]:
    """One a side, importing at the same time; each with a layout and a hash seed of its own. Raises SideDied."""
    wanted = sorted((asked.found for asked in pending), key=lambda found: found.job.id)
    imports = list(dict.fromkeys(module for found in wanted for module in found.imports))
    arms = sorted({asked.arm for asked in pending})
    names = ["base", *arms] if base_first else [*reversed(arms), "base"]
    places = {"base": sides.base, "candidate": sides.candidate, "control": sides.control}
    zygotes: dict[str, Zygote] = {}

    def of_each(act: Callable[[int, str], None]) -> None:
        for i, name in enumerate(names):
            try:
                act(i, name)
            except (ZygoteDied, OSError) as error:
                raise SideDied(name, str(error)) from None

    with contextlib.ExitStack() as stack:

        def create(i: int, name: str) -> None:
            zygotes[name] = sides.zygote(places[name], imports, seed + i)
            stack.callback(zygotes[name].close)

        of_each(create)
        of_each(lambda _, name: zygotes[name].start())
        of_each(lambda _, name: zygotes[name].ready())
        yield zygotes
