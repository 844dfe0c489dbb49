"""How Sphinx makes a site of ``docs/`` (``make site``), offline; the pages are the Markdown files themselves."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

import gallery  # noqa: E402  it stands beside this file

from engram.version import __version__  # noqa: E402  the checkout's, whatever is installed

project, author, version, release = "engram", "the engram developers", __version__, __version__
project_copyright = "the engram developers"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["site", "spec-coverage.md", "report-example.md", "gallery/*.ipynb", "gallery/*.py", "gallery/*.zip"]
root_doc = "index"
nitpicky = False

myst_heading_anchors = 3

autodoc_typehints = "none"  # signatures are long enough; the text says what is expected
autodoc_member_order = "bysource"
autodoc_default_options = {"inherited-members": False}
napoleon_google_docstring, napoleon_numpy_docstring = True, False
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_title = f"engram {__version__}"
html_show_sphinx = False
html_show_search_summary = False  # it would fetch the pages found, which browsers forbid for files
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#b45309", "color-brand-content": "#b45309"},
    "dark_css_variables": {"color-brand-primary": "#f59e0b", "color-brand-content": "#f59e0b"},
}

sphinx_gallery_conf = {
    "examples_dirs": str(gallery.titled(ROOT / "examples", ROOT / "build" / "examples")),
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("gallery.figure",),
    "reset_argv": "gallery.arguments",
    "remove_config_comments": True,
    "min_reported_time": 1e9,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "notebook_extensions": set(),
}
