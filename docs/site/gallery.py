"""The gallery: each script of ``examples/`` with what it prints and the figure that it draws, in a quick run.

sphinx-gallery wants a title in each script and figures that are left open; the examples have a sentence and write their
figure. So it gets copies with a title, an argument that says where the figure goes, and takes it from there.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sphinx_gallery.scrapers import figure_rst

__all__ = ["arguments", "figure", "titled"]

FIGURES = Path(tempfile.mkdtemp(prefix="engram-gallery-"))
HEADER = """\
Examples
========

Published networks as short scripts, each with what its paper says beside what it finds. Figures and numbers here are
those of quick runs (``--quick``); ``examples/README.md`` has a table of all with their papers.

"""


def titled(source: Path, target: Path) -> Path:
    """Copy the examples, each with its name as the title of its text; return where they are."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / "GALLERY_HEADER.rst").write_text(HEADER, encoding="utf-8")
    for script in sorted(source.glob("*.py")):
        text = script.read_text(encoding="utf-8")
        name = script.stem.replace("_", " ")
        first = re.match(r'"""(.*)\n', text)
        if first is None:
            raise ValueError(f"{script} does not begin with what it is about")
        title = f'"""\n{name}\n{"=" * len(name)}\n\n{first[1]}\n'
        (target / script.name).write_text(title + text[first.end() :], encoding="utf-8")
    return target


def arguments(gallery_conf: dict[str, Any], script_vars: dict[str, Any]) -> list[str]:
    """Return what a script is started with: a quick run, and its figure where :func:`figure` looks for it."""
    return ["--quick", "--output", str(FIGURES / f"{Path(script_vars['src_file']).stem}.png")]


def figure(block: tuple[Any, ...], block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Move the figure that a script has written to where the page shows it; return the text that does."""
    written = FIGURES / f"{Path(block_vars['src_file']).stem}.png"
    if not written.exists():
        return ""
    place = next(block_vars["image_path_iterator"])
    shutil.move(written, place)
    return str(figure_rst([place], gallery_conf["src_dir"]))
