"""The command line."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from engram.cli import command, main
from engram.cli.commands import NAMES, Command
from engram.errors import SaveError
from engram.version import __version__


def test_version_is_printed(capsys):
    with pytest.raises(SystemExit, match="^0$"):
        main(["--version"])

    assert capsys.readouterr().out == f"engram {__version__}\n"


def test_help_lists_the_commands(capsys):
    with pytest.raises(SystemExit, match="^0$"):
        main(["--help"])

    listed = capsys.readouterr().out
    first = {line.split()[0] for line in listed.splitlines() if line}
    assert {*NAMES} <= first


def test_without_a_command_the_help_is_printed(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("usage: engram")


def test_every_command_has_its_function():
    for name in NAMES:
        one = command.command(name)
        wanted = {argument.split()[-1].strip("-").replace("-", "_") for argument, _ in one.arguments}

        assert {*inspect.signature(one.function).parameters} == wanted


def test_arguments_come_by_name(monkeypatch):
    one = Command("", "", dict, (("--fast", {"action": "store_true"}),))
    monkeypatch.setattr(command, "NAMES", ("new",))
    monkeypatch.setattr(command, "command", {"new": one}.get)

    assert main(["new", "--fast"]) == {"fast": True}


@pytest.mark.parametrize("arguments", [["dmeo"], ["demo", "--fast"]])
def test_wrong_arguments_give_status_2_and_the_usage(arguments, capsys):
    with pytest.raises(SystemExit, match="^2$"):
        main(arguments)

    assert "usage: engram" in capsys.readouterr().err


def test_error_is_its_message_without_a_traceback(monkeypatch, capsys):
    def fail(name, arguments):
        raise SaveError("can't write 'x\x1b[31m'\n  help: free some space.")

    monkeypatch.setattr(command, "_run", fail)
    status = main(["demo"])

    assert status == 2
    assert capsys.readouterr().err == "engram demo: can't write 'x\\x1b[31m'\n  help: free some space.\n"


def test_ctrl_c_gives_status_130(monkeypatch, capsys):
    def interrupt(name, arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_run", interrupt)

    assert main(["demo"]) == 130
    assert capsys.readouterr().err == "engram demo: interrupted\n"


def test_file_in_the_way_of_the_demos_folder_is_told_in_one_line(tmp_path):
    (tmp_path / "engram-demo").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from engram.cli import main; sys.exit(main(['demo']))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "engram-demo" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "engram-demo").read_text() == "mine"
