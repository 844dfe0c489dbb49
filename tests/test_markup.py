"""Text becomes HTML in one place, and stays text."""

from engram import markup


def test_plain_text_is_shown_and_obeyed_by_nothing():
    assert markup.plain("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"
    assert markup.plain("$x$ \\(y\\)") == "<span>$</span>x<span>$</span> <span>\\</span>(y<span>\\</span>)"


def test_formula_is_mathematics_without_markup():
    assert markup.formula(r"v < 1 & w > 2") == r"$v \lt  1 &amp; w \gt  2$"
    assert markup.formula("") == ""


def test_table_sets_columns_flush():
    found = markup.table(("name", "MB"), [["<code>a</code>", "1"]], left=(0,))

    assert found.count("text-align:left") == found.count("text-align:right") == 2
    assert '<td style="text-align:left"><code>a</code></td>' in found


def test_parts_hold_what_they_are_given():
    assert markup.folded("a < b", "<p>c</p>") == "<details><summary>a &lt; b</summary><p>c</p></details>"
    assert markup.folded("a", "", is_open=True).startswith("<details open>")
    assert markup.preformatted("a\n <b>") == "<pre>a\n &lt;b&gt;</pre>"
    assert markup.listed([]) == ""
