"""``make site``: Sphinx complains of nothing, every link inside leads somewhere, all of ``engram`` is described.

CI builds the whole site after the tests, with warnings as errors; nightly its links are followed. The examples are not
run for their figures here: their own tests run them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import engram
from tests.docs.markdown import ROOT

BUILT = pytest.mark.nightly  # half a minute, and `make site` builds it anyway

PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))
LEFT_OUT = {"report-example", "spec-coverage"}  # for those who work on engram


class Links(HTMLParser):
    """Where the links of a page lead, and what can be led to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name in ("href", "src") and value:
                self.targets.append(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site as ``make site`` builds it, but for the figures of the gallery."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    done = subprocess.run(
        [*command, "-D", "plot_gallery=0", "-c", "docs/site", "docs", str(folder)],
        cwd=ROOT,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@BUILT
def test_every_page_and_every_example_is_in_the_site(site):
    examples = {path.stem for path in (ROOT / "examples").glob("*.py")}

    assert {path.stem for path in site.glob("*.html")} >= set(PAGES) - LEFT_OUT
    assert {path.stem for path in (site / "gallery").glob("*.html")} >= examples


@BUILT
def test_every_link_inside_the_site_leads_to_something_and_none_fetches_from_outside(site):
    pages = {path: Links(path) for path in site.rglob("*.html")}
    lost = []
    for path, page in pages.items():
        for target in page.targets:
            parts = urlsplit(target)
            if parts.scheme:
                continue
            to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not to.exists() or (to in pages and parts.fragment and unquote(parts.fragment) not in pages[to].anchors):
                lost.append(f"{path.relative_to(site)}: {target}")
    loaded = re.compile(r'<(?:script|link|img)[^>]*(?:src|href)="https?://[^"]*"')

    assert len(pages) > 40
    assert lost == []
    assert [str(path) for path in pages if loaded.search(path.read_text(encoding="utf-8"))] == []


def test_the_reference_describes_every_public_name():
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\.\. auto\w+:: (\S+)$", page, re.MULTILINE))
    said = {"__version__", "float32", "float64", "models"}  # in a sentence
    wanted = {f"engram.{name}" for name in engram.__all__ if name not in said | {"plot"}} | {"engram.analysis.plot"}

    assert wanted - described == set()
    assert [name for name in sorted(said) if f"eg.{name}" not in page] == []
