"""Work around the model: right on its inputs and on others, from files that are made anew when damaged."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import torch

from benchsuite import Case, HostTask, Unsupported
from benchsuite.backend import call
from benchsuite.backends.host_session import HostSession
from benchsuite.errors import UsageError
from benchsuite.verify import vary
from workloads import cold_start, dataloader, disk_read, tokenize
from workloads.gpt2 import Shape
from workloads.host import blocks
from workloads.host.batches import Batches
from workloads.host.blocks import BlockReader, checksums
from workloads.host.cold import ColdStarts, weights_file
from workloads.host.files import file_system, stored
from workloads.host.tokens import learn, one_by_one, passages

SMALL = {
    disk_read: {"mebibytes": 1, "block_kib": 64},
    tokenize: {"documents": 5, "characters": 300},
    dataloader: {"batch": 2, "seq": 8, "batches": 3, "workers": 0},
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHSUITE_CACHE", str(tmp_path))
    for name in ("BENCHSUITE_CORPUS", "TOKENIZERS_PARALLELISM", "RAYON_NUM_THREADS"):
        monkeypatch.setenv(name, "")  # so that what is set meanwhile is put back
    return tmp_path


def built(module: object, **axes: int) -> HostTask:
    program = module.build(Case(module.workload.name, SMALL[module] | axes))
    assert isinstance(program, HostTask)
    return program


def agrees(session: HostSession, program: HostTask, inputs: tuple[torch.Tensor, ...]) -> bool:
    for mine, value in zip(session.inputs, inputs, strict=True):
        mine.copy_(value)
    call(session)
    output, expected = session.output(), program.expected(*inputs)
    return output.keys() == expected.keys() and all(torch.equal(output[name], x) for name, x in expected.items())


@pytest.mark.parametrize("module", SMALL, ids=lambda m: m.__name__)
def test_every_order_gives_its_own_results(module: object) -> None:
    program = built(module)
    session = HostSession(program, 2)
    assert agrees(session, program, program.inputs)
    before = {name: x.clone() for name, x in session.output().items()}
    assert agrees(session, program, vary(program.inputs))
    assert any(not torch.equal(before[name], x) for name, x in session.output().items())


def test_work_is_counted() -> None:
    disk = disk_read.work(Case("disk-read", {"mebibytes": 3, "block_kib": 64}))
    assert disk.items == disk.bytes == 3 * 2**20
    text = tokenize.work(Case("tokenize", {"documents": 5, "characters": 7}))
    assert (text.items, text.bytes, text.launches) == (35, 0, 0)
    batches = dataloader.work(Case("dataloader", {"batch": 2, "seq": 8, "batches": 3, "workers": 2}))
    assert (batches.items, batches.bytes) == (48, 48 * 12)
    assert cold_start.work(Case("cold-start", {})).items == 1


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_blocks_are_read_by_any_number_of_threads(threads: int, tmp_path: Path) -> None:
    content = torch.randint(-(2**31), 2**31 - 1, (5 * 4096 // 8,))
    order = torch.tensor([3, 0, 4, 1, 2])
    reader = BlockReader(stored(content, "disk"), order, 4096, threads)
    reader.read()
    assert torch.equal(reader.digests(), checksums(content.numpy().view("u1").data, 4096)[order])


@pytest.mark.parametrize("what", ["no O_DIRECT in the system", "none in the file system", "odd blocks"])
def test_without_direct_reading_pages_are_dropped(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 1000 if what == "odd blocks" else 4096
    content = torch.arange(4 * size // 8)
    path = stored(content, "disk")
    if what == "no O_DIRECT in the system":
        monkeypatch.delattr(os, "O_DIRECT", raising=False)
    if what == "none in the file system":
        opened = os.open
        direct = getattr(os, "O_DIRECT", 0)

        def refuse(path: str, flags: int) -> int:
            if flags & direct:
                raise OSError(22, "Invalid argument")
            return opened(path, flags)

        monkeypatch.setattr(blocks.os, "open", refuse)
    reader = BlockReader(path, torch.tensor([2, 3, 1, 0]), size, 2)
    assert reader.page_cache == "dropped before each pass"
    reader.read()
    assert torch.equal(reader.digests(), checksums(content.numpy().view("u1").data, size)[[2, 3, 1, 0]])


def test_a_file_cut_short_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(b"x" * 4096)
    reader = BlockReader(path, torch.tensor([0, 1]), 4096, 1)
    with pytest.raises(EOFError, match="block 1"):
        reader.read()


def test_blocks_that_do_not_divide_are_a_usage_error() -> None:
    with pytest.raises(UsageError, match="block_kib=300"):
        built(disk_read, block_kib=300)


def test_a_folder_in_memory_is_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workloads.host.files.file_system", lambda path: ("tmpfs", "tmpfs"))
    with pytest.raises(Unsupported, match="lies in memory"):
        built(disk_read)


def test_a_file_system_is_found_by_the_nearest_mount(monkeypatch: pytest.MonkeyPatch) -> None:
    class Part:
        def __init__(self, mountpoint: str, fstype: str) -> None:
            self.mountpoint, self.fstype, self.device = mountpoint, fstype, f"/dev/{fstype}"

    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: [Part("/", "ext4"), Part("/mnt/fast", "xfs")])
    assert file_system(Path("/mnt/fast/a/file")) == ("xfs", "/dev/xfs")
    assert file_system(Path("/mnt/other/file")) == ("ext4", "/dev/ext4")


def test_a_damaged_file_is_written_again() -> None:
    content = torch.arange(100)
    path = stored(content, "disk")
    path.write_bytes(b"damaged")
    assert stored(content, "disk") == path
    assert path.read_bytes() == content.numpy().tobytes()


def test_an_unwritable_cache_is_a_reason_to_skip(own_cache: Path) -> None:
    (own_cache / "disk").write_text("a file where a folder should be")
    with pytest.raises(Unsupported, match="BENCHSUITE_CACHE"):
        stored(torch.arange(3), "disk")


def test_documents_are_cut_evenly_and_go_on_at_the_beginning() -> None:
    assert passages("abcdef", 3, 4) == ["abcd", "cdef", "efab"]
    assert passages("ab", 1, 5) == ["ababa"]


def test_ids_that_do_not_give_the_text_back_are_found() -> None:
    tokenizer = learn("some words of some text, and some more", 300)
    assert one_by_one(tokenizer, ["some text", "wörds"])["lengths"].tolist()[0] < len("some text")
    from tokenizers.normalizers import Lowercase

    tokenizer.normalizer = Lowercase()
    with pytest.raises(AssertionError, match="Some"):
        one_by_one(tokenizer, ["Some text"])


def test_loading_in_other_processes_is_the_same_and_they_end(tmp_path: Path) -> None:
    """In a process of its own, as a worker is, which ends without a word to them."""
    script = (
        "import os, sys, torch, psutil\n"
        "from benchsuite import Case\n"
        "from benchsuite.backend import call\n"
        "from benchsuite.backends.host_session import HostSession\n"
        "from workloads import dataloader\n"
        "os.setsid()\n"
        "case = Case('dataloader', {'batch': 2, 'seq': 8, 'batches': 3, 'workers': 2})\n"
        "program = dataloader.build(case)\n"
        "session = HostSession(program, 1)\n"
        "call(session); call(session)\n"
        "assert torch.equal(session.output()['ids'], program.expected(*program.inputs)['ids'])\n"
        "children = [c.pid for c in psutil.Process().children()]\n"
        "assert len(children) == 2, children\n"
        "assert all(os.getpgid(c) == os.getpid() for c in children)\n"
        "print(os.getpid(), *children, flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    group, *children = map(int, done.stdout.split())
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)  # as the zygote does
    left = [psutil.Process(pid) for pid in children if psutil.pid_exists(pid)]
    psutil.wait_procs(left, timeout=10)
    assert not [p for p in left if p.is_running() and p.status() != "zombie"]
    assert not [path for pid in (group, *children) for path in Path("/dev/shm").glob(f"torch_{pid}_*")]


def test_batches_are_whole(tmp_path: Path) -> None:
    path = stored(torch.arange(24, dtype=torch.int32), "tokens")
    batches = Batches(path, torch.tensor([1, 0, 3, 2]), 2, 6, 0)
    batches.load()
    assert batches.output()["ids"].tolist()[0] == [list(range(6, 12)), list(range(6))]
    assert batches.output()["ids"].shape == (2, 2, 6)


def test_weights_are_written_once_and_again_when_damaged() -> None:
    module = torch.nn.Linear(3, 2)
    path = weights_file(module, "small")
    written = path.stat().st_mtime_ns
    assert weights_file(module, "small").stat().st_mtime_ns == written
    path.write_bytes(b"damaged")
    weights_file(module, "small")
    assert path.stat().st_size > 100
    with torch.no_grad():
        module.bias.add_(1)
    changed = path.read_bytes()
    weights_file(module, "small")
    assert path.read_bytes() != changed


def test_a_process_that_ends_too_soon_is_an_error(tmp_path: Path) -> None:
    starts = ColdStarts(tmp_path / "none", Shape(1, 64), torch.tensor([[1]]), 1)
    starts._command = [sys.executable, "-c", "import os; os.write(1, b'.')"]
    first, second, *_ = starts.phases
    first.run()
    with pytest.raises(RuntimeError, match="before its first token"):
        second.run()
    starts._command = [sys.executable, "-c", "import os, time; os.write(1, b'.'); time.sleep(1000)"]
    first.run()
    slow = starts._process
    first.run()
    assert slow.wait(10) == -signal.SIGKILL
    starts._process.kill()
    starts._process.wait()


def test_parts_of_a_start_are_timed_apart() -> None:
    metrics = [phase.metric for phase in ColdStarts(Path("none"), Shape(1, 64), torch.tensor([[1]]), 1).phases]
    assert metrics == [f"time/cold_{part}" for part in ("python", "import", "build", "load", "first")]
