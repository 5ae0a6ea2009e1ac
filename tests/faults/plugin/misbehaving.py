"""A stranger's workload that goes wrong in the way that its axis `how` says."""

# ruff: noqa: T201

import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import torch
from torch import nn

from benchsuite import Case, Forward, Unsupported, Work, Workload


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


def answer_pipes():
    return [fd for fd in range(3, 64) if _is_pipe(fd)]


def _is_pipe(fd):
    try:
        return stat.S_ISFIFO(os.fstat(fd).st_mode)
    except OSError:
        return False


def raises():
    raise RuntimeError("out of\ncheese")


def raises_unprintable():
    raise Unprintable


def unsupported():
    raise Unsupported("there is no cheese here")


def exits():
    sys.exit(3)


def exits_silently():
    os._exit(0)


def segfaults():
    print("last words", flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def segfaults_on_one_side():
    if os.environ.get("MISBEHAVING_SIDE"):
        segfaults()


def hangs_on_one_side():
    if os.environ.get("MISBEHAVING_SIDE"):
        hangs()


def kills_itself():
    os.kill(os.getpid(), signal.SIGKILL)


def signals_itself_oddly():
    os.kill(os.getpid(), signal.SIGRTMIN + 3)


def kills_zygote():
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()


def kills_zygote_on_one_side():
    if os.environ.get("MISBEHAVING_SIDE"):
        kills_zygote()


def hangs():
    print("waiting", flush=True)
    while True:
        signal.pause()


def allocates():
    torch.empty(2**40, dtype=torch.uint8)


def needs_most_of_the_memory():
    limit, _ = resource.getrlimit(resource.RLIMIT_DATA)
    if limit < 0.6 * psutil.virtual_memory().available:
        raise MemoryError("cannot allocate memory")


def prints_much():
    for stream in (1, 2):
        os.write(stream, b"\xff\x00{}\n" * 500_000)
    print("garbage " * 500_000)


def garbles_answer():
    for fd in answer_pipes():
        os.write(fd, b"{garbage\n")


def answers_for_itself():
    for fd in answer_pipes():
        os.write(fd, b'{"job": 5}\n')
    os._exit(0)


def closes_everything():
    os.closerange(0, 1000)


def leaves_child(**options):
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], **options)
    with Path(os.environ["MISBEHAVING_CHILDREN"]).open("a") as file:
        print(child.pid, file=file)


def leaves_daemon():
    leaves_child(start_new_session=True)


class Misbehaving(nn.Module):
    def __init__(self, how):
        super().__init__()
        self.how = how

    def forward(self, x):
        if self.how == "is_nan":
            return x * float("nan") if x.dtype == torch.float32 else x
        if self.how != "behaves":
            globals()[self.how]()
        return x * 2


def build(case: Case) -> Forward:
    if case.choice("when") == "build" and case.choice("how") != "behaves":
        globals()[case.choice("how")]()
    return Forward(Misbehaving(case.choice("how") if case.choice("when") == "call" else "behaves"), (torch.ones(4),))


workload = Workload(
    name="misbehaving",
    summary="goes wrong",
    kind="kernel",
    program=Forward,
    axes={"how": "behaves", "when": "call"},
    presets={},
    build=build,
    work=lambda case: Work(1, "rows"),
)
