from engram.state.caret import draw


def test_a_short_line_is_shown_whole():
    assert draw("in 'x'", "a = b\x1b", 3, 5, 1) == "  in 'x', line 3, column 5:\n  3 | a = b\\x1b\n    |     ^"


def test_a_place_at_the_end_and_one_without_length_have_one_caret():
    assert draw("in 'x'", "ab", 1, 3, 0).splitlines()[2] == "    |   ^"
    assert draw("in 'x'", "ab", 1, 1, 0).splitlines()[2] == "    | ^"


def test_a_long_line_is_cut_around_the_place():
    _, shown, carets = draw("in 'x'", "<" * 400 + "=" * 30 + ">" * 400, 12, 401, 30).splitlines()

    assert shown == "  12 | ..." + "<" * 50 + "=" * 30 + ">" * 17 + "..."
    assert carets == "     |    " + " " * 50 + "^" * 30


def test_a_long_place_is_cut():
    _, shown, carets = draw("in 'x'", "=" * 400, 1, 1, 400).splitlines()

    assert shown == "  1 | " + "=" * 100 + "..."
    assert carets == "    | " + "^" * 100


def test_wide_characters_take_two_columns_and_accents_none():
    assert draw("in 'x'", "神o\u0308=神", 1, 5, 1).splitlines()[2] == "    |     " + "^^"
