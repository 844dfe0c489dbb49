"""What commands print."""

from __future__ import annotations

import json

from engram.cli.output import say, say_json


def test_control_characters_do_not_reach_the_terminal(capsys):
    say("a\x1b[31mb\x7f\u202e\nc")

    assert capsys.readouterr().out == "a\\x1b[31mb\\x7f\\u202e\nc\n"


def test_json_stays_json_with_all_of_them_escaped(capsys):
    data = {"a": "\x1b\x7f\x85\u202e\U0001f600é\n"}
    say_json(json.dumps(data, ensure_ascii=False, indent=1))
    said = capsys.readouterr().out

    assert said.isascii()
    assert all(c.isprintable() or c == "\n" for c in said)
    assert json.loads(said) == data
