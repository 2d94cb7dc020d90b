# SPDX-License-Identifier: Apache-2.0
"""English frames of several steps. {a} {b} clauses, {ga} {gb} gerunds, {x} what was said so far."""

from __future__ import annotations

from neuraxis_field.language.compose import counted
from neuraxis_field.language.voices import mixed, voices

THEN = (
    "and then", "then", "next", "after that", "afterwards", "after this", "after which", "and next",
    "and after that", "and afterwards", "now", "subsequently", "following that",
    "once (done|finished|ready|that's done|this is done|you have done that|you're done|you've "
    "finished|complete)",
    "when (done|finished|that is done|this is finished|you're finished|you are through|that's "
    "sorted|completed|ready)",
    "(later|later on|right after|right after that|straight after|straight afterwards|immediately "
    "after|directly afterwards|shortly after|soon after|right afterwards|thereafter|from there|"
    "from here on|at that point|hereafter)",
    "(as a|for the|as the|for your) (second|next|following|further|subsequent|final) (step|task|"
    "thing|job|move|action|part)", "in a second step", "second(ly|)",
    "(third|thirdly|finally|lastly|last|at last|to finish|to conclude|in the end|eventually|"
    "ultimately|last of all|at the end|to wrap up|to end with|to complete the job|in closing|and "
    "finally|and lastly|last but not least|at long last|and to finish)",
    "(also|too|in addition|additionally|besides|besides that|moreover|furthermore|on top of that|"
    "as well|on top|likewise|apart from that|plus|beyond that|what's more|while you're at it|"
    "similarly|not only that, but|and while you are there|by the way|meanwhile|at the same time)",
    "(with that|that|this) (done|finished|out of the way|completed|behind you|over|accomplished|"
    "settled|sorted|in place|taken care of)",
    "(having done|after doing|after finishing|upon finishing|when through with|as soon as you "
    "finish|after completing|once done with|when you are done with) (that|so|this|it)",
    "(move on|proceed|continue|carry on|follow up|keep going) and", "moving on",
    "(your|the) (next|second|other|last|final|following) (task|job|step|thing|part|assignment|"
    "action|order) (is|will be|is this|would be):?",
    "as soon as (that|this|it) is (done|finished|complete|ready)",
    "step (two|2|three|3|b|number two)", "(part|task|job|number|point|item) (two|2|b)",
    "(the next|another|one more|the other|the second|the last|a second|the final) (thing|task|"
    "job|step|one|part|point|request|move)",
    "after (a short break|a moment|a while|you have finished|it is done)", "only then",
    "and only then", "and <adverb>", "then <adverb>", "then please", "and then please",
    "next please", "and please", "then <ask>", "after that <ask>", "and <ask>", "then you can",
    "and you then", "then go on and", "next I want you to", "then I need you to",
    "then it's time to", "you then", "afterwards you", "then try to", "and don't forget to",
    "then remember to", "and see that you also", "and make sure you also", "and be so kind as to",
    "plus", "then", "then", "then", "and then",
)  # fmt: skip
NEXT = mixed(counted((
    "6*{a}, then {b}", "4*{a} then {b}", "5*{a} and then {b}", "3*{a}, and then {b}",
    "3*{a}. Then {b}", "3*{a}. {b}", "2*{a}; {b}", "3*{a}, {b}", "4*{a} and {b}", "3*{a}, and {b}",
    "{a}; then {b}", "{a}. And {b}", "{a} & {b}", "{a} + {b}", "{a}\n{b}", "{a} / {b}", "{a} - {b}",
    "{a} ... {b}", "{a}! {b}", "{a} -> {b}", "2*{a}, <done>. <then> {b}", "{a} <how>, <then> {b}",
    "{a} <when>, <then> {b}", "{a} <hand>, <then> {b}", "{a}, <thanks>. <then> {b}",
    "{a}. <ask> {b}", "{a}, <ask> {b}", "{a}. <who>, <then> {b}", "{a}. <greet>, {b}",
    "{a}, <adverb> {b}", "{a} before you {b}", "{a}, followed by this: {b}", "{a}. That done, {b}",
    "{a}. Your next task is to {b}", "{a}, and finish with this: {b}", "{a}. The second thing: {b}",
    "{a}. Step two: {b}", "{a}. <why>, {b}", "{a}. <when>, {b}",
    "{a}. Is that done? [Then |Good, |Now |]{b}",
    "{a}. (Great|Good|Fine|Perfect|Thanks|OK|Very good|Well done)(.|,|!) (Then|Now|Next|Next,|"
    "Now,|After that) {b}", "{a} <odd> {b}", "{a}, <odd> {b}", "{a}. <odd>, {b}",
    "{a} and <odd> {b}", "{a}, then <odd> {b}",
    "{a}. That's (the first|one|step one|part one|half of it). (Then|Now|Next,|The second:|And) "
    "{b}", "{a}. I also (want|need|ask) you to {b}",
    "{a}. (You also|We also|You then) (need to|should|have to|must) {b}",
    "{a}. (What's left|All that is left|What remains|The rest of the job|The remaining task|The "
    "last thing|Another task|All that remains) is to {b}", "{a}, leaving you to {b}",
    "{a} so you can {b}", "{a}, because then you can {b}", "{a}. There is one more thing: {b}",
    "~{a}; with that out of the way, {b}", "~{a}. On top of that, {b}", "~{a}, whereupon {b}",
    "~{a}. Your last task: {b}", "~{a} and straight afterwards {b}", "~{a}. Part two: {b}",
)), "en", "NEXT")  # fmt: skip
FIRST = (
    *voices("en", "FIRST"),
    "first ", "first, ", "first of all ", "first of all, ", "firstly, ", "to begin with, ",
    "start: ", "to start, ", "the first thing is to ", "at first, ", "initially, ",
    "for starters, ", "in a first step, ", "as a first step, ", "step one: ", "begin like this: ",
    "number one: ", "your first task: ", "to start with, ", "first thing: ", "start off: ",
    "the first step is to ", "begin: ", "1. ", "there are several things to do: ", "a few tasks: ",
    "here's the list: ", "the plan: ", "do this in order: ", "first please ", "please first ",
    "I need several things: ", "multiple steps: ", "you should first ", "could you first ",
    "right at the start, ", "before all else ", "one: ",
)  # fmt: skip
# The order of doing is a, then b.
PAIR = mixed(counted((
    "(before|prior to|ahead of|previous to|as preparation for|in preparation for) {gb}(,| please|"
    ", first|, you should|, make sure to|, please|, I want you to|, kindly) {a}",
    "(after|upon|following|directly after|right after|immediately after|shortly after|as soon as "
    "you are done|when done|once done|when you are finished|having finished|when through|once "
    "you are finished|when you are done|straight after|when you finish|after you finish|once you "
    "finish) {ga}(,| please|, then|, please|, you should|, go on and|, next) {b}",
    "{b}(,| but|, though|;|.) (but first|but before that|but before that,|first though|but first "
    "of all|only first|but beforehand|but before you do,|but to begin,|but do this first:|but "
    "start with this:|but only after this:|but before doing so|but prior to that|first, "
    "however,) {a}",
    "{b} (after|only after|right after|once you are done|when you are done|when finished|"
    "straight after|as soon as you are done|as soon as you finish|following|directly after|upon|"
    "not before|but not before|but only after|, though only after|immediately after|just after|"
    "but not until after|some time after) {ga}",
    "{a} (before|prior to|ahead of|right before|just before|and only then start|before you start|"
    "before you begin|directly before|shortly before|, which you do before|, then start|then "
    "move on to|then go on with|and proceed to|, then continue by|and follow up by|and finish by|"
    ", then finish by|and end by|, followed by|and conclude by) {gb}",
    "(start|begin|commence|kick off|open|lead|start off|get started|set off|get going) (by|with) "
    "{ga}(,| and|;|, and|.) (then|continue with|end with|continue by|finish with|follow with|go "
    "on with|move on to|end by|conclude with|proceed with|follow it with|close with|wrap up by|"
    "carry on with|finish by|afterwards do|end up|next comes|after that do) {gb}",
    "(start|begin|commence|kick off|open) (by|with) {ga}(,| and|;|.) (then|and then|afterwards|"
    "after that|next|finally|only then|once done,) {b}",
    "(after|once|when|as soon as|only after|only when|right after|now that|provided) you (have |"
    ")({a_pp})(,| please|, then|, you may|, you can|, go ahead and|, please|, I want you to) {b}",
    "(after|once|when|as soon as|only after|only when) (you have|you've|having) {a_pp}(,|, then|"
    ", please|, you may|, you can|, should you) {b}", "after you {a}, [then |please ]{b}",
    "before you {b}, [first |please |you should ]{a}", "(until|unless) you have {a_pp}, do not {b}",
    "{b} (once|when|after|as soon as|only after|only when|only once|but only after|but not "
    "before|right after) (you have|you've) {a_pp}", "{a}, followed by {gb}",
    "(step|part|job|number|item|point|phase|stage|order|move|action) (1|one|A|a)(:| -|.|,| is:| "
    "is to) {a}(.|;|,|\n|) (step|part|task|job|number|item|point|phase|stage|order|move|action) "
    "(2|two|B|b)(:| -|.|,| is:| is to) {b}", "1. {a} 2. {b}", "1. {a}. 2. {b}", "1) {a} 2) {b}",
    "1: {a} 2: {b}", "1 - {a}, 2 - {b}", "1 {a} 2 {b}", "#1 {a} #2 {b}", "a) {a} b) {b}",
    "i) {a} ii) {b}", "A: {a}. B: {b}", "a. {a} b. {b}", "(1) {a} (2) {b}", "- {a}\n- {b}",
    "* {a}\n* {b}", "{a}\n{b}", "first {a} and only then {b}", "first {a}, second {b}",
    "first {a}(,|;|.| and) [and ](then|next|second|after that|afterwards|finally|only then|later|"
    "secondly|in the end) {b}", "only {b} after {ga}", "only {b} (once|when|if) you have {a_pp}",
    "(with|having) {a_pp}, {b}", "after having {a_pp}, {b}",
    "when {ga} is (done|finished|complete|over|accomplished), {b}",
    "once {ga} is (done|finished|over|complete), {b}",
    "(end|finish|close|conclude|wrap up) (with|by) {gb}(,| but| and|;) (start|begin|but start|"
    "but begin|first start|kick off|open) (with|by) {ga}",
    "(do|complete|finish) this first: {a}. (then|and then|afterwards|after that|next|only then|"
    "second) [this|do this]: {b}",
    "(two|2|a couple of|a few) (tasks|things|jobs|steps|orders|requests|wishes|actions|"
    "instructions)(:| for you:| today:| -|, please:| to do:) {a}(;|, and|, then| and|.|,) {b}",
    "(do|I want|I need|there are|here are|you have) two (things|tasks|steps|jobs)(:|, please:| "
    "-) {a}(,|;|, then| and) {b}", "{b}, but do this before: {a}",
    "(leave|save|keep) {gb} for (last|later|the end|after)(,| and|;) (start|begin) (with|by) {ga}",
    "the (first|1st) (task|step|thing|job|order) is to {a}(,| and|;|.) the (second|next|other|"
    "last|2nd|final|following) [one |task |step ]is to {b}",
    "{ga} comes (first|before everything else), (then|next|followed by|and after it|after that "
    "comes|and then) {gb}",
    "{gb} comes (second|last|after|later|at the end|next)(;|,| -) (first|before that|to begin "
    "with)[,] {a}", "first comes {ga}, (then|next|after that|second) [comes ]{gb}",
    "I (want|need|would like|ask) you to {a}(,| and|;) (and then|then|afterwards|and after that|"
    "before you|next) {b}",
    "my (first|1st) (wish|request|order) is that you {a}(,|;| and|.) (my|the) (second|next|last) "
    "(is|one is)[ that you|:] {b}", "(you may|you can|you must|please) only {b} after you {a}",
    "{a}. (Not before that|Only after that|Then and only then|Only when that is done) {b}",
    "the order is: {a}(,| ->|;|>) [then ]{b}",
    "(now|first) {a} and (later|afterwards|then|next|after that) {b}",
    "(both|please do both): {a} and {b}", "{a}, (yes|right|okay|ok|good)? then {b}",
    "~{b}, though not before {ga}", "~only once you have {a_pp}, {b}",
    "~kick off with {ga} and wrap up with {gb}", "~task A: {a}; task B: {b}",
)), "en", "PAIR")  # fmt: skip
# Elided second steps: the verb is not said again.
ELIDED = mixed(counted((
    "2*{x}(.|,|;|) (2.|2:|3.|second|secondly|third) {P} (to|{in}) {C}",
    "3*{x}, then {P} {in} {C}", "3*{x} and {P} {in} {C}", "3*{x}, {P} {in} {C}",
    "2*{x}; {P} {in} {C}", "{x}(;|,|.) {P} to {C}", "{x} and then {P} {in} {C}",
    "2*{x}, and {P} {in} {C}", "{x}. {P} {in} {C}", "{x} / {P} {in} {C}", "{x} & {P} {in} {C}",
    "{x} + {P} {in} {C}", "{x}\n{P} {in} {C}", "4*{x}, <then> {P} {in} {C}",
    "2*{x}. <then>, {P} {in} {C}", "2*{x}; <then> {P} {in} {C}", "{x} <then> {P} {in} {C}",
    "{x}. <then> {P} {goes} {in} {C}", "{x}, <then> {P} {goes} {in} {C}",
    "{x}. <then>: {P} {in} {C}", "{x} - <then> {P} {in} {C}",
    "2*{x}(.|,|;| and|, and| but|, but| -) {P} (goes|go|belongs|belong|should be|must go|need to "
    "go|needs to go|can go|may go|has to go|will go|is to go|are to go|comes|come|moves|gets "
    "{pp}|want to be|would go) {in} {C}",
    "{x} (while|whereas|as|but|though|although|and meanwhile|whilst) {P} {goes} {in} {C}",
    "{x}, {P} (->|→|=>|>|-->) {C}",
    "{x}, (with|and also|along with|plus|and|also|and next|and likewise|and similarly|and lastly|"
    "and finally|together with|as well as|additionally|and thirdly) {P} (going |being {pp} |"
    "){in} {C}",
    "{x}(.|;|,) (as for|regarding|concerning|about|with regard to|when it comes to|as to|as "
    "regards|for|what about|and with|speaking of|on to|and as for|now for) {P}(:|,| -|, well,|?|"
    "...) {in} {C}",
    "{x}(.|;|,) (as for|regarding|concerning|about|with regard to|when it comes to) {P}(:|,| -) "
    "({put} {it} {in} {C}|{it2} {goes} {in} {C}|use {C}|take {C}|I want {it} {in} {C}|choose {C}|"
    "{it2} should go {in} {C})",
    "{x}, {P} (instead|however|though|meanwhile|then|also|in turn|on the other hand|by contrast|"
    "next|likewise|too|rather|please|<adverb>) ({goes} |){in} {C}",
    "{x}(.|;|,) (and|now|then|next|but) {P}? {in} {C}",
    "{x}(;|.|,) with {P} do the same(,|) but {in} {C}",
    "{x}, (followed by|after that|next is|then comes|then it is|then there is|and then comes|the "
    "next is|lastly) {P}(:|,|) {in} {C}",
    "{x}(.|;|,) {C} (gets|is for|should get|takes|needs|receives|will get|is where I want|is the "
    "place for|must have|holds) {P}", "{x}, {in_front} {C} (goes|go|put|comes|belongs) {P}",
    "{x}, and {in_front} {C} {P}",
    "{x}(.|;|,|, and) I (want|need|'d like|would like|would prefer|wish) {P} {in} {C}",
    "{x}(.|;|,) (then|the next|the other|second|third|last|finally|another one)(:|,| comes|, we "
    "have| up is| one is| in line is|) {P}(,|:|) {in} {C}", "{x}, {P} <odd> {in} {C}",
    "{x} <odd> {P} {in} {C}", "{x}, <odd> {P} {goes} {in} {C}", "{x}. {P}: {C}", "{x}, {P} - {C}",
    "{x}, {P} = {C}", "{x}, use {C} for {P}", "{x}; {C} for {P}",
    "{x}. (The same|Likewise|Same) (with|for) {P}(,| but)[ but] {in} {C}",
    "{x}, (only|except that|except|just) {P} {goes} {in} {C}", "~{x}, then on to {P}: {in} {C}",
    "~{x}; {P} should go {in} {C}", "~{x}, next comes {P} {in} {C}",
)), "en", "ELIDED")  # fmt: skip
# The same container again, said with a pro-form.
SAME = mixed(counted((
    "3*{x}(,|.|;| and) (then |next |also |please |after that |afterwards |finally |<then> |"
    "){put} {P} (there|in there|in it|in that one|into it|into the same one|at the same place|to "
    "the same place|in that {c}|into that same {c}|in the same {c}|to that place) (too|as well|"
    "also|next|likewise|)",
    "{x}(,|;|.| and) (also|plus|and also|then add|as well as|and add|and|also add|then also|in "
    "addition|additionally|include|and include|throw in|don't forget|and likewise|then|next|"
    "likewise|as does|with it|together with|followed by|and with it|along with|top it up with|"
    "not to forget) {P}[ too| as well| also| to it| there]",
    "2*{x}(,|;|) and {P} (too|as well|also|likewise)",
    "{x}, {P} (as well|too|also|likewise|the same|ditto|same place|next|same thing|in addition|"
    "also there|following)",
    "{x}(.|;|,| and) {P} (go|belongs|belong|should go|must go|comes|moves|can go|ends up) (there|"
    "in there|in the same {c}|in it|along with {it}|along|with {it}|in that {c}|to the same "
    "place|right after {it}|next to {it}|in with {it}) [too|as well|also]",
    "{x}(.|;|,| and|, and) [then |next |please |now ](do the same|do likewise|the same|same|"
    "repeat that|repeat|do that|do so|proceed likewise|repeat this|do it again|same again|same "
    "thing|same procedure|likewise|ditto|the same goes|same goes|that goes|the same holds|the "
    "same applies) (with|for) {P}",
    "{x}(.|;|,| and) {P} (should|must|can|may|will|has to) (join|follow|accompany|go with|be "
    "with|keep company with|be next to) {it}",
    "{x}(.|;|,) (also|then|and|plus) {P}, (same {c}|same place|same {c} please|same spot|the "
    "same {c}|to the same {c}|again in there|in the same one|into that {c})", "{x}, then {P}",
    "{x} and then {P}", "{x}, then do the same with {P}",
    "{x}(,|.|;) (use|take) the same {c} for {P}",
    "{x}(,|;|.) that {c} (also|too) (gets|takes|is for|receives|needs|holds) {P}",
    "{x}(,|;|.) {it} (also|too) (gets|takes|receives) {P}", "{x}, <odd> {P} as well",
    "{x}. {P} <odd> too",
    "{x}(.|;|,) I (want|need|would like) {P} (there|in there|in it|in the same {c}) (too|as well|"
    "also)", "~{x}; {P} goes along with {it}", "~{x}, add {P} as well",
)), "en", "SAME")  # fmt: skip
