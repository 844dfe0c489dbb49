import errno
import os
import stat
import subprocess
import sys
import warnings

import pytest

from engram.errors import CompileError
from engram.native import cache as module
from engram.native.cache import Cache, code_fingerprint, current, recall, remember


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture(scope="session")
def shared_object(tmp_path_factory):
    folder = tmp_path_factory.mktemp("object")
    (folder / "a.c").write_text("int answer(void) { return 42; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "a.c", "-o", "a.so"], cwd=folder, check=True)
    return (folder / "a.so").read_bytes()


def files(cache, kind):
    return [path for path in (cache.root / kind).iterdir() if path.is_file()]


def test_document_when_stored_comes_back(cache):
    value = {"names": ["v", "α"], "count": 3, "half": 0.5, "nothing": None}

    cache.store_document("model\nα", value)

    assert cache.document("model\nα") == value
    assert cache.document("another") is None


def test_document_when_stored_again_is_the_last_one(cache):
    cache.store_document("key", {"n": 1})
    cache.store_document("key", {"n": 2})

    assert cache.document("key") == {"n": 2}
    assert len(files(cache, "documents")) == 1


def test_document_when_any_bit_is_flipped_is_forgotten(cache):
    cache.store_document("key", {"n": 1})
    (path,) = files(cache, "documents")
    whole = path.read_bytes()
    for bit in range(len(whole) * 8):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert cache.document("key") is None, bit


@pytest.mark.parametrize("length", [0, 1, 32, 33, 39])
def test_document_when_truncated_is_forgotten(cache, length):
    cache.store_document("key", {"n": 1})
    (path,) = files(cache, "documents")
    path.write_bytes(path.read_bytes()[:length])

    assert cache.document("key") is None


def test_document_when_filed_under_another_key_is_forgotten(cache):
    cache.store_document("key", {"n": 1})
    (path,) = files(cache, "documents")
    cache.store_document("other", {"n": 2})
    (other,) = (found for found in files(cache, "documents") if found != path)
    other.write_bytes(path.read_bytes())

    assert cache.document("other") is None


def test_document_when_others_may_write_to_it_is_not_believed(cache):
    cache.store_document("key", {"n": 1})
    (path,) = files(cache, "documents")
    path.chmod(0o666)

    assert cache.document("key") is None


def test_document_when_it_is_a_link_is_not_believed(cache, tmp_path):
    cache.store_document("key", {"n": 1})
    (path,) = files(cache, "documents")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    assert cache.document("key") is None


def test_folders_and_files_belong_to_the_user_alone(cache, shared_object):
    cache.store_object(shared_object)
    cache.store_document("key", {})
    cache.store_source("key", "text")

    for path in [cache.root, *cache.root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.cc
def test_load_when_stored_gives_the_library_once(cache, shared_object):
    digest = cache.store_object(shared_object)

    library = cache.load(digest)

    assert library.answer() == 42
    assert cache.load(digest) is library


@pytest.mark.cc
def test_load_of_many_objects_gives_each_its_own(cache, tmp_path):
    """Descriptor numbers come back, and the system's loader takes two libraries of one path for the same."""
    libraries = []
    for number in range(20):
        (tmp_path / "n.c").write_text(f"int number(void) {{ return {number}; }}\n")
        subprocess.run(["cc", "-shared", "-fPIC", "n.c", "-o", "n.so"], cwd=tmp_path, check=True)
        libraries.append(cache.load(cache.store_object((tmp_path / "n.so").read_bytes())))

    assert [library.number() for library in libraries] == list(range(20))


@pytest.mark.cc
def test_load_leaves_no_descriptor_open(cache, shared_object):
    digest = cache.store_object(shared_object)
    before = len(os.listdir("/proc/self/fd"))
    cache.load(digest)
    cache.libraries.clear()
    cache.load(digest)

    assert len(os.listdir("/proc/self/fd")) == before


def test_load_when_never_stored_is_none(cache):
    assert cache.load("0" * 32) is None


@pytest.mark.cc
def test_load_when_damaged_is_none_until_it_is_stored_again(cache, shared_object):
    digest = cache.store_object(shared_object)
    (path,) = files(cache, "objects")
    path.write_bytes(shared_object[:-100])
    damaged = cache.load(digest)

    again = cache.store_object(shared_object)

    assert damaged is None
    assert again == digest
    assert cache.load(digest).answer() == 42


@pytest.mark.cc
def test_load_when_others_may_write_to_the_object_is_none_until_it_is_stored_again(cache, shared_object):
    digest = cache.store_object(shared_object)
    (path,) = files(cache, "objects")
    path.chmod(0o770)
    unsafe = cache.load(digest)
    cache.store_object(shared_object)

    assert unsafe is None
    assert cache.load(digest).answer() == 42


@pytest.mark.cc
def test_store_object_when_it_is_there_keeps_the_first_file(cache, shared_object):
    cache.store_object(shared_object)
    (path,) = files(cache, "objects")
    inode = path.stat().st_ino
    cache.store_object(shared_object)

    assert [found.stat().st_ino for found in files(cache, "objects")] == [inode]


def test_store_when_an_old_unfinished_file_lies_there_removes_it(cache):
    litter = cache.root / "documents" / ".1.abc.tmp"
    fresh = cache.root / "documents" / ".2.abc.tmp"
    for path in (litter, fresh):
        path.write_bytes(b"half")
    os.utime(litter, (0, 0))
    cache.store_document("key", {})

    assert not litter.exists()
    assert fresh.exists()


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_cache_when_others_may_write_to_the_folder_goes_private_with_one_warning(tmp_path, mode):
    root = tmp_path / "cache"
    root.mkdir()
    root.chmod(mode)

    with pytest.warns(RuntimeWarning, match="others may write to it; kernels are compiled again") as caught:
        cache = Cache(root)
        cache.store_document("key", {"n": 1})

    assert len(caught) == 1
    assert cache.is_private
    assert cache.document("key") == {"n": 1}
    assert list(root.iterdir()) == []
    assert stat.S_IMODE(cache.root.stat().st_mode) == 0o700


def test_cache_when_a_folder_inside_is_a_link_goes_private(tmp_path):
    root = tmp_path / "cache"
    root.mkdir(mode=0o700)
    (tmp_path / "elsewhere").mkdir(mode=0o777)
    (root / "objects").symlink_to(tmp_path / "elsewhere")

    with pytest.warns(RuntimeWarning, match="others may write"):
        cache = Cache(root)

    assert cache.is_private


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_cache_when_the_folder_is_another_users_goes_private(tmp_path):
    root = tmp_path / "cache"
    root.mkdir(mode=0o700)
    os.chown(root, 12345, -1)

    with pytest.warns(RuntimeWarning, match="it belongs to user 12345"):
        assert Cache(root).is_private


def test_cache_when_the_folder_cannot_be_made_goes_private(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.warns(RuntimeWarning, match="Not a directory"):
        cache = Cache(tmp_path / "file" / "cache")

    cache.store_document("key", {"n": 1})
    assert cache.document("key") == {"n": 1}


@pytest.mark.cc
def test_store_when_the_disk_is_full_goes_private(cache, shared_object, monkeypatch):
    write, root = module._write_new, cache.root

    def full(path, data, replace):
        if path.is_relative_to(root):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, data, replace)

    monkeypatch.setattr(module, "_write_new", full)

    with pytest.warns(RuntimeWarning, match="No space left on device") as caught:
        digest = cache.store_object(shared_object)
        cache.store_document("key", {"n": 1})

    assert len(caught) == 1
    assert cache.load(digest).answer() == 42
    assert files(Cache(root), "objects") == []


@pytest.mark.cc
def test_load_from_a_noexec_folder_goes_private(cache, shared_object, monkeypatch):
    digest = cache.store_object(shared_object)
    link = module._Owned.link

    def refuse(file):
        if file._path.is_relative_to(tmp):
            raise OSError("failed to map segment from shared object")
        return link(file)

    tmp = cache.root
    monkeypatch.setattr(module._Owned, "link", refuse)

    with pytest.warns(RuntimeWarning, match="failed to map segment"):
        library = cache.load(digest)

    assert library.answer() == 42


def test_load_when_no_folder_will_do_raises(cache):
    digest = cache.store_object(b"no object at all")

    with pytest.warns(RuntimeWarning), pytest.raises(CompileError, match="refuses to load a compiled kernel"):
        cache.load(digest)


def test_private_folder_is_gone_after_exit(tmp_path):
    (tmp_path / "file").write_text("in the way")
    code = "from engram.native.cache import current; c = current(); assert c.is_private; print(c.root)"
    environment = {**os.environ, "ENGRAM_CACHE_DIR": str(tmp_path / "file" / "x")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)

    assert done.stdout.strip()
    assert not os.path.exists(done.stdout.strip())


def test_current_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "one"))
    one = current()
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "two"))

    assert one.root == tmp_path / "one"
    assert current().root == tmp_path / "two"


def test_current_without_the_environment_is_the_users_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("ENGRAM_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    module._open.cache_clear()
    root = current().root
    module._open.cache_clear()

    assert root.name == "engram"
    assert root.is_relative_to(tmp_path)


def test_recall_when_the_code_changed_has_forgotten(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path))
    remember("model", {"n": 1})
    same = recall("model")
    monkeypatch.setattr(module, "code_fingerprint", lambda: "another version")

    assert same == {"n": 1}
    assert recall("model") is None


def test_code_fingerprint_is_stable_between_processes():
    code = "from engram.native.cache import code_fingerprint; print(code_fingerprint())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    module.code_fingerprint.cache_clear()
    assert done.stdout.strip() == code_fingerprint()


def test_a_forked_child_does_not_delete_the_private_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cache = Cache(tmp_path / "file" / "x")

    module._remove(str(cache.root), os.getpid() + 1)

    assert cache.root.exists()
