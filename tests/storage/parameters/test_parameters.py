import contextlib
import json
import math
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engram.errors import EngramError, InvalidArgument, MissingFile, ParametersError, SaveError
from engram.storage.parameters.errors import BadParameters
from engram.storage.parameters.read import parse_parameters, read_parameters
from engram.storage.parameters.values import Attribute
from engram.storage.parameters.write import dump_parameters, write_parameters

GOLDEN = Path(__file__).parents[2] / "golden" / "parameters_errors.txt"
F8, F4, I8, U1, B1 = (np.dtype(code) for code in ("f8", "f4", "i8", "u1", "?"))

SCHEMA = {
    "populations": {
        "PFC_exc": {
            "a": Attribute(F8, "float"),
            "b": Attribute(F4, "float"),
            "count": Attribute(I8, "int"),
            "small": Attribute(U1, "int"),
            "is_on": Attribute(B1, "bool"),
            "rate": Attribute(F8, "float", is_parameter=False),
            "noise": Attribute(F8, "float", is_global=False),
            "v": Attribute(F8, "float", is_global=False, is_parameter=False),
        },
        "PFC_inh": {"a": Attribute(F8, "float"), "größe": Attribute(F8, "float")},
    },
    "projections": {"exc_to_inh": {"w_max": Attribute(F8, "float"), "w": Attribute(F8, "float", is_global=False)}},
    "constants": {"tau": Attribute(F8, "float")},
}

BY_HAND = """{
    // what the lesioned animals had
    "populations": {
        "PFC_exc": {
            "a": 0.02,   # per ms
            "is_on": true,
            "count": 3.0,
        },
        "PFC_inh": {"a": 1e-1, "gr\\u00f6\\u00dfe": -0.0,},
    },
    "projections": {
        "exc_to_inh": {
            "w_max": 0.03, /* was 0.05,
                              before */
        },
    },
    "network": {
        "pop1_r_min": 0.1,
        "pop1_r_max": 1,
        "title": "run \\"7\\"",
        "list": [1, [2.5, null], {"deep": true},],
    },
}
"""


def parse(text, **options):
    data = text.encode("utf-8") if isinstance(text, str) else text
    return parse_parameters(data, SCHEMA, name="net.json", **options)


def refusal(text, **options):
    with pytest.raises(BadParameters) as caught:
        parse(text, **options)
    return caught.value


def one_value(kind, text):
    return f'{{"populations": {{"PFC_exc": {{"{kind}": {text}}}}}}}'


def value_of(kind, text):
    (setting,) = parse(one_value(kind, text)).values
    return setting.value


def bits(value):
    return struct.pack("<d", value)


def test_read_when_written_by_hand_understands_comments_and_trailing_commas():
    read = parse(BY_HAND)

    assert [tuple(setting) for setting in read.values] == [
        ("populations", "PFC_exc", "a", 0.02),
        ("populations", "PFC_exc", "is_on", True),
        ("populations", "PFC_exc", "count", 3),
        ("populations", "PFC_inh", "a", 0.1),
        ("populations", "PFC_inh", "größe", 0.0),
        ("projections", "exc_to_inh", "w_max", 0.03),
    ]
    assert [type(setting.value) for setting in read.values] == [float, bool, int, float, float, float]
    assert math.copysign(1, read.values[4].value) == -1
    assert read.network == {
        "pop1_r_min": 0.1,
        "pop1_r_max": 1,
        "title": 'run "7"',
        "list": [1, [2.5, None], {"deep": True}],
    }
    assert (read.skipped, read.warnings) == ([], [])


def test_read_when_sections_are_missing_is_empty():
    read = parse("{}")

    assert (read.values, read.network, read.skipped, read.warnings) == ([], {}, [], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_with_any_line_ends_counts_lines(end):
    error = refusal(end.join(["{ // one", '"populations": {', '  "x": 1}}']))

    assert [problem.source.place(problem.start) for problem in error.problems] == [(3, 3)]


def test_read_with_a_byte_order_mark_is_the_same():
    assert parse(b"\xef\xbb\xbf" + BY_HAND.encode()) == parse(BY_HAND)


def test_read_with_a_decomposed_name_finds_the_composed_one():
    read = parse('{"populations": {"PFC_inh": {"gro\u0308ße": 1}}}')

    assert read.values[0].attribute == "größe"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("a", "1", 1.0),
        ("a", "-0", -0.0),
        ("a", "9007199254740993", 9007199254740992.0),
        ("a", "5e-324", 5e-324),
        ("a", "0e-999", 0.0),
        ("b", "0.1", float(np.float32(0.1))),
        ("b", "1.000000178813934326171875000001", 1.0000002384185791),  # by way of float64: 1.0000001192092896
        ("b", "3.4028235e38", 3.4028234663852886e38),
        ("count", "3", 3),
        ("count", "3.0", 3),
        ("count", "3e2", 300),
        ("count", "9007199254740993.0", 9007199254740993),
        ("count", "-9223372036854775808", -(2**63)),
        ("count", "0e-99999999999999999999", 0),
        ("small", "255", 255),
        ("is_on", "false", False),
    ],
)
def test_read_gives_the_exact_value_and_type(kind, text, value):
    found = value_of(kind, text)

    assert type(found) is type(value)
    assert found == value
    assert not isinstance(value, float) or bits(found) == bits(value)


@pytest.mark.parametrize(
    ("kind", "text", "expected", "got"),
    [
        ("a", '"0.5"', "a number", 'the text "0.5"'),
        ("a", "true", "a number", "true"),
        ("a", "null", "a number", "null"),
        ("a", "[1, 2]", "a number", "a list of 2"),
        ("a", '{"x": 1}', "a number", "an object"),
        ("a", "1" * 400, "at most 1.7976931348623157e+308 (float64)", "1" * 60 + "... (400 characters)"),
        ("a", "1e-999", "0, or at least 5e-324 (float64)", "1e-999"),
        ("b", "1e39", "at most 3.4028234663852886e+38 (float32)", "1e39"),
        ("b", "1e-60", "0, or at least 1.401298464324817e-45 (float32)", "1e-60"),
        ("count", "3.5", "a whole number", "3.5"),
        ("count", "1e-99999999", "a whole number", "1e-99999999"),
        ("count", "9223372036854775808", f"a whole number from {-(2**63)} to {2**63 - 1} (int64)", None),
        ("count", "9" * 5000, f"a whole number from {-(2**63)} to {2**63 - 1} (int64)", None),
        ("count", "true", "a whole number", "true"),
        ("small", "256", "a whole number from 0 to 255 (uint8)", "256"),
        ("small", "-1", "a whole number from 0 to 255 (uint8)", "-1"),
        ("is_on", "1", "true or false", "1"),
        ("is_on", '"true"', "true or false", 'the text "true"'),
    ],
)
def test_read_of_a_wrong_value_says_expected_and_got(kind, text, expected, got):
    (problem,) = refusal(one_value(kind, text)).problems

    assert problem.what == f"parameter '{kind}' of population 'PFC_exc' can't have this value"
    assert problem.details[0] == f"expected: {expected}"
    assert got is None or problem.details[1] == f"got: {got}"
    assert (problem.start, problem.end) == (len(one_value(kind, "")) - 3, len(one_value(kind, text)) - 3)


@pytest.mark.parametrize("text", ["NaN", "nan", "Infinity", "-Infinity", "inf", "+inf", "1e999", "-1e999"])
def test_read_of_no_finite_number_is_refused_in_a_parameter_and_in_the_network(text):
    for document in (one_value("a", text), f'{{"network": {{"x": [{text}]}}}}'):
        (problem,) = refusal(document).problems

        assert text in problem.what
        assert document[problem.start : problem.end] == text


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("01", "'01' is no JSON value"),
        ("+1", "'+1' is no JSON value"),
        (".5", "'.5' is no JSON value"),
        ("1.", "'1.' is no JSON value"),
        ("1e", "'1e' is no JSON value"),
        ("0x10", "'0x10' is no JSON value"),
        ("1_000", "'1_000' is no JSON value"),
        ("١", "'١' is no JSON value"),
        ("True", "'True' is no JSON value"),
        ("'x'", "a text in single quotes"),
        ('"\\x41"', "'\\x' can't stand in a text"),
        ('"\\B"', "'\\B' can't stand in a text"),
        ('"\\u12"', "'\\u' can't stand in a text"),
        ('"\\ud800"', "'\\ud800' can't stand in a text"),
        ('"a\tb"', "'\\t' can't stand in a text"),
        ("1 2", "a comma is missing"),
        ("[1,,2]", "there is a comma too many"),
        ("[,]", "there is a comma too many"),
        ("1" * 100_001, f"'{'1' * 60}... (100001 characters)' is no JSON value"),
        ("{a: 1}", "a name without double quotes"),
        ('{"a": 1, "a": 2}', "'a' is given twice"),
        ('{"a": 1, "\\u0061": 2}', "'a' is given twice"),
        ('{"ö": 1, "o\u0308": 2}', "'o\u0308' is given twice"),
    ],
)
def test_read_of_a_mistake_reads_on_and_reports_what_follows(text, what):
    error = refusal(f'{{"network": {{"x": [{text}]}}, "nonsense": 1}}')

    assert [problem.what for problem in error.problems] == [what, "unknown section 'nonsense'"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        (" // nothing\n", "the file is empty"),
        ("{", "the file ends too early"),
        ('{"network": {"x": 1', "the file ends too early"),
        ('{"network": {"x": [1}', "'}' can't stand here"),
        ('{"network": "abc\n"}', "a text has no end"),
        ("{} /* and", "a comment has no end"),
        ("{} {}", "'{' stands after the end of the document"),
        ("{}, 1", "',' stands after the end of the document"),
        ('{"network" 1}', "'1' stands where a colon is expected"),
        ('{"network" = 1}', "'=' stands where a colon is expected"),
        ('{"network", 1}', "',' stands where a colon is expected"),
        ('{"network"', "the file ends too early"),
        ('{"network":', "the file ends too early"),
        ('{"network": }', "'}' stands where a value is expected"),
        ('{"network": {"x": 1/2}}', "'/' stands where a comma is expected"),
        ('{"network": {"x": 1/True} "}', "'/' stands where a comma is expected"),  # what follows may mean anything
        ('{"network":\u00a0{}}', "U+00A0 NO-BREAK SPACE stands where a value is expected"),
        ("{[1]: 2}", "'[' stands where a name in double quotes is expected"),
        ("[1]", "the document is no object"),
        ("3", "the document is no object"),
        ('{"network": 3}', "section 'network' is no object"),
        ('{"populations": []}', "section 'populations' is no object"),
        ('{"populations": {"PFC_exc": 3}}', "population 'PFC_exc' is no object"),
        ("\x00", "the file is written in UTF-16"),
    ],
)
def test_read_of_no_document_is_refused(text, what):
    assert refusal(text).problems[-1].what == what


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_read_in_another_encoding_names_it(encoding):
    with pytest.raises(ParametersError, match=f"written in {encoding[:6].upper()}"):
        parse(BY_HAND.encode(encoding))


def test_read_in_latin_1_says_where():
    error = refusal('{\n  "populations": {"Größe": {}}}'.encode("latin-1"))

    assert "not UTF-8" in str(error)
    assert "byte 0xf6" in str(error)
    assert error.problems[0].source.place(error.problems[0].start) == (2, 22)


@pytest.mark.parametrize("beginning", [b"PK\x03\x04\x14\x00\xeb", b"\x89HDF\r\n\x1a\n"])
def test_read_of_a_state_file_names_load(beginning):
    with pytest.raises(ParametersError, match=r"is a state file or an .*nothing was set\n  help: load\('.*'\) reads a"):
        parse(beginning)


@pytest.mark.parametrize("opening", ["[", '{"x":'])
def test_read_nested_64_deep_works_and_deeper_is_refused(opening):
    closing = "]" if opening == "[" else "}"

    def nested(depth):
        return '{"network": {"x": ' + opening * depth + "1" + closing * depth + "}}"

    parse(nested(62))
    assert refusal(nested(63)).problems[-1].what == "values are nested more than 64 deep"
    assert refusal(nested(100_000)).problems[-1].what == "values are nested more than 64 deep"


def test_read_of_long_integers_in_the_network_is_exact():
    digits = "-" + "1234567890" * 1000
    read = parse(f'{{"network": {{"x": {digits}, "y": [{digits[1:]}]}}}}')

    assert read.network["x"] % 10**10 == -1234567890 % 10**10
    assert read.network["x"].bit_length() == pytest.approx(10000 * math.log2(10), abs=4)
    assert digits.encode() in dump_parameters({}, {}, read.network, {})


def test_read_of_unknown_names_reports_all_with_the_nearest():
    text = """{
        "population": {},
        "populations": {"PFC_ecx": {"a": 1}, "PFC_exc": {"A": 1}, "exc_to_inh": {}},
        "projections": {"other": {}, "exc_to_inh": {"wmax": 1}},
        "constants": {"Tau": 1}
    }"""
    error = refusal(text)

    assert [(problem.what, problem.advice) for problem in error.problems] == [
        ("unknown section 'population'", "did you mean 'populations'?"),
        ("unknown population 'PFC_ecx'", "did you mean 'PFC_exc'?"),
        ("unknown parameter 'A' of population 'PFC_exc'", "did you mean 'a'?"),
        ("unknown population 'exc_to_inh'", "'exc_to_inh' is a projection: write it under \"projections\"."),
        ("unknown projection 'other'", ""),
        ("unknown parameter 'wmax' of projection 'exc_to_inh'", "did you mean 'w_max'?"),
        ("unknown constant 'Tau'", "did you mean 'tau'?"),
    ]
    assert "has 7 problems; nothing was set" in str(error)
    assert "known here: PFC_exc, PFC_inh" in str(error)


def test_read_of_unknown_names_unless_strict_warns_and_skips():
    text = '{"populations": {"ghost": {"a": 9}, "PFC_exc": {"zzz": 1, "a": 2}}, "extra": 1, "constants": {"k": 1}}'
    read = parse(text, strict=False)

    assert [tuple(setting) for setting in read.values] == [("populations", "PFC_exc", "a", 2.0)]
    assert read.skipped == ["populations/ghost", "populations/PFC_exc/zzz", "extra", "constants/k"]
    assert [text.partition("\n")[0] for text in read.warnings] == [
        "unknown population 'ghost'",
        "unknown parameter 'zzz' of population 'PFC_exc'",
        "unknown section 'extra'",
        "unknown constant 'k'",
    ]


@pytest.mark.parametrize("strict", [True, False])
def test_read_of_many_unknown_names_compares_the_first_twenty_with_those_known(strict):
    text = json.dumps({"populations": {f"PFC_exc{k}": {} for k in range(900)}})
    if strict:
        found = [(problem.what, problem.advice) for problem in refusal(text).problems]
    else:
        found = [
            (what, "mean" * ("did you mean" in rest))
            for what, _, rest in (warning.partition("\n") for warning in parse(text, strict=False).warnings)
        ]

    assert [what for what, _ in found] == [f"unknown population 'PFC_exc{k}'" for k in range(900)]
    assert [k for k, (_, advice) in enumerate(found) if advice] == list(range(20))


def test_read_of_a_long_name_or_word_shows_its_beginning():
    error = refusal('{"' + "x" * 10_000 + '": ' + "y" * 10_000 + "}")

    assert [problem.what for problem in error.problems] == [
        f"unknown section '{'x' * 200}... (10000 characters)'",
        f"'{'y' * 60}... (10000 characters)' is no JSON value",
    ]


def test_read_unless_strict_still_refuses_wrong_values():
    error = refusal('{"populations": {"ghost": {}, "PFC_exc": {"a": "x"}}}', strict=False)

    assert len(error.problems) == 1


def test_read_of_local_attributes_skips_them_or_gives_them():
    text = '{"populations": {"PFC_exc": {"noise": 5, "v": -65, "rate": 1}}, "projections": {"exc_to_inh": {"w": 2}}}'
    globals_only = parse(text)
    everything = parse(text, global_only=False)

    assert [setting.attribute for setting in globals_only.values] == ["rate"]
    assert globals_only.skipped == ["populations/PFC_exc/noise", "populations/PFC_exc/v", "projections/exc_to_inh/w"]
    assert globals_only.warnings == [
        "'net.json' has local parameters or variables, which were skipped: populations/PFC_exc/noise, "
        "populations/PFC_exc/v, projections/exc_to_inh/w\n"
        "  help: global_only=False sets them, to one value for all elements."
    ]
    assert [setting.attribute for setting in everything.values] == ["noise", "v", "rate", "w"]
    assert (everything.skipped, everything.warnings) == ([], [])


def test_read_of_names_that_a_terminal_would_obey_escapes_them():
    error = refusal('{"populations": {"\\u001b[31mred": {}, "x\u202ey": {}}}')

    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert "\\x1b[31mred" in str(error)


def test_read_of_a_thousand_mistakes_reports_some_and_counts_them():
    error = refusal('{"network": {"x": [' + "NaN, " * 5000 + "]}}")

    assert len(str(error).splitlines()) < 150
    assert "... and 980 more" in str(error)


def test_read_of_a_missing_file_names_it(tmp_path):
    with pytest.raises(MissingFile, match=r"net\.json"):
        read_parameters(tmp_path / "net.json", SCHEMA)


def test_read_of_a_folder_or_pipe_is_an_error(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(EngramError):
            read_parameters(path, SCHEMA)


def test_read_of_a_huge_file_is_refused_before_it_is_read(tmp_path):
    with open(tmp_path / "net.json", "wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(BadParameters, match="1099511627776 bytes"):
        read_parameters(tmp_path / "net.json", SCHEMA)


def test_read_of_every_truncated_file_is_refused():
    whole = BY_HAND.rstrip().encode()
    for length in range(len(whole)):
        with pytest.raises(ParametersError):
            parse(whole[:length])


@given(st.binary(max_size=60), st.integers(0, len(BY_HAND.encode())))
def test_read_of_any_bytes_is_a_result_or_a_parameters_error(junk, place):
    data = BY_HAND.encode()
    for mutated in (junk, data[:place] + junk + data[place + len(junk) :]):
        with contextlib.suppress(ParametersError):
            parse(mutated)


def test_write_is_pretty_and_stable(tmp_path):
    populations = {"exc": {"a": np.float64(0.02), "b": np.float32(0.1), "n": np.int64(3), "on": np.True_}, "none": {}}
    path = tmp_path / "new" / "folder" / "net.json"
    arguments = (populations, {"ee": {"w": -0.0}}, {"Größe": [1, "x", None, {}], "e": []}, {"tau": 1e22})
    write_parameters(path, *arguments)

    assert path.read_text(encoding="utf-8") == (
        '{\n    "populations": {\n        "exc": {\n            "a": 0.02,\n            "b": 0.1,\n'
        '            "n": 3,\n            "on": true\n        },\n        "none": {}\n    },\n'
        '    "projections": {\n        "ee": {\n            "w": -0.0\n        }\n    },\n'
        '    "network": {\n        "Größe": [\n            1,\n            "x",\n            null,\n            {}\n'
        '        ],\n        "e": []\n    },\n    "constants": {\n        "tau": 1e+22\n    }\n}\n'
    )
    assert path.read_bytes() == dump_parameters(*arguments)
    assert os.listdir(path.parent) == ["net.json"]


def test_write_of_plain_values_is_what_json_writes():
    network = {"a": [1, 2.5, '\x00\u2028"', True], "b": {"c": None}}
    document = {"populations": {"p": {"a": 0.1}}, "projections": {}, "network": network, "constants": {"k": 1e-7}}

    written = dump_parameters({"p": {"a": 0.1}}, {}, network, {"k": 1e-7})

    assert written.decode() == json.dumps(document, indent=4, ensure_ascii=False) + "\n"


def test_write_of_what_no_reader_takes_is_refused_naming_all(tmp_path):
    path = tmp_path / "net.json"
    path.write_text("old")
    populations = {"exc": {"a": np.nan, "b": np.float32("inf"), "c": np.zeros(3), "d": None, "e": "x", "f": 1j}}
    network = {"x": [float("-inf")], "y": {1: 2}, "z": {1}, "s": "\ud800", "w": np.zeros(2), "ö": 1, "o\u0308": 2}

    with pytest.raises(SaveError) as caught:
        write_parameters(path, populations, {"ee": {"w": [1]}}, network, {"k": np.float64("nan")})

    assert str(caught.value).splitlines() == [
        f"'{path}' can't hold these values; nothing was written",
        "  populations/exc/a: nan is no finite number",
        "  populations/exc/b: inf is no finite number",
        "  populations/exc/c: ndarray is neither number nor text",
        "  populations/exc/d: NoneType is neither number nor text",
        "  populations/exc/e: str is neither number nor text",
        "  populations/exc/f: complex is neither number nor text",
        "  projections/ee/w: list is neither number nor text",
        "  network/x/0: -inf is no finite number",
        "  network/y/1: a key must be a text, not int",
        "  network/z: set is neither number nor text",
        "  network/s: a text with half of a surrogate pair",
        "  network/w: ndarray is neither number nor text; write .tolist()",
        "  network/o\u0308: another key differs from it only in how it is encoded",
        "  constants/k: nan is no finite number",
    ]
    assert path.read_text() == "old"


def test_write_of_a_list_that_holds_itself_is_refused():
    endless: list = []
    endless += [endless, endless]

    with pytest.raises(SaveError, match="nested more than 64 deep"):
        dump_parameters({}, {}, {"x": endless}, {})


def test_write_limits_are_read_limits():
    deepest: list = []
    for _ in range(61):
        deepest = [deepest]

    assert parse(dump_parameters({}, {}, {"x": deepest}, {})).network == {"x": deepest}
    with pytest.raises(SaveError, match="nested"):
        dump_parameters({}, {}, {"x": [deepest]}, {})
    with pytest.raises(SaveError, match="100001 characters"):
        dump_parameters({}, {}, {"x": 10**100_000}, {})


def test_the_network_dictionary_survives_saving_over_a_file_edited_by_hand():
    read = parse(BY_HAND)

    again = parse(dump_parameters({}, {}, read.network, {}))

    assert again.network == read.network
    assert list(again.network) == list(read.network)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float64_survives_to_the_bit(value):
    written = dump_parameters({"PFC_exc": {"a": np.float64(value)}}, {}, {"x": value}, {})
    read = parse(written)

    assert bits(read.values[0].value) == bits(value)
    assert bits(read.network["x"]) == bits(value)
    assert f'"a": {value!r}'.encode() in written


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_float32_survives_to_the_bit_in_its_own_shortest_text(value):
    number = np.float32(value)
    written = dump_parameters({"PFC_exc": {"b": number}}, {}, {}, {})
    (setting,) = parse(written).values
    digits = len(
        np.format_float_scientific(number, unique=True, trim="-").partition("e")[0].strip("-").replace(".", "")
    )

    assert np.float32(setting.value).tobytes() == number.tobytes()
    assert setting.value == float(number)
    assert digits <= 9


@given(st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_integers_and_booleans_survive(number, is_on):
    written = dump_parameters({"PFC_exc": {"count": np.int64(number), "is_on": np.bool_(is_on)}}, {}, {}, {})

    assert [setting.value for setting in parse(written).values] == [number, is_on]


def test_messages_are_those_of_the_golden_file():
    texts = [
        BY_HAND.replace("PFC_inh", "PFC_ihn"),
        BY_HAND.replace("0.02", "NaN").replace("3.0", "3.5").replace("true,", "1,").replace('"w_max"', '"wmax"'),
        BY_HAND.replace("1e-1", '"0.1"').replace("0.03", "[0.03]").replace('"network"', '"networks"'),
        BY_HAND.replace("0.02,", "0.02").replace("-0.0,", "-.0, größe: 1"),
        BY_HAND.replace('"title": "', '"path": "C:\\data ').replace('"list"', '"pop1_r_min"'),
        BY_HAND[: BY_HAND.index("}")],
        BY_HAND.replace("before */", "before"),
        "",
        '{"populations": {"exc_to_inh": {"w_max": 1}}} }',
    ]
    found = "\n\n----\n\n".join(f"ParametersError: {refusal(text)}" for text in texts) + "\n"
    if os.environ.get("ENGRAM_GOLDEN") == "1":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")

    assert found == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "content", [b"\0" * 40, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", bytes(range(255, 0, -1)), b"\x1f\x8b\x08\0\0"]
)
def test_binary_is_called_that_and_not_shown(content):
    with pytest.raises(ParametersError) as caught:
        parse(content)
    assert "not a text of parameters; nothing was set" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2


def test_a_saved_state_is_not_replaced_by_text(tmp_path):
    state = tmp_path / "state.txt"
    state.write_bytes(b"\x80\x04}.")
    for path in (state, tmp_path / "new.NPZ"):
        with pytest.raises(InvalidArgument, match="nothing was written\n  help: give it another name"):
            write_parameters(path, {}, {}, {}, {})
    assert state.read_bytes() == b"\x80\x04}."
    assert not (tmp_path / "new.NPZ").exists()
