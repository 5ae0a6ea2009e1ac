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
