"""Word lists: what they leave out of texts, and what has to stay."""

import pytest

from duckmark.lexicons import stop_words


def listed(language: str) -> set[str]:
    return {row["word"] for row in stop_words().to_pylist() if row["language"] == language}


def test_chinese_function_words_are_stop_words():
    assert set("就很的了我都也还要把被和在是这那吗呢") <= listed("zh")
    assert {"我们", "这个", "什么", "因为", "但是", "而且", "如果", "还是", "一个", "就是"} <= listed("zh")


@pytest.mark.parametrize("word", ["不", "没", "没有", "无", "别", "非", "不是", "不如", "好", "差", "最", "大", "一般"])
def test_chinese_words_that_say_no_or_how_people_feel_are_none(word):
    assert word not in listed("zh")


def test_each_word_is_listed_once_and_written_without_spaces():
    rows = [(row["language"], row["word"]) for row in stop_words().to_pylist()]
    assert len(set(rows)) == len(rows)
    assert all(word == word.strip() != "" for _, word in rows)
