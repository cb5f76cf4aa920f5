"""What of a text is searched, and how questions are asked: pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_platform.errors import InvalidParameter
from crm_platform.search.question import MAX_PIECES, Question, tsquery
from crm_platform.search.vector import MOST_POSITIONS, tsvector
from crm_platform.search.words import pieces, shortened

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王小明", ["王小明"]),
        ("\uff21\uff23\uff2d\uff25\u3000有限公司", ["acme", "有限公司"]),
        ("Café de l'Étoile", ["cafe", "de", "l", "etoile"]),
        ("华为HUAWEI技术", ["华为", "huawei", "技术"]),
        ("3号楼502室", ["3", "号楼", "502", "室"]),
        ("li.ming@acme.com", ["li", "ming", "acme", "com"]),
        ("カタカナ ひらがな 한국어", ["カタカナ", "ひらがな", "한국어"]),
        ("Ⅷ ㈱ ﬁn", ["viii", "株", "fin"]),
        ("Straße", ["strasse"]),
        ("…！？ \u200b\x00 ' \\ \"", []),
    ],
)
def test_texts_fall_into_runs_and_words(text: str, found: list[str]) -> None:
    assert [piece.text for piece in pieces(text)] == found


def test_a_run_is_kept_as_pairs_with_their_places_and_a_word_as_it_is() -> None:
    assert tsvector([("B", "王小明 Lee")]) == "'王小':1B '小明':2B '明':3B 'lee':4B"


def test_members_lie_apart_so_that_no_phrase_reaches_over() -> None:
    assert tsvector([("B", "王"), ("C", "小")]) == "'王':1B '小':12C"


def test_lists_and_nested_values_are_searched_and_nothing_is_nothing() -> None:
    assert tsvector([("D", ("甲", {"a": ["乙"], "b": 3})), ("A", None)]) == "'甲':1D '乙':12D"


def test_names_are_kept_with_one_letter_left_out_too() -> None:
    assert tsvector([("A", "acme")]) == "'acme':1A '~cme':1D '~ame':1D '~ace':1D '~acm':1D"


def test_a_very_long_text_is_searched_at_its_beginning() -> None:
    words = " ".join(f"w{number}" for number in range(MOST_POSITIONS + 500))
    spelled = tsvector([("C", words)])
    assert f"'w{MOST_POSITIONS - 1}':{MOST_POSITIONS}C" in spelled
    assert f"'w{MOST_POSITIONS}'" not in spelled


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("王", "'王':*"),
        ("小明", "'小明'"),
        ("王小明", "('王小' <1> '小明')"),
        ("有限公司", "('有限' <2> '公司')"),
        ("有限责任公", "('有限' <2> '责任' <1> '任公')"),
        ("Acme Glob", "'acme' & 'glob':*"),
        ("acme 公司", "'acme' & '公司'"),
    ],
)
def test_a_question_asks_for_all_words(text: str, query: str) -> None:
    assert tsquery(text, "words") == query


def test_a_similar_question_lets_one_character_be_another() -> None:
    assert tsquery("王小明", "similar") == "(('王小' <1> '小明') | '小明' | ('王':* <2> '明':*) | '王小')"
    assert tsquery("小明", "similar") == "'小明'"


def test_a_similar_question_lets_a_letter_be_wrong() -> None:
    ways = tsquery("acme", "similar").strip("()").split(" | ")
    assert ways == [
        "'acme':*",
        *("'cme'", "'ame'", "'ace'", "'acm'"),
        "'~acme'",
        *("'~cme'", "'~ame'", "'~ace'", "'~acm'"),
    ]


@pytest.mark.parametrize("text", ["", " ", "…", "' | '", "甲" * 201, " ".join("a" * (MAX_PIECES + 1))])
def test_what_cannot_be_searched_is_refused_with_the_parameter(text: str) -> None:
    with pytest.raises(InvalidParameter) as refused:
        Question.parse(text, None)
    assert refused.value.values["parameter"] == "q"


def test_an_unknown_way_to_match_is_refused_even_without_a_question() -> None:
    with pytest.raises(InvalidParameter) as refused:
        Question.parse(None, "regex")
    assert refused.value.values["parameter"] == "match"


@given(TEXTS)
def test_no_text_leaves_the_quotes(text: str) -> None:
    """Whatever is typed, both spellings hold nothing but letters, digits and their own punctuation."""
    for piece in pieces(text):
        assert piece.text
        assert not set(piece.text) & set("'\\:*&|!<>()~ \x00")


@given(st.text(alphabet="abcde", min_size=4, max_size=8), st.data())
def test_one_edit_apart_means_a_key_in_common(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcxyz"))
    other = data.draw(
        st.sampled_from(
            [
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
            ]
        )
    )
    assert {word, *shortened(word)} & {other, *shortened(other)}
