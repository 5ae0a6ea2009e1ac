"""What a workload's definition covers."""

from pathlib import Path

import pytest

from benchsuite.source import digest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "kitchen"
    (folder / "nets").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "soup.py": "def build():\n    from kitchen.nets import pot\n    return pot\n",
        "nets/__init__.py": "",
        "nets/pot.py": "import os\nfrom kitchen.water import LITRES\n",
        "water.py": "LITRES = 1\n",
        "bread.py": "FLOUR = 1\n",
    }.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("file", "changes"), [("soup.py", True), ("nets/pot.py", True), ("water.py", True), ("bread.py", False)]
)
def test_definition_changes_with_what_it_imports_of_its_package(package: Path, file: str, changes: bool) -> None:
    before = digest("kitchen.soup", package / "soup.py")
    with (package / file).open("a") as handle:
        handle.write("# changed\n")
    assert (digest("kitchen.soup", package / "soup.py") != before) == changes


WORKLOAD = """from benchsuite import Workload

é = "not one byte a letter"
workload = Workload(
    name="soup",
    axes={"litres": 1},
    presets={"quick": {"litres": (1, 2)}},
    build=len,
)
"""


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("(1, 2)", "(1, 2, 4)", False),
        ('{"litres": (1, 2)}}', '{"litres": (1,)}, "sweep": {"litres": (1, 2, 4)}}', False),
        ("(1, 2)}},\n", '(1, 2)}},\n    accelerated={\n        "full": {"litres": (8,)},\n    },\n', False),
        ('{"litres": 1}', '{"litres": 2}', True),
        ("build=len", "build=max", True),
    ],
)
def test_a_definition_does_not_depend_on_which_points_are_tried(
    tmp_path: Path, old: str, new: str, changes: bool
) -> None:
    file = tmp_path / "soup.py"
    file.write_text(WORKLOAD, encoding="utf-8")
    before = digest("soup", file)
    assert old in WORKLOAD
    file.write_text(WORKLOAD.replace(old, new), encoding="utf-8")
    assert (digest("soup", file) != before) == changes
