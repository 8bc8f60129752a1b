"""Options of sizes and flips: what they make of conventions, and what they refuse."""

import pytest

from atss_inspect.annotations.augment import AugmentRule
from atss_inspect.cli.drawing import NUM_EPOCHS, VariantOptions
from atss_inspect.errors import SettingsError
from atss_inspect.settings import resolve_all
from atss_inspect.statistics.variants import EPOCHS


def options(**typed):
    none = {"as_trained": False, "short_sides": None, "flip": False, "epochs": None}
    return VariantOptions(**(none | typed))


def drawn(*names, **typed):
    found = options(**typed).resolve(resolve_all(names or ["retinanet-detectron2"]))
    return [one.settings.augment for one in found]


SIX = (640, 672, 704, 736, 768, 800)


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ({"as_trained": True}, AugmentRule(short_sides=SIX, flip=0.5)),
        ({"short_sides": "640,800"}, AugmentRule(short_sides=(640, 800))),
        ({"short_sides": "640:800:32"}, AugmentRule(short_sides=SIX)),
        ({"short_sides": "9:11, 7"}, AugmentRule(short_sides=(9, 10, 11, 7))),
        ({"short_sides": "480..800"}, AugmentRule(short_range=(480, 800))),
        ({"flip": True}, AugmentRule(flip=0.5)),
        (
            {"as_trained": True, "short_sides": "480..800"},
            AugmentRule(short_range=(480, 800), flip=0.5),
        ),
    ],
)
def test_what_is_named_replaces_that_part_and_the_rest_needs_as_trained(typed, rule):
    assert drawn(**typed) == [rule]


def test_presets_draw_what_each_of_them_does():
    assert drawn("atss-mmdet", "fcos-detectron2", as_trained=True) == [
        AugmentRule(flip=0.5),
        AugmentRule(short_sides=SIX, flip=0.5),
    ]


def test_without_an_option_conventions_stay_as_they_are():
    resolved = resolve_all(["atss-mmdet"])
    assert options().resolve(resolved) is resolved
    assert not options().is_asked


def test_origins_are_the_options():
    typed = options(short_sides="640,800", flip=True)
    [one] = typed.resolve(resolve_all(["atss-mmdet"]))
    assert one.origins["augment.short_sides"] == "--short-sides"
    assert one.origins["augment.flip"] == "--flip"


def test_options_are_written_as_typed():
    typed = options(as_trained=True, short_sides="480..800", flip=True, epochs=36)
    words = "--as-trained --flip --short-sides 480..800 --epochs 36"
    assert typed.typed_again() == tuple(words.split())
    assert options().typed_again() == ()


def test_epochs_are_as_many_as_in_statistics():
    assert options().num_epochs == NUM_EPOCHS == EPOCHS
    assert options(epochs=36).num_epochs == 36


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("big", "expected 640,672,800, or 480:800:32, or 480..800, got"),
        ("640,", "expected 640,672,800, or 480:800:32, or 480..800, got"),
        ("800:640", "expected 640,672,800, or 480:800:32, or 480..800, got"),
        ("640:800:0", "expected 640,672,800, or 480:800:32, or 480..800, got"),
        ("640,640", "whole numbers that are different"),
        ("800..640", "the least and the most short side"),
        ("0..640", "a whole number from 1 to 100000"),
        ("480:800", "161"),
    ],
)
def test_sides_that_cannot_be_are_refused(text, message):
    with pytest.raises(SettingsError, match=message) as error:
        drawn(short_sides=text)
    assert "--short-sides" in str(error.value)


def test_epochs_alone_are_refused():
    with pytest.raises(SettingsError, match="expected what is drawn in an epoch"):
        options(epochs=3).resolve(())
