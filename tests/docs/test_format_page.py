"""docs/format.md against files as they are written."""

from __future__ import annotations

import gzip
import json
import pickle
import re
import zipfile

import numpy as np
import pytest
import xxhash

import engram as eg
from engram.storage.formats import SUFFIXES
from engram.storage.manifest import FORMAT_VERSION
from tests.docs.markdown import ROOT

PAGE = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.cc


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    net = eg.Network(dt=1.0, seed=1)
    neuron = eg.Neuron(equations="dv/dt = -v + g_exc", spike="v > 1.0", reset="v = 0.0")
    pop = net.create(1000, neuron, name="Ärger")
    net.connect(pop, pop, "exc").connect_fixed_probability(0.01, weights=eg.Uniform(0.0, 1.0))
    net.compile()
    folder = tmp_path_factory.mktemp("files")
    for suffix in SUFFIXES:
        net.save(folder / f"a{suffix}")
    pop.save(folder / "pop.npz")
    return folder


def member(path, name):
    with zipfile.ZipFile(path) as pack:
        return pack.read(f"engram/{name}")


def manifest_of(path):
    return json.loads(member(path, "manifest.json"))


def test_page_names_the_present_version():
    assert f"# The file format, version {FORMAT_VERSION}" in PAGE


def test_page_names_all_fields_of_the_manifest(folder):
    manifest = manifest_of(folder / "a.npz")
    named = set(re.findall(r"`(\w+)`", PAGE))

    assert manifest.keys() - named == set()
    assert manifest["slots"][0][0].keys() - named == set()
    assert manifest["owners"][0].keys() - named == set()
    assert json.loads(member(folder / "a.npz", "blueprint.json")).keys() - named == set()


def test_page_says_where_a_value_and_its_digest_stand(folder):
    manifest, blocks = manifest_of(folder / "a.npz"), member(folder / "a.npz", "blocks.npy")
    values = [
        (f"{owner['path']}/{slot['name']}".replace("Ä", "%C3%84"), slot)
        for owner in manifest["owners"]
        for slot in manifest["slots"][owner["slots"]]
    ]
    lengths = [length for owner in manifest["owners"] for length in owner["lengths"]]
    with np.load(folder / "a.npz") as loaded:
        found = [loaded[path] for path, _ in values]
    parts = [v.tobytes()[at : at + (1 << 20)] for v in found for at in range(0, v.nbytes, 1 << 20)]
    digests = np.array([xxhash.xxh3_64_intdigest(part) for part in parts], "<u8")

    assert [(v.dtype.str, v.ndim) for v in found] == [(slot["dtype"], slot["axes"]) for _, slot in values]
    assert [length for v in found for length in v.shape] == lengths
    assert blocks.endswith(b"\n" + digests.tobytes())
    assert manifest["blocks"] == xxhash.xxh3_128_hexdigest(digests.tobytes())


@pytest.mark.parametrize(("name", "magic"), [("a.npz", b"engram 1 deflate"), ("a.engram", b"engram 1 stored ")])
def test_page_says_how_a_pack_is_laid_out(folder, name, magic):
    with zipfile.ZipFile(folder / name) as pack:
        members = [info.filename for info in pack.infolist()]
        content, text = pack.read("engram/format"), pack.read("engram/manifest.json")
        dates = {info.date_time[:3] for info in pack.infolist()}
        comment = pack.comment.decode()

    assert members[0] == "engram/format"
    assert members[-3:] == ["engram/blueprint.json", "engram/blocks.npy", "engram/manifest.json"]
    assert content == magic
    assert f"`{magic.decode()}`" in PAGE
    assert comment == f"engram 1 {xxhash.xxh3_128_hexdigest(text)}"
    assert dates == {(1980, 1, 1)}
    assert any("%C3%84rger" in member for member in members)


def test_page_says_where_stored_arrays_begin(folder):
    data = (folder / "a.engram").read_bytes()
    manifest = manifest_of(folder / "a.engram")
    count = sum(len(manifest["slots"][owner["slots"]]) for owner in manifest["owners"])
    with np.load(folder / "a.npz") as loaded, zipfile.ZipFile(folder / "a.engram") as pack:
        offsets = {
            info.filename: info.header_offset
            + 30
            + sum(data[info.header_offset + k] << 8 * (k % 2) for k in range(26, 30))
            for info in pack.infolist()
        }
        starts = {name: offsets[f"{name}.npy"] + 128 for name in loaded.files if not name.startswith("engram/")}
        sizes = {name: loaded[name].nbytes for name in starts}

    assert len(starts) == count
    assert [name for name in starts if starts[name] % (4096 if sizes[name] >= 4096 else 64)] == []


def test_page_says_where_values_stand_in_a_pickle(folder):
    with open(folder / "a.txt", "rb") as file:
        plain = pickle.load(file)
    with gzip.open(folder / "a.gz") as file:
        packed = pickle.load(file)

    assert list(plain)[:3] == ["engram", "engram/digest", "engram/blocks"]
    assert plain["engram/digest"] == xxhash.xxh3_128_hexdigest(plain["engram"].encode())
    assert plain["populations"]["Ärger"]["v"].tobytes() == packed["populations"]["Ärger"]["v"].tobytes()


def test_page_says_what_stands_in_a_mat_file(folder):
    from scipy.io import loadmat

    loaded = loadmat(folder / "a.mat")
    manifest = json.loads(bytes(loaded["engram_manifest"][0]))

    assert "populations/Ärger" in manifest["names"].values()
    assert manifest["blocks"] == xxhash.xxh3_128_hexdigest(loaded["engram_blocks"].tobytes())
    assert bytes(loaded["engram_digest"][0]).decode() == xxhash.xxh3_128_hexdigest(bytes(loaded["engram_manifest"][0]))


def test_page_says_where_attributes_of_a_single_object_stand(folder):
    with np.load(folder / "pop.npz") as loaded:
        names = loaded.files

    assert "v" in names
    assert any(name.startswith("internal/") for name in names)


def test_same_state_gives_the_same_bytes(folder, tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    net.create(3, eg.Neuron(equations="dv/dt = -v : init = 1.0", spike="v > 2.0", reset="v = 0.0"))
    net.compile()
    for suffix in SUFFIXES:
        net.save(tmp_path / f"a{suffix}")
        net.save(tmp_path / f"b{suffix}")

        assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


def test_every_format_stands_on_the_page_and_in_the_readme():
    titles = "\n".join(line for line in PAGE.splitlines() if line.startswith("#"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for suffix in SUFFIXES:
        assert f"`{suffix}`" in titles
        assert re.search(rf"^\| .*`{suffix}` \|", readme, re.MULTILINE)
