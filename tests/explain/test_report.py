"""Reports: golden files, the same bytes for the same network, values before and after compile, hostile names."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import engram as eg
from engram.cli import demo_network
from engram.errors import InvalidArgument, SaveError
from tests.docs.markdown import ROOT
from tests.network.described import HOSTILE, network

GOLDEN = Path(__file__).parents[1] / "golden"
EXAMPLE = ROOT / "docs" / "report-example.md"
TITLE = "The network of the demo"


def written(net: eg.Network, path: Path, **options: object) -> str:
    assert net.report(path, **options) == os.fspath(path)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["md", "tex"])
def test_report_golden(suffix, tmp_path):
    text = written(network(), tmp_path / f"report.{suffix}", title="A network", author="A & B", date="1 May 2024")
    golden = GOLDEN / f"report.{suffix}"
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        golden.write_text(text, encoding="utf-8")

    assert text == golden.read_text(encoding="utf-8")


def test_example_in_docs_is_the_network_of_the_demo_golden(tmp_path):
    path = demo_network.build(42).report(tmp_path / "example.md", title=TITLE)
    text = Path(path).read_text(encoding="utf-8")
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        EXAMPLE.write_text(text, encoding="utf-8")

    assert text == EXAMPLE.read_text(encoding="utf-8")


def test_same_network_gives_the_same_bytes(tmp_path):
    first, second = (written(network(), tmp_path / f"{k}.tex") for k in range(2))

    assert first == second
    assert r"\date{}" in first


def test_report_has_every_equation_as_mathematics(tmp_path):
    text = written(network(), tmp_path / "r.md")

    assert r"\tau_m \cdot \frac{dv}{dt} + v = E_L + " in text
    assert r"\begin{cases} 1 & \text{if } v > v_{\mathrm{thresh}} \cr -2 & \text{if }" in text
    assert r"\frac{dx}{dt} = -\frac{x}{\tau_x} \qquad \text{(event-driven)}" in text
    assert r"n \leftarrow n - 1" in text
    assert "(exponential)" in text
    assert "(explicit)" in text
    assert "unless the postsynaptic neuron spikes too" in text
    assert text.index(r"g_{\mathrm{target}} \leftarrow") < text.index(r"x \leftarrow x + A")


def test_gathered_projections_share_a_row_if_their_synapse_is_the_same(tmp_path):
    apart, together = (written(network(), tmp_path / f"{g}.md", gather_subprojections=g) for g in (False, True))

    assert "| near |" in apart
    assert "| near, far |" in together
    assert "`fixed_number_pre(number=2)`, `all_to_all()`" in together
    assert "| learning |" in together


@pytest.mark.cc
def test_values_are_the_present_ones(tmp_path):
    net = network()
    before = written(net, tmp_path / "before.md")
    net.compile()
    exc = net.get_population("exc_cells")
    exc.v_thresh = -51.5
    exc.tau_m = 30.0
    exc.refractory = 3.0
    after = written(net, tmp_path / "after.md")

    assert "| `v_thresh` | $v_{\\mathrm{thresh}}$ | `Uniform(-52.0, -48.0)` | neuron |" in before
    assert "| `w` | $w$ | `Uniform(0.0, 0.5)` | synapse | float | all |" in before
    assert "| `v_thresh` | $v_{\\mathrm{thresh}}$ | `-51.5` | neuron | float | exc\\_cells |" in after
    assert "| `tau_m` | $\\tau_m$ | `30.0` |" in after
    assert "| `refractory` |  | `2.0` | neuron | float | all |" in before
    assert "| `refractory` |  | `3.0` | neuron | float | exc\\_cells |" in after
    assert "Synapses" not in before
    assert f"| `{net.get_projection('far').nb_synapses}` |" in after


def test_part_of_a_population_is_said_to_be_one(tmp_path):
    net = network()
    exc = net.get_population("exc_cells")
    net.connect(exc[0, :], exc, "exc", name="row").all_to_all(weights=1.0)

    assert "exc\\_cells (5 of 20)" in written(net, tmp_path / "r.md")


def test_models_of_one_name_are_told_apart(tmp_path):
    net = eg.Network()
    for value in (1, 2):
        net.create(1, eg.Neuron(equations=f"r = {value}.0", name="N"))
    net.create(1, eg.Neuron(equations="r = 3.0"))
    text = written(net, tmp_path / "r.md")

    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == ["N", "N (2)", "Neuron 3"]


def test_empty_network_has_a_report(tmp_path):
    assert "None." in written(eg.Network(seed=1), tmp_path / "r.tex")


def test_sections_alone_can_be_included_in_a_document(tmp_path):
    text = written(network(), tmp_path / "r.tex", standalone=False)

    assert r"\section*{Populations}" in text
    assert "document" not in text


def hostile(path: Path) -> str:
    net = eg.Network(seed=1)
    seen = HOSTILE.replace("\u202e", "")  # names have nothing that can't be seen
    neuron = eg.Neuron(equations="r = 1.0", name=seen, description=HOSTILE)
    name = seen.replace("/", "|")
    pop = net.create(2, neuron, name=name)
    net.connect(pop, pop, "exc", name=name).all_to_all(1.0)
    return written(net, path, title=HOSTILE, author=HOSTILE, date=HOSTILE)


def test_hostile_names_stay_text_in_markdown(tmp_path):
    text = hostile(tmp_path / "r.md")
    plain = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)  # without what is escaped

    assert "<" not in text
    assert "&lt;/script&gt;&lt;img src=x" in text
    assert "http:" not in text
    assert "www.e" not in text
    assert "\u202e" not in text
    assert re.findall(r"[\]\[*~^]", re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", plain, flags=re.DOTALL)) == []
    assert all(line.count("|") == table[0].count("|") for table in tables(plain) for line in table)


def tables(text: str) -> list[list[str]]:
    return [part.split("\n") for part in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE) for part in [part.rstrip()]]


def test_hostile_names_stay_text_in_latex(tmp_path):
    text = hostile(tmp_path / "r.tex")
    commands = set(re.findall(r"\\([A-Za-z]+)", text))

    assert commands & {"input", "write", "catcode", "def"} == set()
    assert text.count(r"\end{document}") == 1
    assert r"\textbackslash{}input\{/etc/passwd\}" in text
    assert text.isascii() or set(re.findall(r"[^\x00-\x7f]", text)) == {"é"}
    assert r"\texttt{U+65E5}" in text
    assert r"$\tau$" in text
    assert balanced(text)


def balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace("\\\\", "")):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(("name", "shown"), [("report.html", "'.html'"), ("report", "'missing'")])
def test_other_suffixes_are_refused(name, shown, tmp_path):
    with pytest.raises(InvalidArgument, match=rf"must be \.tex or \.md, not {shown}\n  help: "):
        network().report(tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_folder_in_place_of_the_file_is_an_error(tmp_path):
    (tmp_path / "r.md").mkdir()

    with pytest.raises(SaveError):
        network().report(tmp_path / "r.md")
