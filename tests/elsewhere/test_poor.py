"""No home, and folders that cannot be written to: no cache, no other harm. Real mounts, in a namespace of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from benchsuite import cache
from benchsuite.backends import torch_compile
from benchsuite.errors import Unsupported
from benchsuite.store import read
from tests.cli.commands import TINY, environment

# Nothing can be written below $1, and no user has an entry, made up ones included; the rest is the command.
POOR = """
mount -t tmpfs -o ro none "$1" && mount --bind /dev/null /etc/passwd || exit 1
if [ -e /etc/nsswitch.conf ]; then mount --bind /dev/null /etc/nsswitch.conf || exit 1; fi
shift
exec "$@"
"""


def poor(folder: Path, *arguments: str, **extra: str | None) -> subprocess.CompletedProcess[str]:
    """The command in `folder`, beside which `read-only` is; what `extra` gives None for is not in its environment."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare to make a mount of one's own with")
    environ = {name: value for name, value in {**environment(), **extra}.items() if value is not None}
    barred = folder / "read-only"
    barred.mkdir(exist_ok=True)
    space = ["unshare", "--mount", "sh", "-c", POOR, "sh", str(barred)]
    if subprocess.run([*space, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount, even in a namespace of its own")
    command = [*space, sys.executable, "-m", "benchsuite", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=240)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run without a home, and with a TMPDIR that cannot be written to."""
    folder = tmp_path_factory.mktemp("poor")
    barred = str(folder / "read-only")
    jobs = [*TINY, "disk-read/mebibytes=4,block_kib=256"]
    homeless = {"HOME": None, "XDG_CACHE_HOME": None, "BENCHSUITE_CACHE": None, "TMPDIR": barred}
    done = poor(folder, "run", *jobs, "--rounds", "1", "--output", "run.jsonl", **homeless)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_job_is_measured_and_what_needs_a_folder_is_skipped_with_its_reason(folder: Path) -> None:
    found = {record.job.case.workload: record for record in read(folder / "run.jsonl").records}
    assert (found["matmul"].status, found["matmul"].reason) == ("ok", "")
    assert found["disk-read"].status == "skipped"
    assert "set BENCHSUITE_CACHE to a folder of yours" in found["disk-read"].reason
    assert not list((folder / "read-only").iterdir())


@pytest.mark.parametrize("arguments", [("list", "matmul"), ("doctor", "--brief"), ("report", "run.jsonl", "--json")])
def test_commands_do_without_a_home_that_can_be_written_to(folder: Path, arguments: tuple[str, ...]) -> None:
    barred = str(folder / "read-only")
    done = poor(folder, *arguments, HOME=barred, TMPDIR=barred, BENCHSUITE_CACHE=None, XDG_CACHE_HOME=None)
    assert (done.returncode, done.stderr) == (0, "")


def test_results_that_cannot_be_written_are_refused(folder: Path) -> None:
    done = poor(folder, "run", *TINY, "--rounds", "1", "--output", "read-only/run.jsonl")
    assert done.returncode == 2
    assert "cannot write read-only/run.jsonl: Read-only file system; choose another --output" in done.stderr


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BENCHSUITE_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _: {}[_])
    assert not cache.write(cache.folder("onnx") / "x", b"")


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("plain-é", ""),
        ("a b", "whose name has blanks, quotes or what is no text"),
        ("it's", "whose name has blanks, quotes or what is no text"),
        ("\udcff", "whose name has blanks, quotes or what is no text"),
        ("file/below", "which cannot be made"),
    ],
)
@pytest.mark.parametrize("variable", ["TMPDIR", "BENCHSUITE_CACHE"])
def test_the_compiler_is_told_of_or_kept_from_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, trouble: str, variable: str
) -> None:
    (tmp_path / "file").touch()
    places = {"TMPDIR": "/tmp", "BENCHSUITE_CACHE": "/tmp", variable: str(tmp_path / name)}
    monkeypatch.setattr(tempfile, "tempdir", places["TMPDIR"])
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", places["BENCHSUITE_CACHE"])
    if not trouble:
        torch_compile.cpu.check()
        return
    with pytest.raises(Unsupported, match=f"{trouble}.*: set {variable} to another"):
        torch_compile.cpu.check()
