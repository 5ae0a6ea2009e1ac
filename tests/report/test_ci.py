"""What CI services read: JUnit XML and workflow commands."""

from xml.etree import ElementTree

from benchsuite.records import Verdict
from benchsuite.report import junit, workflow

EVIL = 'matmul/x=<b>&"\x1b[31m\n::error::pwned@torch-eager-cpu/fp32/t1'
VERDICTS = [
    Verdict("matmul/size=64@torch-eager-cpu/fp32/t1", "time/latency", "slower", "s", 1.0, 1.1, 1.1, 1.08, 1.12, 0.02),
    Verdict("softmax@torch-eager-cpu/fp32/t1", "time/latency", "faster", "s", 1.0, 0.9, 0.9, 0.88, 0.92, 0.02),
    Verdict("rnn@torch-eager-cpu/fp32/t1", "time/latency", "same", "s", 1.0, 1.0, 1.0, 0.99, 1.01, 0.02),
    Verdict("gpt2@torch-eager-cpu/fp32/t1", "time/latency", "unclear", reason="it could have seen 8 %"),
    Verdict("bert@torch-eager-cpu/fp32/t1", "time/latency", "removed", reason="the other side has no such job"),
    Verdict("t5@torch-eager-cpu/fp32/t1", "time/latency", "ungateable", reason="too noisy here to gate"),
    Verdict(EVIL, "time/latency", "wrong", reason="100 % off\r\n::stop-commands::x"),
]


def test_junit_counts_and_tells() -> None:
    suite = ElementTree.fromstring(junit.document(VERDICTS))
    assert {k: suite.get(k) for k in ("tests", "failures", "errors", "skipped")} == {
        "tests": "7",
        "failures": "1",
        "errors": "2",
        "skipped": "2",
    }
    cases = {case.get("name"): case for case in suite}
    assert cases[VERDICTS[0].job].find("failure") is not None
    assert list(cases[VERDICTS[2].job]) == []
    assert cases[VERDICTS[3].job].find("skipped").get("message") == "unclear: it could have seen 8 %"  # type: ignore[union-attr]
    assert cases[VERDICTS[4].job].get("classname") == "bert"


def test_an_unfit_session_is_an_error_of_its_own() -> None:
    suite = ElementTree.fromstring(junit.document(VERDICTS[2:3], "rnn came out slower than itself"))
    assert (suite.get("tests"), suite.get("errors")) == ("2", "1")
    assert suite[0].find("error").get("message") == "rnn came out slower than itself"  # type: ignore[union-attr]


def test_annotations_tell_what_changed_and_nothing_else() -> None:
    found = workflow.lines(VERDICTS[:6])
    assert found == [
        "::error title=benchsuite%3A slower::matmul/size=64@torch-eager-cpu/fp32/t1: 1.10× the time (1.080 to 1.120)",
        "::notice title=benchsuite%3A faster::softmax@torch-eager-cpu/fp32/t1: 0.900× the time (0.880 to 0.920)",
        "::error title=benchsuite%3A removed::bert@torch-eager-cpu/fp32/t1: the other side has no such job",
    ]


def test_a_job_cannot_speak_to_the_runner() -> None:
    (line,) = workflow.lines(VERDICTS[6:])
    assert "\n" not in line
    assert "\r" not in line
    assert "100 %25 off" in line
    ElementTree.fromstring(junit.document(VERDICTS))


def test_an_unfit_session_is_a_warning() -> None:
    assert workflow.lines([], "the control differs")[0].startswith("::warning title=benchsuite%3A unfit::the control")
