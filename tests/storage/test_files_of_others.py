"""Files of other programs are called nobody's, not damaged."""

import gzip
import io
import pickle
import zipfile

import pytest

import engram as eg
from engram.errors import DamagedFile, UnsupportedFile


def archive(name, comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, "hello")
        file.comment = comment
    return out.getvalue()


OTHERS = {
    "text": gzip.compress(b"hello\n"),
    "nothing": gzip.compress(b""),
    "two texts": gzip.compress(b"hello\n") + gzip.compress(b"world\n"),
    "random": gzip.compress(bytes(range(7, 256)) * 5000),
    "zip with a comment": archive("a.txt", b"0123abc"),
    "keys that are numbers": pickle.dumps({1: "a"}),
    "keys that are tuples": gzip.compress(pickle.dumps({(1, 2): "a"})),
    "long integers": pickle.dumps({"a": 10**40}),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_file_of_another_program_is_not_called_damaged(tmp_path, content):
    (tmp_path / "x.gz").write_bytes(content)

    with pytest.raises(UnsupportedFile, match="'.*x.gz' was not loaded: "):
        eg.read(tmp_path / "x.gz")


@pytest.mark.parametrize("change", [lambda d: d[:-9], lambda d: d[:30] + b"\0" + d[31:], lambda d: d[:-6] + d[-7:-1]])
def test_gzip_file_that_was_cut_or_changed_is_damaged_whatever_it_held(tmp_path, change):
    (tmp_path / "x.gz").write_bytes(change(gzip.compress(b"hello, how are you today? " + bytes(range(256)))))

    with pytest.raises(DamagedFile):
        eg.read(tmp_path / "x.gz")


def test_file_of_engram_whose_first_byte_changed_is_damaged(tmp_path):
    net = eg.Network(dt=1.0, seed=1)
    net.create(3, eg.Neuron("tau = 10.0", "tau*dr/dt = -r"))
    net.compile()
    net.save(tmp_path / "a.txt")
    net.save(tmp_path / "a.gz")
    whole = (tmp_path / "a.gz").read_bytes()
    changed = gzip.compress(b"\0" + (tmp_path / "a.txt").read_bytes()[1:], mtime=0)
    (tmp_path / "a.gz").write_bytes(changed[:-8] + whole[-8:])

    with pytest.raises(DamagedFile, match="checksum is wrong"):
        eg.read(tmp_path / "a.gz")
