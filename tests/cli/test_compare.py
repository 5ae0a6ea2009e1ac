"""`benchsuite compare` as a user meets it: what it prints, what it writes, and how it leaves."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from benchsuite.cli import cli, main
from benchsuite.records import Environment, Job, Measurement, Record
from benchsuite.store import Writer
from tests import fakes
from tests.cli.commands import benchsuite, environment
from tests.compared import medians

MATMUL, COPY = fakes.job("matmul", size=2048), fakes.job("memory-copy", "onnxruntime-cpu")
METRIC = "time/latency"

Left = tuple[int, str, str]
Command = Callable[..., Left]


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process and a folder of its own: exit status, what it printed, what it complained of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str) -> Left:
        monkeypatch.setattr(sys, "argv", ["benchsuite", "compare", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return int(left.value.code or 0), printed.out, printed.err

    return run


def good(job: Job = MATMUL, level: float = 1e-3, rounds: int = 5, seed: int = 0) -> list[Record]:
    return [
        Record(job, i, "ok", measurements=(Measurement.of(METRIC, (value, value, value)),))
        for i, value in enumerate(medians(rounds, level, 0.003, seed))
    ]


def bad(status: Any, job: Job = MATMUL, reason: str = "out of memory") -> list[Record]:
    return [Record(job, 0, status, reason)]


def store(
    name: str,
    *records: Sequence[Record],
    machine: Environment | None = None,
    started: float = 1.0,
    preset: str = "quick",
) -> str:
    """A stored run in the current folder."""
    known = fakes.stored([], machine).run
    run = dataclasses.replace(known, started=started, settings=dataclasses.replace(known.settings, preset=preset))
    with Writer(Path(name)) as writer:
        writer.append(run)
        for record in (one for some in records for one in some):
            writer.append(record)
    return name


def other() -> Environment:
    return dataclasses.replace(fakes.laptop(), cpu=dataclasses.replace(fakes.laptop().cpu, model="Other CPU"))


FAST, SLOW = good(), good(level=1.3e-3, seed=1)


@pytest.mark.parametrize(
    ("base", "candidate", "options", "status", "says"),
    [
        (FAST, FAST, "", 0, "1 unclear: 1 job"),
        (FAST, FAST, "--strict", 3, "1 unclear: 1 job"),
        (SLOW, FAST, "", 0, "1 faster: 1 job"),
        (SLOW, FAST, "--strict", 0, "1 faster: 1 job"),
        (FAST, SLOW, "", 1, "1 slower: 1 job"),
        (FAST, SLOW, "--minimum-effect 50%", 0, "1 same: 1 job"),
        (FAST, good(rounds=1), "", 0, "benchsuite run --rounds 4"),
        (FAST, good(rounds=1), "--strict", 3, "benchsuite run --rounds 4"),
        (good() + good(COPY), SLOW, "", 5, "1 removed, 1 slower: 2 jobs"),
        (good() + good(COPY), good() + bad("wrong", COPY), "", 5, "1 wrong, 1 unclear: 2 jobs"),
        (good() + good(COPY), good() + bad("failed", COPY), "", 5, "1 failed, 1 unclear: 2 jobs"),
        (good() + good(COPY), good() + bad("skipped", COPY), "", 5, "1 removed, 1 unclear: 2 jobs"),
        (good(), good() + good(COPY), "", 0, "1 unclear, 1 added: 2 jobs"),
        (good(), good(COPY), "", 5, "no job is measured on both sides"),
        ([], good(), "", 5, "no job is measured on both sides"),
        (good(), [], "", 5, "no job is measured on both sides"),
        ([], [], "", 5, "There is no job to compare"),
        (bad("skipped"), bad("skipped"), "", 5, "1 job skipped on both sides"),
        (bad("failed"), bad("failed"), "", 5, "no job is measured on both sides"),
        (good(), good(), "--metric time/prefill", 5, "1 job skipped on both sides, or without this metric"),
    ],
)
def test_how_it_leaves(
    compare: Command, base: list[Record], candidate: list[Record], options: str, status: int, says: str
) -> None:
    arguments = [store("base.jsonl", base), store("candidate.jsonl", candidate), *options.split()]
    left, printed, complaint = compare(*arguments)
    assert (left, complaint) == (status, "")
    assert says in " ".join(printed.split())
    left, printed, complaint = compare(*arguments, "--json")
    assert left == json.loads(printed)["exit_status"] == status


def test_another_machine_is_refused_unless_forced(compare: Command) -> None:
    files = store("a.jsonl", FAST), store("b.jsonl", SLOW, machine=other())
    left, printed, _ = compare(*files)
    assert left == 4
    assert "not comparable" in printed
    assert "cpu.model: Example CPU 2000 in the base, Other CPU in the candidate (all jobs)" in printed
    assert "1.3×" not in printed
    left, printed, _ = compare(*files, "--force")
    assert left == 0
    assert "1 slower: 1 job" in printed
    assert "these verdicts are informational" in printed
    assert compare(*files, "--force", "--strict")[0] == 0


def test_forcing_hides_no_missing_job(compare: Command) -> None:
    files = store("a.jsonl", FAST, good(COPY)), store("b.jsonl", SLOW, machine=other())
    assert compare(*files, "--force")[0] == 5


def test_a_suite_of_redefined_jobs_is_not_comparable(compare: Command) -> None:
    changed = [dataclasses.replace(record, definition="new") for record in SLOW]
    files = store("a.jsonl", FAST), store("b.jsonl", changed)
    assert compare(*files)[0] == 4
    files = store("c.jsonl", FAST, good(COPY)), store("d.jsonl", changed, good(COPY))
    assert compare(*files)[0] == 0
    assert compare(*files, "--strict")[0] == 3


def test_a_package_may_be_what_is_compared(compare: Command) -> None:
    newer = dataclasses.replace(fakes.laptop(), packages={"torch": "2.12.0"})
    files = store("a.jsonl", FAST), store("b.jsonl", SLOW, machine=newer)
    assert compare(*files)[0] == 4
    left, printed, _ = compare(*files, "--treatment", "torch")
    assert left == 1
    assert "packages.torch: 2.11.0 in the base, 2.12.0 in the candidate" in printed


def test_a_folder_is_the_sessions_of_one_side(compare: Command, tmp_path: Path) -> None:
    for side, level in (("before", 1e-3), ("after", 1.005e-3)):
        for i in range(4):
            store(f"{side}/{i}.jsonl", good(level=level, seed=10 * i), started=float(i))
    (tmp_path / "before" / "notes.txt").write_text("not a run")
    left, printed, _ = compare("before", "after")
    assert left == 0
    assert "1 same: 1 job" in printed
    assert "20+20" in printed


def test_a_copy_does_not_pass_for_another_session(compare: Command) -> None:
    store("before/a.jsonl", FAST)
    store("before/b.jsonl", FAST)
    left, _, complaint = compare("before", store("after.jsonl", SLOW))
    assert left == 2
    assert "b.jsonl is the same run as before/a.jsonl" in complaint


def test_sessions_of_two_machines_are_no_side(compare: Command) -> None:
    store("before/a.jsonl", FAST)
    store("before/b.jsonl", FAST, machine=other(), started=2.0)
    left, printed, _ = compare("before", store("after.jsonl", SLOW))
    assert left == 4
    assert "Example CPU 2000 | Other CPU in the base" in printed


def test_a_stored_baseline_is_the_base(compare: Command) -> None:
    store("results/baselines/my-machine/quick.jsonl", FAST)
    candidate = store("after.jsonl", SLOW)
    assert compare("--baseline", "my-machine", candidate)[0] == 1
    left, _, complaint = compare("--baseline", "my-machin", candidate)
    assert left == 2
    assert "did you mean my-machine?" in complaint
    assert compare("--baseline", "../baselines/my-machine", candidate)[0] == 2
    assert compare("--baseline", "my-machine")[0] == 2


def test_of_a_baseline_the_runs_of_the_same_preset_are_taken(compare: Command) -> None:
    store("results/baselines/mine/full.jsonl", FAST, good(COPY), started=2.0, preset="full")
    assert compare("--baseline", "mine", store("quick.jsonl", SLOW))[0] == 5
    store("results/baselines/mine/quick.jsonl", FAST)
    left, printed, _ = compare(
        "--baseline", "mine", "quick.jsonl", store("full.jsonl", SLOW, good(COPY), preset="full")
    )
    assert left == 1
    assert "quick.jsonl against results/baselines/mine/quick.jsonl" in printed
    assert "full.jsonl against results/baselines/mine/full.jsonl" in printed


def test_each_candidate_is_compared_with_the_base(compare: Command) -> None:
    files = store("a.jsonl", FAST), store("b.jsonl", FAST), store("c.jsonl", SLOW)
    left, printed, _ = compare(*files)
    assert left == 1
    assert "b.jsonl against a.jsonl" in printed
    assert "c.jsonl against a.jsonl" in printed
    gone = store("d.jsonl", good(COPY))
    assert compare(*files, gone)[0] == 5
    assert compare(*files, gone, store("e.jsonl", FAST, machine=other()))[0] == 4


def test_jobs_are_chosen_by_name_and_by_backend(compare: Command) -> None:
    files = store("a.jsonl", FAST, good(COPY)), store("b.jsonl", SLOW, good(COPY))

    def jobs(*options: str) -> list[str]:
        data = json.loads(compare(*files, *options, "--json")[1])
        return sorted(v["job"] for v in data["comparisons"][0]["verdicts"])

    assert jobs() == sorted([MATMUL.id, COPY.id])
    assert jobs("--only", "memory-*") == [COPY.id]
    assert jobs("--only", "matmul/size=*") == [MATMUL.id]
    assert jobs("--backend", "onnx*") == [COPY.id]
    assert jobs("--only", "matmul", "--only", "memory-copy") == sorted([MATMUL.id, COPY.id])
    left, _, complaint = compare(*files, "--only", "matmull")
    assert left == 2
    assert "did you mean matmul?" in complaint
    assert "did you mean onnxruntime-cpu?" in compare(*files, "--backend", "onnxruntime-cp")[2]


def test_files_are_written_and_named(compare: Command, tmp_path: Path) -> None:
    files = store("a.jsonl", FAST), store("b.jsonl", SLOW)
    left, printed, _ = compare(*files, "--output", "new/verdicts", "--group-by", "backend")
    assert left == 1
    assert "Written to new/verdicts: verdict.md, verdict.csv, verdict.json, ratios.png" in printed
    data = json.loads((tmp_path / "new" / "verdicts" / "verdict.json").read_text(encoding="utf-8"))
    assert data["exit_status"] == 1
    (comparison,) = data["comparisons"]
    assert comparison["comparable"] == "comparable"
    assert comparison["rule"] == {"tolerance": 0.01, "minimum": 0.03, "false_discoveries": 0.05}
    assert comparison["verdicts"][0]["outcome"] == "slower"
    assert comparison["groups"]["backend"][0]["backend"] == "torch-eager-cpu"
    left, printed, complaint = compare(*files, "--output", "a.jsonl/below")
    assert left == 2
    assert "choose another --output" in complaint


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Missing argument"),
        (["a.jsonl"], "name a base and a candidate, or a --baseline"),
        (["a.jsonl", "none.jsonl"], "cannot read none.jsonl: No such file"),
        (["a.jsonl", "empty"], "empty holds no *.jsonl or *.json file"),
        (["-", "-"], "read only once"),
        (["a.jsonl", "a.jsonl", "--metric", "time/latancy"], "did you mean time/latency?"),
        (["a.jsonl", "a.jsonl", "--minimum-effect", "0"], "write 0.02 or 2%"),
        (["a.jsonl", "a.jsonl", "--tolerance", "5%"], "--tolerance 0.05 is more than --minimum-effect 0.03"),
        (["a.jsonl", "a.jsonl", "--treatment", "troch"], "did you mean torch?"),
        (["a.jsonl", "a.jsonl", "--group-by", "colour"], "'workload', 'backend', 'precision', 'outcome'"),
        (["a.jsonl", "a.jsonl", "--baseline", "mine"], "holds none"),
        (["a.jsonl", "x" * 5000], "cannot read"),
        (["a.jsonl", "binary"], "binary, line 1: not the header of a run"),
        (["a.jsonl", "blank"], "blank, line 1: no header line"),
        (["a.jsonl", "newer"], "newer, line 1: schema '2.0' cannot be read by this version"),
        (["a.jsonl", "twice"], "twice, line 7: not a record of a run: round 0 of matmul/size=2048"),
        (["a.jsonl", "deep"], "deep, line 7: not a record of a run: nested too deeply"),
    ],
)
def test_wrong_usage_is_told_in_words(compare: Command, tmp_path: Path, arguments: list[str], reason: str) -> None:
    whole = Path(store("a.jsonl", FAST)).read_bytes()
    (tmp_path / "empty").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\n" + whole)
    (tmp_path / "blank").write_bytes(b"")
    (tmp_path / "newer").write_bytes(whole.replace(b'"1.0"', b'"2.0"'))
    (tmp_path / "twice").write_bytes(whole + whole.split(b"\n")[1] + b"\n")
    (tmp_path / "deep").write_bytes(whole + b'{"log":' + b"[" * 100_000 + b"\n")
    left, printed, complaint = compare(*arguments)
    assert (left, printed) == (2, "")
    assert reason in complaint


def test_a_torn_run_is_noted_and_compared(compare: Command, tmp_path: Path) -> None:
    base, candidate = store("a.jsonl", good(rounds=6)), store("b.jsonl", SLOW)
    Path(base).write_bytes(Path(base).read_bytes()[:-9])
    left, _, complaint = compare(base, candidate)
    assert left == 1
    assert "note: a.jsonl: the last line" in complaint


def test_large_runs_are_read_by_processes_of_their_own(
    compare: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = store("a.jsonl", FAST), store("b.jsonl", SLOW)
    alone = compare(*files, "--json")
    monkeypatch.setattr("benchsuite.cli.sides._LARGE", 0)
    assert compare(*files, "--json") == alone
    Path("b.jsonl").write_bytes(Path("b.jsonl").read_bytes() + b"{}\n")
    left, _, complaint = compare(*files)
    assert (left, complaint.startswith("error: b.jsonl, line 7: not a record")) == (2, True)
    assert "cannot read none.jsonl" in compare("a.jsonl", "none.jsonl")[2]


def test_standard_input_is_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store("a.jsonl", FAST)
    store("b.jsonl", SLOW)
    with Path("b.jsonl").open("rb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "benchsuite", "compare", "a.jsonl", "-"],
            stdin=stream, env=environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "standard input against a.jsonl" in done.stdout


def test_nothing_heavy_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = [store("a.jsonl", FAST), store("b.jsonl", SLOW)]
    program = f"""
import sys
sys.argv = ["benchsuite", "compare", *{files!r}]
from benchsuite.cli import main
try:
    main()
except SystemExit:
    pass
heavy = {{"torch", "onnx", "onnxruntime", "pandas", "matplotlib", "transformers"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_names_every_status_and_has_examples(tmp_path: Path) -> None:
    done = benchsuite("compare", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "benchsuite compare" in done.stdout.split("Examples:")[1]
    statuses = done.stdout.split("Exit status")[1]
    assert [line.split()[0] for line in statuses.splitlines()[1:] if line.strip()] == ["2", "4", "5", "1", "3", "0"]


def test_every_option_is_documented() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
    command = cli.get_command(click.Context(cli), "compare")
    assert command is not None
    options = [p.opts[0] for p in command.params if isinstance(p, click.Option)]
    assert not [option for option in options if f"`{option}`" not in readme]


def test_files_of_other_tools_are_read_and_decide_nothing_alone(compare: Command) -> None:
    for name, seconds in (("old.json", 1e-3), ("new.json", 2e-3)):
        stats = {"median": seconds, "rounds": 9}
        found = {"machine_info": {}, "benchmarks": [{"fullname": "test_it", "stats": stats}], "version": "5.0.0"}
        Path(name).write_text(json.dumps(found))
    status, out, _ = compare("old.json", "new.json")
    assert status == 0
    assert "1 unclear" in out
    assert "1 and 1 rounds; a verdict takes 4 of each side" in " ".join(out.split())
