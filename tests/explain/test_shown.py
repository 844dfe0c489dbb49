"""What notebooks show: HTML in which names are text and equations are mathematics; reports show what they print."""

from html.parser import HTMLParser

import engram as eg
from engram.explain import shown
from tests.cases import each

EVIL = "<b>$x$ & 'y'"
LIF = eg.Neuron(
    parameters="tau = 10.0 : population",
    equations="tau*dv/dt = -v + g_exc",
    spike="v > 1.0",
    reset="v = 0.0",
    name="leaky",
)


class _Reader(HTMLParser):
    """Reads the text, and refuses tags that don't belong together."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], "", set()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


def read(one):
    reader = _Reader()
    reader.feed(one._repr_html_())
    assert reader.open == []
    assert EVIL not in one._repr_html_()
    return reader


def small():
    net = eg.Network(dt=0.1, seed=1)
    cells = net.create((2, 5), LIF, name=EVIL)
    proj = net.connect(cells, cells, "exc", eg.STDP(), name="rec").fixed_probability(0.5, weights=eg.Uniform(0, 1))
    return net, cells, proj, net.monitor(cells, ["v", "spike"], period=0.3)


@each("is_compiled", [False, True])
def test_every_object_shows_itself(is_compiled):
    net, cells, proj, m = small()
    if is_compiled:
        net.compile(backend="numpy")
        net.simulate(3.0)
    texts = {one: read(one).text.replace(" $ ", "$") for one in (net, cells, proj, m)}

    assert all(EVIL.split("$")[0] in text for text in texts.values())
    assert "Monitor_" in texts[net]
    assert "0.1 ms" in texts[net]
    assert r"\tau \cdot \frac{dv}{dt} = -v + g_{\mathrm{exc}}" in cells._repr_html_()
    assert "fixed_probability(probability=0.5)" in texts[proj]
    assert "0.3 ms" in texts[m]
    assert ("v: 10 values" if is_compiled else "nothing before compile()") in texts[m]


def test_parts_models_distributions_and_snapshots_show_themselves():
    net, cells, proj, _ = small()
    net.compile(backend="numpy")
    cells[1, 2].v = 0.25
    dendrite = next(proj.dendrites)
    parts = (cells[1, 2], cells[:3], dendrite, next(iter(dendrite)))
    texts = [read(one).text.replace(" $ ", "$") for one in parts]
    synapse = read(eg.STDP()).text

    assert all(EVIL.split("$")[0] in text for text in texts[:2])
    assert all("delay" in text and "Rep" not in text and "0.1" in text for text in texts[2:])
    assert "0.25" in texts[0]
    assert all(r"\tau \cdot \frac{dv}{dt} = -v + g_{\mathrm{exc}}" in one._repr_html_() for one in (LIF, *parts[:2]))
    assert r"v \gt  1" in LIF._repr_html_()
    assert r"v \leftarrow 0" in LIF._repr_html_()
    assert all(word in read(LIF).text for word in ("leaky", "population", "10.0"))
    assert "when a presynaptic spike arrives" in synapse
    resting = eg.Neuron(equations="dv/dt = 1.0", spike="v > 1.0", reset="v = 0.0", refractory=eg.Uniform(1.0, 5.0))
    assert "is refractory for  Uniform(1.0, 5.0)  ms" in read(resting).text
    assert "contributes" in read(eg.Hebb()).text
    assert "Uniform(0.0, 2.0)" in read(2 * eg.Uniform(0.0, 1.0)).text
    assert net.snapshot().digest in read(net.snapshot()).text


def test_explanation_is_typeset_with_its_kernels_folded():
    net, cells, _, _ = small()
    explanation = net.explain(cells)
    found = read(explanation)

    assert r"$\tau \cdot \frac{dv}{dt}" in explanation._repr_html_()
    assert {"details", "summary", "pre"} <= found.tags
    assert "s0_v" in found.text
    assert repr(explanation) == str(explanation)


def test_reports_show_what_they_print(tmp_path):
    net, _, _, _ = small()
    net.compile()
    reports = [net.simulate(1.0, profile=True), net.memory_footprint(), net.save(tmp_path / "a.npz")]
    reports.append(net.load(tmp_path / "a.npz"))

    for report in reports:
        assert repr(report) == str(report)
        words = str(report).split("\n")[0].split(" | ")[0].strip("| ")
        assert words.split(", ")[0] in read(report).text


def test_long_tables_are_cut(monkeypatch):
    monkeypatch.setattr(shown, "MOST_ROWS", 3)
    net = eg.Network(seed=1)
    for _ in range(5):
        net.create(1, LIF)

    text = read(net).text
    assert "pop2" in text
    assert "pop3" not in text
    assert "... and 2 more" in text
