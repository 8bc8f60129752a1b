"""Parts of a config: what is taken, what is left, and what a refusal names."""

import pytest

from atss_inspect.importing.parts import Notes, Part, Refused, number
from atss_inspect.importing.values import Node, Place, Unknown, node_of

HERE = Place("a.py", 3)


def part(tree: object, key: str = "model") -> Part:
    return Part(node_of(tree, HERE), key, Notes())


def test_what_nobody_takes_is_told_by_its_path_and_place():
    one = part({"k": 1, "loss": 2, "odd": 3, "none": None})
    assert (one.take("k"), one.take("missing", 5), one.take("none", 6)) == (1, 5, 6)
    one.rest({"loss"})
    (remark,) = one.notes.remarks
    assert (remark.kind, remark.key, remark.place) == ("not_read", "model.odd", HERE)


def test_lists_of_parts_count_their_steps():
    one = part({"pipeline": [{"type": "a.b.Resize"}, {"_target_": "Pad"}], "one": {}})
    first, second = one.parts("pipeline")
    assert (first.type, first.key) == ("Resize", "model.pipeline[0]")
    assert (second.type, second.key_of("size")) == ("Pad", "model.pipeline[1].size")
    assert [each.key for each in one.parts("one")] == ["model.one"]
    assert one.parts("missing") == []
    ways = part({"ways": [[{"type": "A"}, {"type": "B"}], {"type": "C"}]}).lists("ways")
    assert [[each.type for each in way] for way in ways] == [["A", "B"], ["C"]]
    assert ways[0][1].key == "model.ways[0][1]"


def test_parts_are_found_along_a_path():
    one = part({"a": {"b": {"c": 1}}}, "")
    found = one.find("a.b")
    assert found is not None
    assert (found.key, found.take("c")) == ("a.b", 1)
    assert one.find("a.x.y") is None
    assert one.section("a.b").take("c") == 1
    empty = one.section("a.x.y")
    assert (empty.take("z", 2), empty.key_of("z")) == (2, "a.x.y.z")
    assert empty.place_of("z") == HERE


def test_a_setting_is_refused_by_its_key_where_it_is_missing_or_makes_no_sense():
    one = part({"k": "many"})
    kind = r"a\.py:3: model\.k: is not of the kind that is expected here, got 'many'"
    with pytest.raises(Refused, match=kind) as caught:
        one.setting("assigner.k", "k", make=int)
    assert (caught.value.key, caught.value.place) == ("model.k", HERE)
    with pytest.raises(Refused, match="has no default"):
        one.setting("assigner.k", "missing")


def test_a_value_that_is_too_long_for_a_message_is_cut_off():
    with pytest.raises(Refused, match=r"got '9{59}\.\.\.$"):
        part({"k": "9" * 10_000}).made("k", number)


@pytest.mark.parametrize("value", ["text", Node(Unknown("call of make"), HERE)])
def test_a_part_that_is_no_dict_is_refused(value):
    with pytest.raises(Refused, match=r"a\.py:3: model\.head: (expected|the value)"):
        part({"head": value}).part("head")


def test_of_two_values_the_later_wins_and_known_defaults_need_no_line():
    one = part({"k": 9, "topk": 11})
    one.setting("assigner.k", "k")
    one.setting("assigner.k", "topk")
    one.setting("anchors.offset", "center_offset", 0.0)
    one.setting("anchors.scale", "scale", 4.0)
    imported = one.notes.imported("mmdetection 3", "atss-mmdet")
    found = {each.path: (each.value, each.default) for each in imported.found}
    assert found == {"assigner.k": (11, ""), "anchors.scale": (4.0, "4.0")}
    told = {each.key: each.text for each in imported.remarks}
    assert told == {"model.center_offset": "0.0", "model.scale": "4.0"}
