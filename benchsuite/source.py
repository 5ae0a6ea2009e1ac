"""The source that defines something: a file and, of its own package, every file that it imports."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path


def digest(module: str, file: Path) -> str:
    """Twelve hex digits over `module`'s source and over what it imports of its own top package, all the way down."""
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
        total.update(found[name])
    return total.hexdigest()[:12]


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
