# SPDX-License-Identifier: Apache-2.0
"""What a sentence rules out is never what it asks for."""

import random

from neuraxis_bridge.program import Noun, Selection
from neuraxis_field.language.programs import container_noun, part_noun
from neuraxis_field.language.speaker import apart, other_noun


def test_things_are_apart_by_their_kind_or_their_color():
    red_bin = Selection("one", "bin", "red")
    assert apart(Noun("tray"), red_bin) and apart(Noun("bin", "blue"), red_bin)
    assert apart(Noun("container", "blue"), red_bin)
    for noun in (Noun("bin"), Noun("container"), Noun("bin", "red"), Noun("bin", "", "leftmost")):
        assert not apart(noun, red_bin)


def test_nothing_is_apart_from_all_parts():
    rng = random.Random(0)
    assert other_noun(rng, part_noun, [Selection("all", "part")]) is None
    red = [Selection("all", "cube", "red"), Selection("one", "part", "blue")]
    drawn = [other_noun(rng, part_noun, red) for _ in range(200)]
    assert all(noun.color not in ("blue", "") for noun in drawn)
    assert all(noun.shape != "cube" or noun.color != "red" for noun in drawn)
    assert other_noun(rng, container_noun, [Selection("one", "tray")]).shape not in (
        "tray", "container"
    )  # fmt: skip
