# SPDX-License-Identifier: Apache-2.0
"""English frames for steps that are said in a way of their own: sorting, emptying, excluding.

Slots: {P} parts, {C} container, {it} pronoun, {in} preposition, {put} {putting} {pp} verb forms,
{A} containers to sort into, <name> a table of `en_around` or a random word. ``~`` marks dev frames.
"""

from __future__ import annotations

from neuraxis_field.language.compose import counted
from neuraxis_field.language.voices import mixed, voices

SORT = mixed(counted((
    "(sort|group|arrange|organise|organize|divide|separate|split|distribute|classify|order|file|"
    "allocate|spread|deal|assign|sort out|sort through|divide up|split up|categorise|pair) {P} "
    "(by|according to|based on|depending on|after|by means of|following|with regard to|with "
    "respect to|in line with|by their|on the basis of) (colour|color|the colour|its colour|their "
    "colour|hue)",
    "(sort|group|arrange|organise|organize|divide|separate|split|distribute|classify|order|file|"
    "allocate|spread|deal|assign|put|move|place|drop|load|collect|gather|stow|put away|store) "
    "{P} (into|in|among|to|over|across|between|onto|inside|within) {A} (by|according to|based on|"
    "depending on|by matching|as per) (colour|color|the colour|their colour|hue|its colour)",
    "(by|according to|based on|depending on) (colour|color|their colour), (put|sort|place|move|"
    "distribute|drop) {P} (in|into) {A}",
    "(match|pair|unite|combine|align) {P} (with|to|and) {A} (of the same|by|according to|by the|"
    "in the same) (colour|color)",
    "{P} (goes|go|should go|must go|belongs|belong|need to go) (in|into|to) {A} (by|according to|"
    "based on) (colour|color)", "(colour|color)(-sort| sort|-code) {P} (into|in) {A}",
    "(colour|color)(-sort| sort) {P}", "I want {P} sorted by (colour|color)[ into {A}]",
    "make sure {P} (is|are) sorted by (colour|color)[ into {A}]",
    "have {P} sorted by (colour|color)", "sort {P} by (colour|color)",
    "sort {P} into {A} by (colour|color)", "{P} by (colour|color) into {A}",
    "let the (colour|color) decide which of {A} {P} (go|goes) (in|into)",
    "{P} should be sorted by (colour|color)", "~file {P} by (colour|color) into {A}",
    "~divide {P} among {A} by (colour|color)",
)), "en", "SORT")  # fmt: skip
SORT_ALL = (
    *voices("en", "SORT_ALL"),
    "sort by colour", "sort them by color", "sort everything by colour", "colour sorting",
    "sort this by color", "group by colour", "match the colours", "sort according to colour",
    "do the colour sorting", "sort all of it by color", "colour sort", "separate by colour",
    "arrange by color", "sort out the colours", "each colour to its own", "sort the stuff by color",
    "divide by colour", "sorting by color is your job", "organise by colour",
    "group things by colour", "sort it all by hue", "color-sort everything",
)  # fmt: skip
# No container said.
NO_TARGET = mixed(counted((
    "(clear|clean|tidy|empty|vacate|free|sort out|clear off|clean off|tidy up|clean up|clear up|"
    "neaten|straighten up) the (table|bench|workbench|desk|work surface|tabletop|workspace|"
    "counter)", "(clear|clean|tidy|empty) the (table|bench|workbench|desk|tabletop) (up|off|out)",
    "tidy up", "(clean|tidy|clear) up (this mess|here|this place|the mess|around here|after us)",
    "(clear|put|take|tidy|pack|move|stash|store) everything (away|up|off the table|off the bench|"
    "from the table)",
    "put (all of this|all this|all that|the lot|all the parts|all parts|it all|all of it|these "
    "things) away",
    "(put|pack|tidy|stow|clear|stash) away (all [the ]parts|everything|the parts|all [the "
    "]things|all this)", "make the (table|bench|workbench) (empty|tidy|clean|free|clear|neat)",
    "get everything off the (table|bench|desk)",
    "get (all the stuff|all parts|the parts|all things) off the (table|bench|workbench)",
    "make (some )room on the (table|bench)",
    "the (table|bench|workbench) (needs tidying|is a mess, tidy it|should be empty|needs to be "
    "cleared|must be cleared|needs cleaning up|has to be tidied|should be tidy)",
    "I want (a clean|an empty|a tidy|a clear) (table|bench)", "do the tidying up",
    "leave nothing on the (table|bench)", "nothing should (stay|remain) on the table",
    "~make this table tidy", "~stow everything away",
)), "en", "NO_TARGET")  # fmt: skip
# {X} is a container that is not meant, {Q} a part that is not.
NEGATED = mixed(counted((
    "3*{put} {P} {in} {C}(,| and| but|;|.) (leave|keep|let|have|hold) {Q} (on the (bench|desk|"
    "workbench)|right there|out of it|outside|for later|for now|for me|out of the way|in its place|"
    "at its place|here|over there|still)",
    "(leave|keep) {Q} (on the (bench|desk|workbench)|out of it|"
    "outside|for later|for me|at its place)(,| and| but|;|.) {put} {P} {in} {C}",
    "10*(don't|do not|never|please don't|you must not) {put} {P} {in} {X}(,| but| -|;|.) [rather |"
    "instead ]({put} {it} {in} {C}|{in} {C}|{it2} {goes} {in} {C}|use {C}|take {C}|choose {C}|"
    "{put} {it} {in} {C} instead|but {in} {C})",
    "(not|never) {in} {X}(,|;| but) {put} {P} {in} {C}",
    "{put} {P} {in} {C}(,| and| -| but|;) (not|never) [{in} ]{X}",
    "{put} {P} {in} {C} (instead of|rather than|in place of|and not|as opposed to|but not|over) "
    "[{in} ]{X}", "{P} {goes} {in} {C}(,| and|;) not [{in} ]{X}",
    "(rather than|instead of) {X}(,| please) (use|take|choose|{put} {P} {in}) {C} for {P}",
    "(rather than|instead of|not) {in} {X}, {put} {P} {in} {C}",
    "(use|take|choose|pick) {C}(,| and| but) not {X}(,|) for {P}",
    "{put} {P} {in} {X}(, no wait,|, no,|, sorry, I mean|, I mean|, wait, no,|, er,|, "
    "correction:|... no,|, oops,|, actually no,|, or rather,|, scratch that,|, no sorry,|, "
    "excuse me,|, make that|, I meant to say|, my mistake,|, hold on,) ({in} {C}|{C})",
    "{put} {Q}(, no,|, sorry,|, I mean|, wait,|, no wait,|, or rather|, oops,|, correction,|, "
    "actually|, make that|, not that, I meant) {P} {in} {C}",
    "{put} {P}(,|) (not|rather than|instead of|and not|but not|never) {Q}(,|) {in} {C}",
    "{put} {P} {in} {C}(,|;| but| -|.) (leave {Q}|leave {Q} alone|don't touch {Q}|do not touch "
    "{Q}|not {Q}|{Q} stays|let {Q} be|keep {Q} where it is|{Q} should not move|don't move {Q}|"
    "{Q} stays where it is|{Q} must stay|{Q} is fine where it is|ignore {Q}|leave {Q} on the "
    "table|keep {Q} on the table|let {Q} stay|{Q} can stay|never mind {Q}|{Q} may stay|forget "
    "{Q}|leave {Q} as it is|don't worry about {Q}|{Q} remains|{Q} does not move|don't bother "
    "with {Q}|keep your hands off {Q}|stay away from {Q}|{Q} keeps its place|leave {Q} there|"
    "don't disturb {Q}|{Q} is not part of it|make sure {Q} stays|{Q} should stay put|skip {Q})",
    "(leave {Q}|leave {Q} alone|don't touch {Q}|do not touch {Q}|ignore {Q}|let {Q} be|keep {Q} "
    "on the table|forget {Q}|don't move {Q}|leave {Q} where it is|{Q} stays|{Q} can stay|{Q} "
    "remains there|never mind {Q}|keep {Q} where it is|skip {Q}|{Q} is fine where it is|{Q} must "
    "not move|don't bother with {Q}|{Q} should stay put|let {Q} stay)(,| and| but|;|.| but do|, "
    "just|, only|, but please) {put} {P} {in} {C}",
    "without (touching|moving|disturbing|bumping|taking) {Q}, {put} {P} {in} {C}",
    "{put} {P} {in} {C} (without (touching|moving|disturbing|bumping|knocking over)|while "
    "leaving|ignoring|instead of|rather than|but without touching) {Q}",
    "{put} {P} {in} {C} while {Q} (remains|stays|rests|is left|waits) (on the table|there|where "
    "it is|put)",
    "(not|it's not|it is not) {X}(,| but|;) {C} (is where {P} {goes}|is the place for {P}|gets "
    "{P}|is for {P}|should get {P})",
    "(forget|ignore|never mind|skip|disregard|avoid|leave out|don't use|do not use) {X}(,| and|;|"
    ":) {put} {P} {in} {C}",
    "{put} {P} {in} {C}(,|;| and|.) (forget|ignore|never mind|don't use|avoid|stay away from|"
    "leave out|I don't mean|keep away from|not) {X}", "{put} {P} {in} {C} - not {X}",
    "{put} {P} {in} {C}, {X} (is not for it|is for others|is wrong|stays empty|is for something "
    "else|is not what I mean|is full|is reserved)",
    "I (said|meant|mean) {C}(,|) not {X}(:|,|;) {put} {P} in it",
    "{P} (does|do) not belong {in} {X}(,|;| but) (but |)({put} {it} {in} {C}|{in} {C})",
    "{X} is (full|wrong|broken|taken), (so |)(please |){put} {P} {in} {C}",
    "not {Q}(,| but| - |;) {put} {P} {in} {C}", "only {put} {P} {in} {C}, not {Q}",
    "I (don't want|do not want|didn't mean|don't need) {Q} (moved|there|in it|to move)(,|;|.) "
    "{put} {P} {in} {C}",
    "I (don't|do not) want {P} {in} {X}(,|;| but) [I want {it} |{put} {it} |but ]{in} {C}",
    "~{put} {P} {in} {C}; do not use {X}", "~{put} {P} {in} {C} and keep {Q} on the table",
)), "en", "NEGATED")  # fmt: skip
CLEAR = mixed(counted((
    "(clear|empty|tidy|clean|sweep|unload|move|strip|vacate|clean up|tidy up|clear off) the "
    "(table|bench|workbench|desk|tabletop|counter) (into|in to|to) {C}",
    "(sweep|clear|take|move|get|put|push|tidy|brush|collect|gather|load|transfer) everything "
    "(off|from) the (table|bench|workbench|desk) (into|in|over to|and into) {C}",
    "clear the (bench|table|desk)(,|;| -) {C} is (where it goes|where it all goes|the place for "
    "it|for that|what you use|the place)", "(clear|tidy|empty) the (table|bench), (using|use) {C}",
    "(all|everything|anything|all that) (is |that is |that's |that lies |lying |left |still )on "
    "the (bench|table|workbench|desk) (goes|belongs|should go|must go|has to go|needs to go) "
    "(into|in|inside) {C}", "{put} all that is on the (table|bench) {in} {C}",
    "use {C} to (clear|empty|tidy) the (table|bench|desk)",
    "make the (table|bench) (empty|clean|free), {put} everything {in} {C}",
    "the (table|bench|desk) should be (empty|clear|free)(,|:|;) (everything|all of it|it all) "
    "{in} {C}",
    "(take|get) (everything|all the stuff|all parts) off the (table|bench) and {put} (it|them) "
    "{in} {C}", "~whatever is on the bench goes into {C}",
)), "en", "CLEAR")  # fmt: skip
EMPTY = mixed(counted((
    "(empty|empty out|unload|tip|tip out|pour|clear|clear out|drain|vacate|dump|turn out) {S} "
    "(into|out into|in to|over into) {C}",
    "(move|transfer|shift|bring|relocate|carry|take|{put}|tip|empty|dump|pour|transport|pass) "
    "(the |all the |the entire |the whole |)(contents|content) of {S} (to|into|over to|in) {C}",
    "(move|transfer|shift|bring|relocate|carry|take|{put}|tip|get|haul) (everything|all|all of "
    "it|whatever is|what's|what is|all that is|all that's|everything that is|anything|whatever "
    "you find|all things|all the stuff) (in|from|inside|out of|within) {S} (to|into|over to|in) "
    "{C}",
    "(whatever|everything|all that|what|anything|all the stuff that|all) is (in|inside|within|"
    "now in|currently in) {S} (goes|should go|must go|belongs|has to go|needs to go|moves|is to "
    "go) {in} {C}",
    "(take|get|remove|pull|lift|fetch) everything (out of|from|out from) {S} and {put} (it|it "
    "all|them) {in} {C}",
    "what {S} (holds|contains|has in it|has inside) (should go|goes|must go|belongs) {in} {C}",
    "the (contents|content) of {S} (goes|go|should go|belong|belongs|must go|needs to go|should "
    "be {pp}) {in} {C}",
    "{S} should be (empty|emptied), {put} (everything|it all|the contents) {in} {C}",
    "(empty|clear) {S}(,| and|;) {put} (everything|it all|the contents|all of it|what was in it) "
    "{in} {C}", "I want the contents of {S} {in} {C}",
    "make {S} empty by {putting} (everything|it all) {in} {C}",
    "{put} the contents of {S} {in} {C}",
    "let {C} take over (what is in|everything from|the contents of) {S}",
    "{C} (gets|should get|needs|takes) (everything|whatever is|all that is) in {S}",
    "~relocate all of the contents of {S} to {C}",
)), "en", "EMPTY")  # fmt: skip
# {E} stays where it is, all other parts go.
LEAVE = mixed(counted((
    "(leave|keep|save|spare|skip|ignore|forget|hold back|retain|exclude|set aside) {E}[ alone| "
    "where it is| on the table| there| in place| as it is| for now](,| and|;| but|:) [then |"
    "please |just ]{put} <others> {in} {C}",
    "(don't|do not|never) (touch|move|take|disturb|bother with|include|use|grab|pick up|worry "
    "about) {E}(,| but| and|;|.) {put} <others> {in} {C}",
    "{put} <others> {in} {C}(,|;| but|.) (leave|keep|spare|ignore|don't touch|do not move|don't "
    "move|skip|not|without touching|hold on to|leaving|do not touch) {E}[ alone| where it is| on "
    "the table| there| in place| as it is]",
    "{E} (stays|remains|stays put|stays there|stays where it is|can stay|should stay|must stay|"
    "keeps its place|is not to move|is left alone|stays on the table|waits|is fine there|doesn't "
    "move|may stay|remains there|is to be left alone)(,| and| but|;|.) <others> (goes|go|should "
    "go|must go|is to go|has to go) {in} {C}",
    "{E} (stays|remains|can stay|should stay|doesn't move|must not move)(,| and| but|;|.) {put} "
    "<others> {in} {C}",
    "(let|make) {E} (be|stay|remain|rest|stay put|stay there)(,| and| but|;) {put} <others> {in} "
    "{C}",
    "<others> (goes|go|should go|must go|belong|need to go) {in} {C}(,| but|;| while| and) (not "
    "{E}|{E} stays|leave {E}|{E} remains|{E} stays here|{E} should stay|don't touch {E})",
    "(apart from|except for|except|with the exception of|aside from|not counting|other than) "
    "{E}, (everything|all parts|it all|all of it|every part|all things) (goes|go|should go|must "
    "go) {in} {C}",
    "(apart from|except for|except|with the exception of|aside from|not counting|other than) "
    "{E}(,|) {put} (everything|all parts|it all|all of it|every part|every single thing|all the "
    "things) {in} {C}",
    "{put} (everything|all parts|it all|every part|all the parts) {in} {C}(,|) (except|except "
    "for|but not|apart from|with the exception of|other than|excluding|save for|only not) {E}",
    "only {E} (stays|remains|may stay|should stay|is left|can stay)(,| and|;) {put} <others> "
    "{in} {C}",
    "all I want (left|to stay|to keep|on the table) is {E}(,| and|;|:) {put} <others> {in} {C}",
    "without touching {E}, {put} <others> {in} {C}",
    "I (want|would like|'d like) to keep {E}(,| but| and|;) {put} <others> {in} {C}",
    "~{E} remains here, the rest {goes} {in} {C}",
)), "en", "LEAVE")  # fmt: skip
AWAY = mixed(counted((
    "(put|tidy|clear|stow|pack|store|stash|file|lock|tuck|move|take|squirrel|bring|carry|hide|"
    "shut|sort) away {P}", "(tidy|clean|clear|pack|pick|sweep|gather|box) up {P}",
    "(tidy|clear|stow|pack|store|stash|tuck|move|take|bring|get|set|lock|sort) {P} away",
    "{take} {P} and (put|tidy|stow|pack|stash|tuck|get) {it} away",
    "(put|get|bring) {P} (out of the way|where {it2} {belongs}|in {it} place|out of sight)",
    "(tidy|clean) {P} up",
    "{P} (should be|must be|needs to be|has to be|can be|is to be) (put|stowed|packed|tidied|"
    "cleared|stored) away", "I want {P} (put|stowed|packed|tidied|cleared|stored|moved) away",
    "(find|look for) {P} and put {it} away",
    "(can I have|could I have|please get|I need|I'd like) {P} (put|packed|tidied|stowed) away",
    "see that {P} (is|gets) put away", "<adverb> put {P} away", "put {P} <adverb> away",
    "make sure {P} (is|gets) (put|stowed|packed|stored) away",
    "(box|store|stow|pack|bag|bin|shelve) {P}", "put {P} away <hand>", "~file {P} away",
)), "en", "AWAY")  # fmt: skip
