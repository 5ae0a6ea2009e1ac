"""What a user gets wrong: exit status 2, one line, the nearest name, no traceback, and nothing heavy imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchsuite.catalog import workloads
from benchsuite.cli import COMMANDS
from tests.cli.commands import benchsuite

WRONG = {
    "rnu": "did you mean run?",
    "run gtp2-pretrain": "did you mean gpt2-pretrain",
    "run --backend torch-eagr-cpu": "did you mean torch-eager-cpu",
    "run --precision fp23": "did you mean fp32",
    "run --preset quik": "did you mean quick?",
    "run matmul/sise=3": "did you mean size?",
    "run matmul/size=big": "write a whole number, as in size=",
    "run matmul/size=0": "0 is no value of matmul's size: write a whole number from 1 to 1000000000, as in size=2048",
    "run disk-read/block_kib=0": "0 is no value of disk-read's block_kib: write a whole number from 1",
    "run tokenize/documents=4|0": "0 is no value of tokenize's documents: write a whole number from 1",
    "run dataloader/workers=999": "999 is no value of dataloader's workers: write a whole number from 0 to 64",
    "run launch/x=1": "unknown axis of launch 'x': it has no axes, write launch alone",
    "run matmul/size": "write axis=value",
    "run --budget soon": "such as 10m",
    "run --budget 0": "positive",
    "run --target-width 3": "write 0.02 or 2%",
    "run --rounds none": "--rounds",
    "run --threads 0": "--threads",
    "run --thraeds 2": "--threads",
    "run --corpus missing.txt": "missing.txt",
    "run --resume missing.jsonl": "cannot read missing.jsonl",
    "run matmul --backend torch-eager-cuda": "see benchsuite list",
    "report missing.jsonl": "cannot read missing.jsonl",
    "report": "Missing argument",
    "history": "Missing argument",
    "history missing.jsonl": "cannot read missing.jsonl: No such file",
    "history . --metric time/latncy": "did you mean time/latency",
    "history . --minimum-effect 3": "write 0.02 or 2%",
    "history . --anchor v9": "no run is of the anchor 'v9': name a file",
    "history nowhere://bucket/runs": "cannot read nowhere://bucket/runs: Protocol not known",
    "history http://127.0.0.1:1/run.jsonl": "cannot read http://127.0.0.1:1/run.jsonl: ",
    "history zip://a::b": "is a chain of URLs",
    "export missing.jsonl --format pytest-benchmark": "cannot read missing.jsonl: No such file",
    "export missing.jsonl --format pytest": "pytest-benchmark",
    "export missing.jsonl": "Missing option '--format'",
    "export missing.jsonl --format pytest-benchmark --metric memory/host_peak": "time/latency",
    "list nothing-like-it": "known are",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_is_told_in_words(line: str, tmp_path: Path) -> None:
    done = benchsuite(*line.split(), cwd=tmp_path, CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 2, done.stderr
    assert WRONG[line] in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_output_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = benchsuite("run", "matmul/size=16", "--output", "file/below.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot write file/below.jsonl" in done.stderr
    (tmp_path / "old.jsonl").write_text("something\n")
    done = benchsuite("run", "matmul/size=16", "--output", "old.jsonl", cwd=tmp_path)
    assert done.returncode == 2
    assert "--resume old.jsonl" in done.stderr
    assert (tmp_path / "old.jsonl").read_text() == "something\n"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00text", b"", b"  \n"])
def test_a_corpus_must_be_text(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "corpus").write_bytes(content)
    done = benchsuite("run", "embedding", "--corpus", "corpus", cwd=tmp_path)
    assert done.returncode == 2
    assert "--corpus corpus" in done.stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_with_examples(command: str, tmp_path: Path) -> None:
    done = benchsuite(*command.split(), "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Examples:" in done.stdout
    assert "benchsuite " in done.stdout.split("Examples:")[1]


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "run --help",
        "list",
        "doctor --brief",
        "run nonsense",
        "report missing",
        "history missing",
        "export missing --format pytest-benchmark",
    ],
)
def test_nothing_heavy_is_imported(line: str, tmp_path: Path) -> None:
    program = f"""
import sys
sys.argv = ["benchsuite", *{line.split()!r}]
from benchsuite.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {{"torch", "numpy", "onnx", "onnxruntime", "pandas", "matplotlib", "scipy", "transformers"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_list_tells_runnable_from_not(tmp_path: Path) -> None:
    done = benchsuite("list", "--json", cwd=tmp_path, CUDA_VISIBLE_DEVICES="")
    jobs = json.loads(done.stdout)["jobs"]
    by_id = {job["id"]: job for job in jobs}
    assert len(by_id) == len(jobs)
    assert all((job["reason"] is None) == job["runnable"] for job in jobs)
    refused = {job["workload"]: job["reason"] for job in jobs if job["backend"] == "onnxruntime-cpu" and job["reason"]}
    assert set(refused) == {"tokenize"}, refused  # of the quick preset, the one that no backend has a part in
    assert "see torch-eager-cpu" in refused["tokenize"]
    assert all(job["runnable"] for job in jobs if job["backend"] == "torch-eager-cpu")
    assert all(job["reason"] for job in jobs if job["backend"].endswith("cuda"))


def test_list_names_every_workload(tmp_path: Path) -> None:
    found = json.loads(benchsuite("list", "--json", cwd=tmp_path).stdout)
    assert {job["workload"] for job in found["jobs"]} | set(found["not_in_preset"]) == set(workloads())
    printed = benchsuite("list", cwd=tmp_path).stdout
    assert all(f"\n{name}: " in f"\n{printed}" for name in workloads())
    chosen = json.loads(benchsuite("list", "softmax", "--json", cwd=tmp_path).stdout)
    assert {job["workload"] for job in chosen["jobs"]} == {"softmax"}
    assert not chosen["not_in_preset"]


def test_doctor_brief_is_json(tmp_path: Path) -> None:
    found = json.loads(benchsuite("doctor", "--brief", "--json", cwd=tmp_path).stdout)
    assert found["environment"]["cpu"]["model"]
    assert len(found["fingerprint"]) == 12
    assert found["noise"] is None
    assert found["backends"]["torch-eager-cpu"]["usable"]
