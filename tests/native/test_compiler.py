import os
import sys
from pathlib import Path

import pytest

from engram.native import compiler as module
from engram.native.compiler import CompileFailed, NoCompiler, compile_text, cpu_features, find_compiler

pytestmark = pytest.mark.cc


class Notebook(dict):
    def recall(self, key):
        return self.get(key)

    def remember(self, key, value):
        self[key] = value


def find(notebook=None):
    notebook = Notebook() if notebook is None else notebook
    return find_compiler(notebook.recall, notebook.remember)


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def empty_path(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("CC", raising=False)
    return tmp_path / "bin"


def test_find_compiler_when_asked_twice_runs_nothing_the_second_time(monkeypatch):
    notebook = Notebook()
    first = find(notebook)
    monkeypatch.setattr(module, "_run", lambda *_: pytest.fail("a process was started"))

    second = find(notebook)

    assert first == second
    assert {"-O3", "-std=gnu11", "-fPIC", "-ffp-contract=off"} <= set(first.flags)
    assert not any("fast-math" in flag for flag in first.flags)


def test_find_compiler_when_the_file_changed_asks_again(empty_path):
    notebook = Notebook()
    fake = script(empty_path / "gcc", "echo fake 1")
    first = find(notebook)
    script(fake, "echo fake 20")

    second = find(notebook)

    assert (first.version, second.version) == ("fake 1", "fake 20")
    assert first.identity != second.identity


def test_find_compiler_when_cc_has_arguments_keeps_them(empty_path, monkeypatch):
    script(empty_path / "mycc", "echo mine")
    monkeypatch.setenv("CC", "mycc -m64")

    found = find()

    assert found.command == ("mycc", "-m64")
    assert found.title == "mycc"


def test_find_compiler_when_a_flag_is_unknown_leaves_it_out(empty_path):
    script(empty_path / "cc", 'case "$*" in *-fopenmp-simd*|*-march=native*) exit 1;; esac; echo old')

    flags = find().flags

    assert "-fopenmp-simd" not in flags
    assert "-march=native" not in flags
    assert "-mcpu=native" in flags
    assert "-fno-trapping-math" in flags


def test_find_compiler_when_the_cpu_has_avx512_prefers_wide_vectors(empty_path, monkeypatch):
    script(empty_path / "cc", "echo any")

    monkeypatch.setattr(module, "cpu_features", lambda: "sse2 avx2 avx512f")
    wide = find().flags
    monkeypatch.setattr(module, "cpu_features", lambda: "sse2 avx2")
    narrow = find().flags

    assert "-mprefer-vector-width=512" in wide
    assert "-mprefer-vector-width=512" not in narrow


def test_find_compiler_when_there_is_none_says_what_to_install(empty_path, monkeypatch):
    monkeypatch.setattr(module, "_zig", lambda: None)

    with pytest.raises(NoCompiler, match="no C compiler found") as caught:
        find()

    assert "pip install 'engram-sim[compiler]'" in str(caught.value)


def test_find_compiler_when_only_ziglang_is_there_uses_it(empty_path, monkeypatch, tmp_path):
    package = tmp_path / "ziglang"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("print('zig 1')")
    script(package / "zig", "true")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    found = find()

    assert found.command == (sys.executable, "-m", "ziglang", "cc")
    assert (found.path, found.version, found.title) == (str(package / "zig"), "zig 1", "zig cc")


def test_find_compiler_when_cc_is_missing_names_it(monkeypatch):
    monkeypatch.setenv("CC", "/nowhere/supercc")

    with pytest.raises(NoCompiler, match=r"\$CC names the C compiler '/nowhere/supercc', which is not there"):
        find()


def test_find_compiler_when_it_is_broken_repeats_what_it_said(empty_path):
    script(empty_path / "cc", "echo 'license expired' >&2; exit 3")

    with pytest.raises(NoCompiler, match="'cc' does not work .exit status 3.\n  it said: license expired"):
        find()


def test_compile_text_when_refused_says_where_and_keeps_the_text(tmp_path):
    source = "/* v = tau_m*x */\ndouble f(double x) {\n    return tau_m*x;\n}\n"
    seen = []

    def keep(folder):
        seen.extend(sorted(os.listdir(folder)))
        return "/kept/here"

    with pytest.raises(CompileFailed) as caught:
        compile_text(find(), source, "populations/exc/update", str(tmp_path), keep)

    lines = str(caught.value).splitlines()
    assert lines[0].endswith("could not compile kernel 'populations/exc/update' (exit status 1)")
    assert lines[1].startswith("  first message: kernel.c:3:12: error:")
    assert "tau_m" in lines[1]
    assert lines[2:] == [
        "  from equation: v = tau_m*x",
        "  kept in: /kept/here",
        "  help: this is our bug; please attach that folder.",
    ]
    assert seen == ["kernel.c", "messages.txt"]
    assert caught.value.folder == "/kept/here"
    assert "tau_m" in caught.value.messages


def test_compile_text_twice_gives_the_same_bytes_and_leaves_no_litter(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    source = "double twice(double x) { return 2*x; }\n"
    one, two = (compile_text(find(), source, "k", str(tmp_path), str) for _ in range(2))

    assert one == two
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="Linux only")
def test_cpu_features_are_those_of_one_processor():
    assert cpu_features()
    assert "\n" not in cpu_features()


@pytest.mark.parametrize(
    "said",
    [
        "kernel.c:1:10: fatal error: math.h: No such file or directory",
        "/usr/include/stdint.h:26:10: fatal error: bits/libc-header-start.h: No such file or directory",
        "kernel.c:1:10: fatal error: 'stdint.h' file not found",
        "/usr/bin/ld: cannot find Scrt1.o: No such file or directory",
        "/usr/bin/ld: cannot find -lm",
    ],
)
def test_compiler_without_a_c_library_is_no_bug_of_ours(said, empty_path, tmp_path):
    script(empty_path / "cc", f'case "$*" in *--version*) echo lacking;; *kernel.c*) echo "{said}" >&2; exit 1;; esac')
    with pytest.raises(NoCompiler) as caught:
        compile_text(find(), "int x;", "populations/exc/update", str(tmp_path), lambda _: pytest.fail("kept"))

    assert str(caught.value).startswith(
        f"cc is there, but not the headers of the C library\n  it said: {said}\n  help: "
    )
    assert "apt install libc6-dev" in str(caught.value)


def test_compiler_that_does_not_answer_is_given_up(empty_path, monkeypatch):
    monkeypatch.setattr(module, "PROBE_S", 0.2)
    script(empty_path / "cc", "exec /bin/sleep 100")

    with pytest.raises(NoCompiler, match=r"does not work \(exit status 124\)\n  it said: no answer in 0\.2 s"):
        find()


def test_flag_about_which_a_compiler_thinks_too_long_is_left_out(empty_path, monkeypatch):
    monkeypatch.setattr(module, "PROBE_S", 0.5)
    script(empty_path / "cc", 'case "$*" in *-march=native*) exec /bin/sleep 100;; esac; echo slow')

    assert "-march=native" not in find().flags


def test_cache_of_zig_lies_in_ours(empty_path, monkeypatch):
    script(empty_path / "cc", 'echo "$ZIG_GLOBAL_CACHE_DIR $ZIG_LOCAL_CACHE_DIR"')
    monkeypatch.setenv("ENGRAM_CACHE_DIR", "/ours")
    monkeypatch.setenv("ZIG_LOCAL_CACHE_DIR", "/theirs")
    monkeypatch.delenv("ZIG_GLOBAL_CACHE_DIR", raising=False)

    assert find().version == "/ours/zig /theirs"
