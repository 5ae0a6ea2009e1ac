from pathlib import Path

import pytest

from benchsuite.analysis.gate import Policy
from benchsuite.cli.policy import Gate, read_gate
from benchsuite.cli.status import exit_status
from benchsuite.errors import UsageError
from benchsuite.records import Outcome, Verdict

WHOLE = """
[tool.benchsuite.gate]
patterns = ["my-*", "matmul/size=512"]
backends = ["torch-*"]
precisions = ["fp32", "bf16"]
preset = "full"
metric = "time/device"
minimum-effect = "5%"
tolerance = 0.02
absolute-floor = 1e-6
budget = "10m"
strict = true
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    assert read_gate(written(tmp_path, WHOLE)) == Gate(
        ("my-*", "matmul/size=512"),
        ("torch-*",),
        ("fp32", "bf16"),
        "full",
        "time/device",
        600.0,
        True,
        Policy(minimum_effect=0.05, tolerance=0.02, absolute_floor=1e-6),
    )


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n", "[tool.benchsuite.gate]\n"])
def test_a_file_that_says_nothing_is_the_default(text: str, tmp_path: Path) -> None:
    assert read_gate(written(tmp_path, text)) == Gate()
    assert read_gate(tmp_path / "absent.toml") == Gate()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("paterns = []", "unknown key 'paterns': did you mean patterns"),
        ("patterns = 'my'", "patterns = 'my': write a list of strings"),
        ("patterns = [1]", "write a list of strings"),
        ("minimum-effect = 3", "minimum-effect = 3: write a ratio between 0 and 1"),
        ("minimum-effect = 'much'", "minimum-effect = 'much': write a ratio between 0 and 1"),
        ("tolerance = nan", "write a ratio"),
        ("absolute-floor = -1", "absolute-floor = -1: write seconds"),
        ("budget = 'soon'", "budget = 'soon'"),
        ("budget = 0", "budget = 0: write more than no time"),
        ("tolerance = '4%'", "the tolerance 0.04 is more than the minimum effect 0.03"),
        ("strict = 1", "strict = 1: write true or false"),
        ("metric = 'time/latencies'", "did you mean time/latency"),
        ("preset = 1", "preset = 1: write a string"),
    ],
)
def test_what_is_amiss_is_named(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message) as error:
        read_gate(written(tmp_path, f"[tool.benchsuite.gate]\n{line}\n"))
    assert "pyproject.toml" in str(error.value)


@pytest.mark.parametrize("text", ["[tool", "tool = 1\n[tool.benchsuite]\n", "[tool]\nbenchsuite = 3\n"])
def test_a_file_that_is_no_policy_is_told(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be read as TOML|is not a table"):
        read_gate(written(tmp_path, text))


@pytest.mark.parametrize(
    ("outcomes", "status", "strict"),
    [
        (["same", "faster"], 0, 0),
        (["same", "unclear"], 0, 3),
        (["same", "incomparable"], 0, 3),
        (["unclear", "incomparable"], 3, 3),
        (["same", "ungateable"], 0, 3),
        (["ungateable"], 3, 3),
        (["incomparable", "added"], 5, 5),
        (["same", "slower", "unclear"], 1, 1),
        (["slower", "wrong"], 5, 5),
        (["same", "removed"], 5, 5),
        (["same", "failed"], 5, 5),
        (["same", "added"], 0, 0),
        (["added"], 5, 5),
        ([], 5, 5),
    ],
)
def test_the_exit_status_never_hides_anything(outcomes: list[Outcome], status: int, strict: int) -> None:
    verdicts = [Verdict(f"job-{i}", "time/latency", outcome) for i, outcome in enumerate(outcomes)]
    assert exit_status(verdicts, refused=False, strict=False) == status
    assert exit_status(verdicts, refused=False, strict=True) == strict
    assert exit_status(verdicts, refused=True, strict=False) == 4
