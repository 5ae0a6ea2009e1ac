"""A stranger's workload that goes wrong in the way that its axis `how` says."""

# ruff: noqa: T201

import mmap
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from itertools import count
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


def loses_device():
    raise torch.AcceleratorError("CUDA error: unspecified launch failure\nCUDA kernel errors might be reported later")


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


def meets_a_bus_error():
    with tempfile.TemporaryFile() as file:
        file.truncate(mmap.PAGESIZE)
        pages = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        file.truncate(0)
        print("last words", flush=True)
        pages[0]


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


def prints_hundreds_of_megabytes():
    for _ in range(300):
        os.write(1, b"\xff\x00{}\n" * 2**18)
    print("last words", flush=True)
    segfaults()


def answers_without_end():
    while True:
        for fd in answer_pipes():
            os.write(fd, b"[" * 2**20)


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


def leaves_daemon_and_hangs():
    leaves_daemon()
    hangs()


def starts_threads_without_end():
    while True:
        threading.Thread(target=signal.pause, daemon=True).start()


def hangs_with_threads():
    for _ in range(100):
        threading.Thread(target=hangs, daemon=True).start()
    hangs()


def forks_without_end():
    """Sixteen processes each fork one that leaves for a session of its own, and go; so does that one, 5000 times."""
    bomb = """if True:
        import os
        if 0 in [os.fork() for _ in range(4)]:
            os.write(1, b".")
        for _ in range(5000):
            if os.fork():
                os._exit(0)
            os.setsid()
        """
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", bomb], stdout=subprocess.PIPE) as first:
        first.stdout.read(15)
        raises()


def fills_memory():
    kept = []
    while True:
        kept.append(torch.ones(2**24))


def allocates_on_device():
    torch.empty(2**42, dtype=torch.uint8, device="cuda")


def keeps_memory_of_device():
    globals()["kept"] = torch.ones(2**28, device="cuda")


def kills_itself_with_memory_of_device():
    keeps_memory_of_device()
    kills_itself()


def steps_clock_back():
    hours = count()
    time.time = lambda: 1.7e9 - 3600.0 * next(hours)


class Misbehaving(nn.Module):
    def __init__(self, how, when):
        super().__init__()
        self.how = how if when == "call" else "behaves"
        self.when, self.act = when, globals().get(how)

    def forward(self, x):
        if self.how == "is_nan":
            return x * float("nan") if x.dtype == torch.float32 else x
        if self.how != "behaves":
            globals()[self.how]()
        return x * 2


def build(case: Case) -> Forward:
    if case.choice("when") == "build" and case.choice("how") != "behaves":
        globals()[case.choice("how")]()
    return Forward(Misbehaving(case.choice("how"), case.choice("when")), (torch.ones(4),))


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
