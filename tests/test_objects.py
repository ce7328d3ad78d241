"""Objects of JSON."""

import json

import pytest

from agentkit.objects import each_once


def test_an_object_is_what_its_text_says() -> None:
    text = '{"a": 1, "b": {"a": [{}, {"c": null}]}}'

    assert json.loads(text, object_pairs_hook=each_once) == json.loads(text)


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "b": 2}', '[{"a": {"b": 1, "b": {}}}]', '{"b": 1, "\\u0062": 1}'])
def test_a_key_that_stands_twice_in_one_object_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="the key 'b' stands twice in one object"):
        json.loads(text, object_pairs_hook=each_once)
