"""How names are spelled: in normal form C, and with nothing that can't be seen."""

import unicodedata

import pytest

from engram.errors import InvalidArgument
from engram.state.spelling import hidden_in, spelled
from tests.cases import check_each, each

HIDDEN = {
    "a\u200bb": "U+200B ZERO WIDTH SPACE as character 2",
    "\u202eabc": "U+202E RIGHT-TO-LEFT OVERRIDE as character 1",
    "\ufeffx": "U+FEFF ZERO WIDTH NO-BREAK SPACE as character 1",
    "ab\u00ad": "U+00AD SOFT HYPHEN as character 3",
    "a\u2028b": "U+2028 LINE SEPARATOR as character 2",
    "a\u2029b": "U+2029 PARAGRAPH SEPARATOR as character 2",
    "a\u200db": "U+200D ZERO WIDTH JOINER as character 2",
    "a\u2066b": "U+2066 LEFT-TO-RIGHT ISOLATE as character 2",
    "a\u00a0b": "U+00A0 NO-BREAK SPACE as character 2",
    "a\u3000b": "U+3000 IDEOGRAPHIC SPACE as character 2",
    "a\u3164": "U+3164 HANGUL FILLER as character 2",
    "a\u034fb": "U+034F COMBINING GRAPHEME JOINER as character 2",
    "\u2764\ufe0f": "U+FE0F VARIATION SELECTOR-16 as character 2",
    "a\tb": "U+0009 CONTROL CHARACTER as character 2",
    "a\x7f": "U+007F CONTROL CHARACTER as character 2",
    "a\x85b": "U+0085 CONTROL CHARACTER as character 2",
    "a\ud800": "U+D800 SURROGATE as character 2",
    "a\ue000": "U+E000 PRIVATE USE as character 2",
    "a\U000e0041": "U+E0041 TAG LATIN CAPITAL LETTER A as character 2",
    "a\uffff": "U+FFFF UNASSIGNED as character 2",
}


def test_what_cannot_be_seen_is_refused_by_code_point_and_place():
    def check(name, words):
        with pytest.raises(InvalidArgument) as caught:
            spelled(name, "the name of a dog")
        assert f"can't be the name of a dog: it has {words}\n" in str(caught.value)
        assert hidden_in(name) == words

    check_each({ascii(name): (name, words) for name, words in HIDDEN.items()}, check)


@each("name", ["exc", "späti", "日本 1", "Δ_τ", "naïve café", "x" * 300, "$%&'\"", "क्षि"])
def test_names_are_brought_to_normal_form_c(name):
    assert spelled(unicodedata.normalize("NFD", name)) == unicodedata.normalize("NFC", name) == spelled(name)
