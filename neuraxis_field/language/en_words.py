# SPDX-License-Identifier: Apache-2.0
"""English words for the things that programs name. Earlier words of a list are drawn more often."""

from __future__ import annotations

COLORS = {
    "red": ("red", "red-coloured", "crimson", "scarlet", "bright red", "dark red", "reddish"),
    "green": ("green", "green-colored", "emerald", "lime green", "dark green", "greenish"),
    "blue": ("blue", "blue-colored", "navy blue", "azure", "dark blue", "light blue", "navy"),
    "yellow": ("yellow", "yellow-coloured", "bright yellow", "lemon yellow", "golden"),
    "orange": ("orange", "orange-coloured", "bright orange", "tangerine"),
    "purple": ("purple", "violet", "purple-colored", "lilac", "dark purple"),
    "white": ("white", "white-colored", "snow white", "plain white", "whitish"),
    "black": ("black", "black-coloured", "jet black", "pitch black"),
}
# singular, plural
SHAPES = {
    "cube": (
        ("cube", "cubes"), ("cube", "cubes"), ("cubic part", "cubic parts"), ("dice", "dice"),
        ("square block", "square blocks"), ("cubic block", "cubic blocks"), ("die", "dice"),
        ("cube-shaped piece", "cube-shaped pieces"), ("square one", "square ones"),
        ("cubic one", "cubic ones"), ("square piece", "square pieces"),
    ),
    "block": (
        ("block", "blocks"), ("block", "blocks"), ("brick", "bricks"), ("bar", "bars"),
        ("long block", "long blocks"), ("rectangular block", "rectangular blocks"),
        ("cuboid", "cuboids"), ("rectangular piece", "rectangular pieces"),
        ("elongated block", "elongated blocks"), ("oblong one", "oblong ones"),
        ("long one", "long ones"), ("rectangular one", "rectangular ones"),
    ),
    "cylinder": (
        ("cylinder", "cylinders"), ("cylinder", "cylinders"), ("cylindrical part",
        "cylindrical parts"), ("round part", "round parts"), ("round one", "round ones"),
        ("cylindrical piece", "cylindrical pieces"), ("can", "cans"), ("tube", "tubes"),
        ("round piece", "round pieces"), ("cylindrical object", "cylindrical objects"),
        ("peg", "pegs"), ("cylindrical one", "cylindrical ones"),
    ),
    "hexagon": (
        ("hexagon", "hexagons"), ("hexagon", "hexagons"), ("hex", "hexes"),
        ("hexagonal part", "hexagonal parts"), ("hexagonal prism", "hexagonal prisms"),
        ("hex prism", "hex prisms"), ("six-sided piece", "six-sided pieces"),
        ("hexagonal one", "hexagonal ones"), ("hexagonal piece", "hexagonal pieces"),
        ("hex nut", "hex nuts"), ("hexagonal block", "hexagonal blocks"),
    ),
    "part": (
        ("part", "parts"), ("piece", "pieces"), ("object", "objects"), ("item", "items"),
        ("thing", "things"), ("component", "components"), ("workpiece", "workpieces"),
        ("shape", "shapes"), ("toy", "toys"),
    ),
    "tray": (
        ("tray", "trays"), ("tray", "trays"), ("tray", "trays"), ("flat tray", "flat trays"),
        ("plate", "plates"), ("shallow tray", "shallow trays"), ("dish", "dishes"),
        ("platter", "platters"),
    ),
    "bin": (
        ("bin", "bins"), ("bin", "bins"), ("bin", "bins"), ("box", "boxes"),
        ("bucket", "buckets"), ("basket", "baskets"), ("crate", "crates"), ("tub", "tubs"),
        ("storage bin", "storage bins"), ("deep bin", "deep bins"),
    ),
    "container": (
        ("container", "containers"), ("container", "containers"), ("receptacle", "receptacles"),
        ("holder", "holders"), ("vessel", "vessels"),
    ),
}  # fmt: skip
# before the noun, after the noun
RANKS = {
    "leftmost": (
        ("leftmost", "left", "left-most", "far left", "left-hand", "left hand"),
        ("on the left", "on the far left", "furthest to the left", "farthest left",
         "at the left end", "on the left side", "on the left-hand side", "that's furthest left",
         "to the far left", "all the way on the left"),
    ),
    "rightmost": (
        ("rightmost", "right", "right-most", "far right", "right-hand", "right hand"),
        ("on the right", "on the far right", "furthest to the right", "farthest right",
         "at the right end", "on the right side", "on the right-hand side",
         "that's furthest right", "to the far right", "all the way on the right"),
    ),
    "nearest": (
        ("nearest", "closest", "front", "frontmost"),
        ("nearest to you", "closest to you", "closest to the robot", "nearest you", "closest",
         "that is closest to you", "nearest to the robot", "right in front of you",
         "closest to your body", "at the front", "that's nearest"),
    ),
    "farthest": (
        ("farthest", "furthest", "most distant", "back", "rearmost"),
        ("farthest from you", "furthest away", "farthest away", "furthest from the robot",
         "that is furthest away from you", "at the back", "farthest from the robot",
         "furthest from you", "at the very back"),
    ),
    "largest": (
        ("largest", "biggest", "big", "large", "bigger", "larger", "bulkiest"),
        ("that is the largest", "that's biggest", "which is the biggest", "with the biggest size"),
    ),
    "smallest": (
        ("smallest", "tiniest", "small", "little", "littlest", "smaller", "tiny"),
        ("that is the smallest", "that's smallest", "which is the tiniest",
         "with the smallest size"),
    ),
    "middle": (
        ("middle", "central", "center", "centre"),
        ("in the middle", "in the center", "in the centre", "at the center"),
    ),
}  # fmt: skip
RELATIONS = {
    "left_of": ("[to the ]left of {}", "on the left [hand ]side of {}", "to {'s} left",
                "that is left of {}", "which is to the left of {}", "on the left of {}"),
    "right_of": ("[to the ]right of {}", "on the right [hand ]side of {}", "to {'s} right",
                 "that is right of {}", "which is to the right of {}", "on the right of {}"),
    "next_to": ("next to {}", "beside {}", "near {}", "close to {}", "right by {}", "by {}",
                "adjacent to {}", "that is next to {}", "alongside {}", "right next to {}",
                "standing beside {}", "that's sitting next to {}", "right beside {}"),
    "in_front_of": ("in front of {}", "that is in front of {}", "standing in front of {}",
                    "that stands before {}", "which is in front of {}"),
    "behind": ("behind {}", "that is behind {}", "standing behind {}", "in back of {}",
               "which is behind {}", "located behind {}"),
    "nearest_to": ("closest to {}", "nearest to {}", "nearest {}", "that is closest to {}",
                   "which is nearest to {}"),
    "farthest_from": ("farthest from {}", "furthest from {}", "furthest away from {}",
                      "that is farthest from {}"),
    "in": ("in {}", "inside {}", "from {}", "that is in {}", "which is inside {}", "out of {}",
           "that's currently in {}", "that is already in {}", "lying in {}", "sitting in {}",
           "from inside {}"),
    "holding": ("with {} in it", "that has {} in it", "containing {}", "that contains {}",
                "holding {}", "where {} is", "that holds {}", "that already has {}",
                "which contains {}", "that {} is in", "together with {}",
                "that {} is already in"),
    "on_table": ("on the table", "on the bench", "still on the table", "lying on the table",
                 "from the table", "on the workbench", "left on the table", "on the desk",
                 "from the bench", "that is on the table", "off the table", "on the counter"),
}  # fmt: skip
NUMBER_FORMS = {
    "two": ("two", "2", "a couple of", "a pair of", "two of the", "any two", "exactly two"),
    "three": ("three", "3", "three of the", "any three", "exactly three"),
    "four": ("four", "4", "four of the", "any 4"),
    "five": ("five", "5", "five of the"),
    "six": ("six", "6", "half a dozen"),
    "seven": ("seven", "7"),
    "eight": ("eight", "8"),
    "nine": ("nine", "9"),
    "ten": ("ten", "10"),
    "many": ("twelve", "12", "20", "fifty", "100", "a hundred", "15", "eleven", "thirty",
             "a thousand", "a dozen", "1000", "sixteen", "99"),
}  # fmt: skip
EXCEPT = ("except", "except for", "but", "apart from", "other than", "but not", "excluding",
          "with the exception of", "aside from", "besides", "without", "not including", "minus",
          "save for", "leaving out")  # fmt: skip
# base, gerund, participle
VERBS = (
    ("put", "putting", "put"), ("put", "putting", "put"), ("put", "putting", "put"),
    ("place", "placing", "placed"), ("place", "placing", "placed"), ("move", "moving", "moved"),
    ("move", "moving", "moved"), ("set", "setting", "set"), ("drop", "dropping", "dropped"),
    ("transfer", "transferring", "transferred"), ("stick", "sticking", "stuck"),
    ("deposit", "depositing", "deposited"), ("lay", "laying", "laid"),
    ("bring", "bringing", "brought"), ("carry", "carrying", "carried"),
    ("pop", "popping", "popped"), ("relocate", "relocating", "relocated"),
    ("load", "loading", "loaded"), ("position", "positioning", "positioned"),
    ("insert", "inserting", "inserted"), ("shift", "shifting", "shifted"),
    ("stow", "stowing", "stowed"), ("throw", "throwing", "thrown"),
    ("toss", "tossing", "tossed"), ("dump", "dumping", "dumped"),
    ("deliver", "delivering", "delivered"), ("get", "getting", "gotten"),
    ("send", "sending", "sent"), ("tuck", "tucking", "tucked"), ("pack", "packing", "packed"),
    ("sort", "sorting", "sorted"), ("store", "storing", "stored"), ("take", "taking", "taken"),
    ("collect", "collecting", "collected"), ("gather", "gathering", "gathered"),
    ("chuck", "chucking", "chucked"), ("deliver", "delivering", "delivered"),
    ("plop", "plopping", "plopped"), ("stash", "stashing", "stashed"),
)  # fmt: skip
TAKE = ("take", "pick up", "grab", "get", "grasp", "fetch", "lift", "pick", "collect", "find",
        "choose", "select", "locate", "seize")  # fmt: skip
INTO = ("in", "into", "in", "into", "inside", "to", "on", "onto", "over to", "inside of", "within",
        "down in", "over into", "in to")  # fmt: skip
IN_FRONT = ("in", "into", "inside", "to", "on", "onto")
