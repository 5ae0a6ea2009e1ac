"""The source that defines something: a file and, of its own package, every file that it imports."""

from __future__ import annotations

import ast
import hashlib
import itertools
from pathlib import Path

_CHOICES = ("presets", "accelerated")


def digest(module: str, file: Path) -> str:
    """Twelve hex digits over `module`'s source and over what it imports of its own top package, all the way down.

    Which points a preset tries, `presets` and `accelerated` of a `Workload`, is left out: what a point measures does
    not depend on which others are tried.
    """
    package, folder = module.partition(".")[0], file.parents[module.count(".")]
    found = {module: file.read_bytes()}
    open_modules = [module]
    while open_modules:
        for needed in sorted(_imported(found[open_modules.pop()]) - found.keys()):
            if needed.partition(".")[0] == package and (text := _text(folder, needed)) is not None:
                found[needed] = text
                open_modules.append(needed)
    total = hashlib.sha256()
    for name in sorted(found):
        total.update(_without_choices(found[name]))
    return total.hexdigest()[:12]


def _without_choices(text: bytes) -> bytes:
    """The source without the arguments that only choose points."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    chosen = [k for c in calls if isinstance(c.func, ast.Name) and c.func.id == "Workload" for k in c.keywords]
    starts = list(itertools.accumulate((len(line) for line in text.splitlines(keepends=True)), initial=0))
    # From the last to the first, so that what was cut moves nothing that is still to be cut.
    for keyword in sorted(chosen, key=lambda k: (k.lineno, k.col_offset), reverse=True):
        if keyword.arg in _CHOICES:
            assert keyword.end_lineno is not None
            assert keyword.end_col_offset is not None
            begin = starts[keyword.lineno - 1] + keyword.col_offset
            end = starts[keyword.end_lineno - 1] + keyword.end_col_offset
            # The comma and the space around it differ with what stands on a line.
            text = text[:begin].rstrip() + text[end:].lstrip(b", \n")
    return text


def _imported(text: bytes) -> set[str]:
    """Names that may be modules: what is imported, and what is taken from it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _text(folder: Path, module: str) -> bytes | None:
    path = folder.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file.read_bytes()
    return None
