import subprocess
import sys

import pytest

from engram.native import library
from engram.native.compiler import CompileFailed, NoCompiler

pytestmark = pytest.mark.cc

SOURCE = "int answer(void) { return 42; }\n"
BAD = "int answer(void) { return lost; }\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def number(n):
    return f"int number(void) {{ return {n}; }}\n"


def fresh(code):
    """Run code in a fresh process that uses the same cache; returns what it prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_build_twice_compiles_once_and_gives_the_same_library():
    before = library.compilations()
    first = library.build(SOURCE, "answer")
    second = library.build(SOURCE, "another name")

    assert first is second
    assert first.answer() == 42
    assert library.compilations() == before + 1


def test_build_in_a_second_process_runs_nothing():
    library.build(SOURCE, "answer")
    code = (
        "import sys\n"
        "from engram.native import library\n"
        f"made = library.build({SOURCE!r}, 'answer')\n"
        "assert made.answer() == 42\n"
        "assert 'subprocess' not in sys.modules\n"
        "print(library.compilations())\n"
    )

    assert fresh(code) == "0"


def test_build_with_our_headers_finds_them():
    header = next(library.C_FOLDER.glob("*.h")).name

    made = library.build(f'#include "{header}"\nint seen(void) {{ return 1; }}\n', "header")

    assert made.seen() == 1


def test_build_when_a_header_changed_compiles_again(monkeypatch):
    library.build(SOURCE, "answer")
    before = library.compilations()
    monkeypatch.setattr(library, "_headers", lambda: "other headers")
    library.build(SOURCE, "answer")

    assert library.compilations() == before + 1


def test_build_on_another_processor_compiles_again(monkeypatch):
    library.build(SOURCE, "answer")
    before = library.compilations()
    monkeypatch.setattr(library, "cpu_features", lambda: "avx1024")
    library.build(SOURCE, "answer")

    assert library.compilations() == before + 1


def test_build_when_the_object_is_damaged_compiles_again(folder):
    library.build(SOURCE, "answer")
    (path,) = (folder / "objects").iterdir()
    data = path.read_bytes()[:1000]
    path.unlink()  # a mapped file that shrinks under a process kills it
    path.write_bytes(data)
    code = (
        "from engram.native import library\n"
        f"assert library.build({SOURCE!r}, 'answer').answer() == 42\n"
        "print(library.compilations())\n"
    )

    assert fresh(code) == "1"
    assert fresh(code) == "0"


def test_build_when_refused_names_and_keeps_the_text(folder):
    with pytest.raises(CompileFailed, match="could not compile kernel 'populations/exc/update'") as caught:
        library.build(BAD, "populations/exc/update")

    kept = folder / "failed"
    assert str(kept) in str(caught.value)
    assert [path.read_text() for path in kept.rglob("kernel.c")] == [BAD]
    assert "lost" in next(iter(kept.rglob("messages.txt"))).read_text()


def test_build_many_keeps_order_and_compiles_equal_texts_once():
    before = library.compilations()
    library.build(number(1), "known")
    made = library.build_many([(f"n{n}", number(n)) for n in (3, 1, 2, 3)])

    assert [one.number() for one in made] == [3, 1, 2, 3]
    assert library.compilations() == before + 3


def test_build_many_when_one_is_refused_keeps_the_others():
    kernels = [("good", number(7)), ("bad", BAD), ("also good", number(8))]
    with pytest.raises(CompileFailed, match="'bad'"):
        library.build_many(kernels)
    before = library.compilations()
    made = library.build_many([kernels[0], kernels[2]])

    assert [one.number() for one in made] == [7, 8]
    assert library.compilations() == before


def test_build_many_of_nothing_is_nothing():
    assert library.build_many([]) == []


def test_build_by_many_processes_at_once_works_in_each(folder):
    code = (
        "from engram.native import library\n"
        "made = library.build_many([(str(n), 'int number(void) { return %d; }' % n) for n in range(6)])\n"
        "print([one.number() for one in made])\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(5)]
    printed = [process.communicate()[0].decode().strip() for process in running]

    assert printed == ["[0, 1, 2, 3, 4, 5]"] * 5
    assert len(list((folder / "objects").iterdir())) == 6
    assert not list(folder.rglob("*.tmp"))


def test_build_without_a_compiler_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr("engram.native.compiler._zig", lambda: None)

    with pytest.raises(NoCompiler, match=r"pip install 'engram-sim\[compiler\]'"):
        library.build(SOURCE, "answer")


def test_build_with_an_unusable_cache_folder_works_with_a_warning(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "file" / "cache"))

    with pytest.warns(RuntimeWarning, match="can't be used"):
        made = library.build(SOURCE, "answer")

    assert made.answer() == 42


def test_find_library_needs_the_digest_alone():
    digest = library.source_digest(SOURCE)
    before = library.find_library(digest)
    library.build(SOURCE, "answer")

    assert before is None
    assert library.find_library(digest).answer() == 42


def test_source_file_holds_the_text():
    library.build(SOURCE, "answer")

    assert library.source_file(library.source_digest(SOURCE)).read_text() == SOURCE


def test_core_gives_one_library_per_process(monkeypatch, tmp_path):
    (tmp_path / "tiny.c").write_text(SOURCE)
    monkeypatch.setattr(library, "C_FOLDER", tmp_path)
    library._shipped.cache_clear()
    one = library.core("tiny")

    assert one is library.core("tiny")
    assert one.answer() == 42


def test_importing_the_library_loads_nothing_heavy():
    code = (
        "import sys, numpy\n"
        "before = set(sys.modules)\n"
        "import engram.native.library\n"
        "print(sorted({'subprocess', 'platformdirs', 'concurrent.futures', 'importlib.resources'} & "
        "(set(sys.modules) - before)))"
    )

    assert fresh(code) == "[]"
