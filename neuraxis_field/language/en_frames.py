# SPDX-License-Identifier: Apache-2.0
"""English sentence frames for one step.

Slots: {P} parts, {C} container, {it} pronoun, {in} preposition, {put} {putting} {pp} verb forms,
{take} verb of picking up, <name> a table of `en_around` or a random word. ``~`` marks dev frames.
"""

from __future__ import annotations

from neuraxis_field.language.compose import counted
from neuraxis_field.language.en_around import PREFIX, SUFFIX
from neuraxis_field.language.en_chains import ELIDED, FIRST, NEXT, PAIR, SAME
from neuraxis_field.language.en_special import (
    AWAY,
    CLEAR,
    EMPTY,
    LEAVE,
    NEGATED,
    NO_TARGET,
    SORT,
    SORT_ALL,
)
from neuraxis_field.language.voices import mixed, voices

__all__ = [
    "AWAY", "CLEAR", "DECLARATIVE", "ELIDED", "EMPTY", "FIRST", "GERUND", "IMPERATIVE", "LEAVE",
    "NEGATED",
    "NEXT", "NO_TARGET", "PAIR", "PREFIX", "SAME", "SORT", "SORT_ALL", "SUFFIX",
]  # fmt: skip

# Clauses that may follow "please", "could you", "then", ...
IMPERATIVE = mixed(counted((
    "14*{put} {P} {in} {C}", "{take} {P}[,] and then {put} {it} {in} {C}",
    "{take} {P}, then {put} {it} {in} {C}", "{take} {P} to {C}", "{take} {P} over to {C}",
    "{take} {P} and (go|walk|move|head|reach) over to {C}", "{in_front} {C}[,] {put} {P}",
    "(fill|stock|load|pack|supply|provide|furnish|equip|top up|line|populate) {C} with {P}",
    "load {P} into {C}",
    "(make sure|ensure|see to it|take care|check|guarantee|arrange)[ that] {P} ({ends} up|{is}|"
    "{gets} {pp}|{goes}|{is} {pp}|{is} safely|{gets}) {in} {C}", "(have|get|see) {P} {pp} {in} {C}",
    "let {P} (go|fall|drop|slide|land|rest|live|end up) {in} {C}", "{put} {in} {C} {P}",
    "get {P} {in} {C}", "use {C} (for|to hold|to store|to collect) {P}",
    "(add|assign|allocate|deliver|hand over|give|return|relocate|bring|contribute|shift) {P} to "
    "{C}", "give {C} {P}",
    "(find|spot|locate|identify|recognise|detect|look for|search for|check for|look up|seek out|"
    "single out|go for|aim for|go to|turn to) {P}(,|,| and|, then| and then) {put} {it} {in} {C}",
    "{put} {P} (where {C} is|right where {C} is|to where {C} stands|over where {C} is)",
    "(leave|keep|hold|store|house|save|retain|shelter|rest|park|lodge|seat|nest|stow) {P} {in} {C}",
    "get {P} (off|away from|up from) the table and {in} {C}",
    "(make|help|get) {P} (go|to go|to be) {in} {C}", "go [and |]{put} {P} {in} {C}",
    "(take|get|grab|catch) [a |](hold|grip) of {P} and {put} {it} {in} {C}",
    "see if you can {put} {P} {in} {C}", "use (your|the|one|either) {H} to {put} {P} {in} {C}",
    "<hand>[,] {put} {P} {in} {C}", "{put} {P} <hand> {in} {C}", "{put} {P} {in} {C} <hand>",
    "{take} {P} <hand> and {put} {it} {in} {C}", "3*<adverb> {put} {P} {in} {C}",
    "2*{put} {P} <adverb> {in} {C}", "{put} <adverb> {P} {in} {C}",
    "{take} {P} <adverb> and {put} {it} {in} {C}", "<adverb> {take} {P} and {put} {it} {in} {C}",
    "{put} {P}, <how>, {in} {C}", "{put} {P} <how> {in} {C}", "{put} {P} <when> {in} {C}",
    "<when> {put} {P} {in} {C}", "be sure to {put} {P} {in} {C}",
    "(remember|try|start|begin|continue|manage|proceed) to {put} {P} {in} {C}",
    "{take} {P} and let {it} (drop|fall|go|land|slide|slip) {in} {C}",
    "(start|begin|try|keep|continue|get)  {putting} {P} {in} {C}",
    "{put} {P} (back|down|away|over|together|along|off|out|aside|right|straight|directly) {in} {C}",
    "(carry|move|take|get|haul|pass|send|ferry|transport|shuttle|walk|run|drive) {P} (over|"
    "across|along|around|over there|to the other side|forward|back) (and|,|, then|to) {put} {it} "
    "{in} {C}",
    "(move|reach|stretch|extend|lower|guide|direct) your (arm|hand|{H}) (to|toward|towards|over|"
    "out to) {P}, (grip|grasp|take|grab|pick up|seize) {it} and {put} {it} {in} {C}",
    "(close|put|wrap) your (fingers|hand|{H}) (on|around|over) {P} and {put} {it} {in} {C}",
    "{take} {P} from (there|where {it} {is}|where {it2} {is}|here|over there|its place|that "
    "spot) and {put} {it} {in} {C}",
    "{take} {P}, (lift|raise|carry|hold|move) {it} [up |over |]and (release|drop|let go of|free|"
    "place|leave) {it} {in} {C}",
    "(lift|raise|hoist|pick up|hold|carry) {P} (over|above) {C} and (release|drop|let go of|open "
    "your hand to drop|let go) {it}",
    "(drop|release|let go of) {P} (over|above|right over|just above) {C}",
    "have {C} (filled|loaded|stocked|packed) with {P}", "{take} {P} up and let {it} go {in} {C}",
    "{take} {P} out [of there ]and {put} {it} {in} {C}",
    "pick {P} and (place|drop|pop) {it} {in} {C}", "pick {P} up (and|, then|,) {put} {it} {in} {C}",
    "(drive|run|step|lean|come|go|walk|reach) over (and|to) {put} {P} {in} {C}",
    "find {P}; {it2} {goes} {in} {C}",
    "look for {P} and (when|once) (you find|you see|you have|you've got) {it}[,] {put} {it} {in} "
    "{C}", "do the (following|job): {put} {P} {in} {C}",
    "{C} (next|now), (then |so |)({put}|get) {P} (in there|into it|in it|inside)",
    "go to {C} (with|carrying|and bring) {P}",
    "(come|go|get|walk|move) to {P}(,| and|, then) {put} {it} {in} {C}",
    "(bring|get|introduce|move|pair|reunite|join) {P} (with|and|together with) {C}[ together]",
    "make {C} (hold|contain|the home of|the place for|the home for|receive|have) {P}",
    "(turn|convert) {C} into (the|a) (home|place) for {P}",
    "free the table of {P} and use {C} for {it}",
    "(consider|treat|use|take) {C} as the (home|place|spot|destination|goal) (for|of) {P}",
    "(choose|pick|select|use|take) {C} for {P}",
    "(sort|file|group|arrange|classify|organise) {P} (into|in|under) {C}",
    "(slip|slide|ease|nestle|tip|guide|steer|lower|plunk|plant|park|nudge|shove|push|squeeze|fit|"
    "bung|sling|usher|shepherd|herd|funnel|stuff|cram|pour|scoop|sweep|bundle|heap|pile|pitch|"
    "flip|roll|direct|settle|lodge|introduce|dispatch|migrate|commit|consign|surrender|entrust|"
    "escort|lead|route|shelve) {P} (into|inside|into|over into|down into) {C}",
    "(nestle|rest|plant|park|store|file|house|situate|install|arrange|assemble|accumulate|"
    "concentrate|keep|hide|bury|dunk|dip|lower) {P} (in|inside|within) {C}",
    "(snatch|pluck|scrape|gather|round|sweep|take|dig|fish|lift|haul|bring|pull|hook|dredge) (up|"
    "out|in) {P} and {put} {it} {in} {C}",
    "(get|grab|fetch|go get|go fetch|come and get|go and get|run and get) {P} and {put} {it} "
    "{in} {C}",
    "(choose|single|search|seek|find|sort|fish|take|help) out {P}(,| and) {put} {it} {in} {C}",
    "see (to) {putting} {P} {in} {C}",
    "(take care of|deal with|handle|see to|attend to|work on|be responsible for|focus on|"
    "concentrate on|complete|do) {putting} {P} {in} {C}",
    "(ask|have|let|get) (someone|somebody|your colleague|the other robot|your {H}|your arm) [to "
    "]{put} {P} {in} {C}",
    "(organise|prepare|allow|wait|plan|call|ask|push|aim) for {P} to (be|end up|go|get|land|be "
    "{pp}) {in} {C}",
    "(change|switch|swap|correct|fix|set) the (place|position|location|spot) of {P} to {C}",
    "(take|relieve|rid|strip|clear) the (table|bench|desk) of {P} and {put} {it} {in} {C}",
    "let {C} (have|hold|take|get|swallow|carry|store|welcome|accept|contain|keep) {P}",
    "grant {C} {P}", "offer {C} {P}", "offer {P} to {C}", "feed {P} (to|into) {C}",
    "feed {C} with {P}", "bring {C} {P}", "hand {C} {P}", "pass {P} to {C}", "treat {C} to {P}",
    "dedicate {C} to {P}", "reserve {C} for {P}", "unite {P} with {C}", "complete {C} with {P}",
    "finish {C} off with {P}", "show {P} (the way|its way|their way) (into|to) {C}",
    "show {P} to {C}", "lead {P} home to {C}", "look at {P} (and|, then) {put} {it} {in} {C}",
    "touch nothing but {P} and {put} {it} {in} {C}", "move your {H} to {P} and {put} {it} {in} {C}",
    "carry on by {putting} {P} {in} {C}", "help me by {putting} {P} {in} {C}",
    "do some work: {put} {P} {in} {C}", "consider {P} lost unless {it} {is} {in} {C}",
    "spend your time {putting} {P} {in} {C}", "<odd> {put} {P} {in} {C}",
    "{put} {P} <odd> {in} {C}", "{take} {P} <odd> and {put} {it} {in} {C}",
    "<odd> {P} (into|inside) {C}", "<odd> {P} and {put} {it} {in} {C}",
    "~bring {P} across and {put} {it} {in} {C}", "~arrange for {P} to be {in} {C}",
    "~pick out {P} and {put} {it} {in} {C}", "~scoop up {P} and {put} {it} {in} {C}",
    "~{C} first, then {put} {P} in there", "~go grab {P} and {put} {it} {in} {C}",
    "~let {C} receive {P}", "~see about {putting} {P} {in} {C}",
)), "en", "IMPERATIVE")  # fmt: skip
GERUND = (
    *voices("en", "GERUND"),
    "{putting} {P} {in} {C}", "{putting} {P} {in} {C}", "{putting} {P} {in} {C}",
    "moving {P} {in} {C}", "getting {P} {in} {C}", "<adverb> {putting} {P} {in} {C}",
    "{putting} {P} <adverb> {in} {C}",
    "(taking|picking up|grabbing|finding|fetching|lifting|getting|collecting) {P} and {putting} "
    "{it} {in} {C}", "(filling|loading|stocking) {C} with {P}",
    "(bringing|adding|carrying|moving|taking) {P} to {C}",
    "(slipping|sliding|lowering|nestling|plunking|packing|fitting|storing) {P} (in|into|inside) "
    "{C}", "making sure {P} {is} {in} {C}", "having {P} {pp} {in} {C}", "letting {P} go {in} {C}",
)  # fmt: skip
# Whole sentences for one step.
DECLARATIVE = mixed(counted((
    "4*{P} {in} {C}", "2*{P} to {C}", "{P} (->|→|=>|-->|>|>>|~>) {C}", "{P}: {C}", "{P} - {C}",
    "{P} {in} {C} <thanks>", "{P}, {C}", "<note>: {P} {in} {C}", "<who>: {P} {in} {C}",
    "{P} {in} {C}, <thanks>", "<who>, {P} {in} {C}", "{P} <adverb> {in} {C}", "{P} <when> {in} {C}",
    "4*{P} {goes} {in} {C}",
    "{P} (should|must|shall|may|might|could|can|will|has to|have to|needs to|need to|ought to|"
    "gets to|would like to|is going to|are going to|would love to|deserves to|better) (go|be|end "
    "up|be {pp}|get|stay|move|land|travel|come|live|rest|be {pp} <adverb>|find its way) {in} {C}",
    "{P} {belongs} {in} {C}", "{P} <adverb> {belongs} {in} {C}", "{P} {is} to be {pp} {in} {C}",
    "{P} {is} (meant|intended|supposed|destined|expected|required|wanted|needed|due|planned|"
    "ordered|scheduled|allowed|designated|asked) (to be|to go|to end up) {in} {C}",
    "{P} {is} (intended|destined|made|reserved|right|good|bound|perfect|supposed to be|a thing|"
    "ready|needed) for {C}",
    "{P} {is} (missing|wanted|needed|expected|required|welcome|at home|best|safest|right at "
    "home) {in} {C}",
    "{P} (would|will|might|could|should|may) (look|be|feel|do|fit|sit) (good|best|nice|better|"
    "well|great|better off|happier|safer|at home|safe|right|okay|fine) {in} {C}",
    "I (want|need|would like|expect|prefer|wish|demand|require|request|'d prefer|'d like|'d love|"
    "hope for|wish for|am after|am asking for|long for|was hoping for|could use|want to see|need "
    "to see|want to find) {P} {in} {C}",
    "I('d| would) (like|love|rather|prefer|want|be happy|be glad|be pleased|wish) to (see|have|"
    "get|find|keep|know) {P} {in} {C}",
    "I( would) rather (have|see|keep|find|want|you {put}) {P} {in} {C}",
    "(we|they|the boss|my boss|the client|she|he|Anna|my wife|the team|everyone|the manager|the "
    "teacher|my daughter|our visitor|the lab|management|the shop|headquarters|my father) (need|"
    "needs|want|wants|asked for|asks for|ordered|requested|requires|expects|would like|insists "
    "on|is waiting for|likes|likes to see) {P} {in} {C}",
    "(can|could|may|might|shall) (I|we) (have|get|see|ask for|find) {P} {in} {C}",
    "(can|could|may|should|must|shall|would|will) {P} (be {pp}|go|be|end up|move|come|get) {in} "
    "{C}",
    "(can|would|will|may) (someone|somebody|anyone|anybody|one of you|you|<who>) [please |]{put} "
    "{P} {in} {C}", "(would|do) you mind [<adverb> |]{putting} {P} {in} {C}",
    "mind {putting} {P} {in} {C}", "(how|what) about {putting} {P} {in} {C}",
    "how (do you feel|would you feel) about {putting} {P} {in} {C}",
    "(will|could|can|do) you (consider|try|start|fancy|enjoy|risk|manage|suggest|think about) "
    "{putting} {P} {in} {C}",
    "I (suggest|recommend|propose|advise|vote for|insist on|am for|would start by|was thinking "
    "of|think of|dream of) {putting} {P} {in} {C}",
    "I (suggest|propose|insist|recommend|ask|demand|request|wish|would prefer|hope|think|believe|"
    "guess|say|assume|feel|figure|reckon|suppose|am sure|know|was told|heard|agree|decided) "
    "[that ]{P} ({goes}|should go|{belongs}|should be|must go|has to be|be {pp}|{is} better|"
    "needs to go|ends up|go) {in} {C}",
    "I (want|need|would like|'d like|expect|ask for|am asking for|wish|order|would love) {P} to "
    "(be {pp}|be|go|end up|get|move|stay|land|be found|be kept|finish up|be moved and {pp}) {in} "
    "{C}", "I want to have {P} {in} {C}",
    "I (am) (hoping|looking|waiting|asking|begging|pleading) for {P} {in} {C}",
    "{C} is (where|the place where|the spot where|the only place where) {P} ({goes}|should be|"
    "{belongs}|should go|must go|{is} wanted|{is} needed|needs to be|has to go|can rest|will "
    "live|ought to be|will go|{is} going)",
    "{C} (should|must|has to|needs to|ought to|shall|will|is to|is supposed to|is meant to|wants "
    "to) (contain|have|hold|get|receive|carry|store|take|house|include|be filled with|be the "
    "home of|end up with|take in|accept) {P}",
    "{C} (needs|wants|gets|lacks|is missing|is short of|waits for|is waiting for|is ready for|"
    "expects|requires|could use|is asking for|is for|is perfect for|is made for|is good for|is "
    "reserved for|is meant for|is free for|is intended for|receives|takes|is about to get|is "
    "calling for|is hungry for|is open for|is there for|is the home of|is begging for|cries out "
    "for|has room for|has space for|is where I want|should have been given) {P}",
    "{C} should have {P} in it",
    "{C} (would be|is|might be|seems|looks like) (great|good|ideal|the right place|the best "
    "place|perfect|fine|the place|right|just right|the proper home|the correct spot|a good home|"
    "the destination|the target) for {P}",
    "for {P} (use|take|choose|pick|I want|we use|we take|you need|try|go for|I chose) {C}",
    "the (goal|aim|plan|idea|task|job|mission|target|point|objective|order|wish|result|request|"
    "purpose|next step) [now ](is|would be|will be) [to have |to get |to see |having |for |]{P} "
    "{in} {C}",
    "(goal|aim|plan|target|order|wish|result|request|mission|desired result|wanted|needed|final "
    "state|to be done|next|now|todo|task|job|instruction|objective|new goal|end state|my wish|"
    "assignment): {P} {in} {C}",
    "(task|job|mission|next|now|todo|order|your job|homework|assignment|plan|agenda): {putting} "
    "{P} {in} {C}",
    "(our|her|his|the customer's|the boss's) (wish|goal|request|order|plan|hope|dream|idea|aim|"
    "desire|demand) is ({P}|to have {P}|to see {P}|having {P}|that {P} {is}|that {P} {goes}|for "
    "{P} to be|to find {P}) {in} {C}",
    "I (was|am) (hoping|wondering|asking|thinking) (you could|if you could|whether you could|you "
    "might|if you can) {put} {P} {in} {C}",
    "I wonder (if|whether) you (could|can|would|might) {put} {P} {in} {C}",
    "it (would|will|might|could) (be|feel) (great|nice|good|helpful|lovely|kind|wise|best|cool|"
    "perfect|useful|better|wonderful|fantastic|a good idea|a great help|ideal) (if you could|if "
    "you would|if you|to|for you to) {put} {P} {in} {C}",
    "it('s| is| would be| seems) (better|best|good|nice|right|important|necessary|time|great|"
    "tidier|safer|vital) (if|that|when) {P} ({is}|{goes}|{is} {pp}|ends up|went|were|would be|"
    "were {pp}) {in} {C}",
    "it (will|'d) (help|help me|please me|make me happy|be nice|be good|save time|mean a lot|"
    "suit me|be a help|make sense|do me good|cheer me up) (if|when) ({P} {is} {pp}|{P} {is}|{P} "
    "{goes}|you {put} {P}|{P} went|{P} could go|{P} were|you could {put} {P}|we had {P}) {in} {C}",
    "(it is|it's|now is the|this is the) [high |]time (to|for you to|you|that you) {put} {P} "
    "{in} {C}", "(it is|it's) time for {P} to (go|be|be {pp}|move|get|end up) {in} {C}",
    "time to {put} {P} {in} {C}",
    "(do you see|you see|can you see|see|have you seen|do you have|have you found|did you notice|"
    "you know|there is|there are|look at|look,|here we have|I see|notice|remember|do you "
    "recognise|got) {P}(?|?|,|.|!) ({put} {it} {in} {C}|{it2} {goes} {in} {C}|{it2} should go "
    "{in} {C}|I want {it} {in} {C}|{it2} {belongs} {in} {C}|<ask> {put} {it} {in} {C}|move {it} "
    "to {C}|well, {put} {it} {in} {C}|good, now {put} {it} {in} {C})",
    "(do not) (leave|let|keep|forget|ignore|just look at) {P}( there| where {it} {is}| here| "
    "like that| lying around||),[ but|] {put} {it} {in} {C}",
    "{P} (shouldn't|should not|can't|cannot|must not) (stay|be|remain|lie) (there|here|where "
    "{it2} {is}), {put} {it} {in} {C}",
    "{P} {is} (out of place|in the wrong place|in the way|misplaced|lost|lying around|not in "
    "place|lonely|in my way|still there|not where {it2} {belongs}), (so |please |)({put}|move|"
    "take) {it} {in} {C}",
    "(here is|there is|this is|you see|see|look at|we have|take|behold|find|notice|I have) {C}(,|"
    ".|?|;|:) ({put}|<ask> {put}|now {put}|I want|I need) {P} (in it|in there|inside|into it|in|"
    "inside it)", "next (up |)is {P}, {in} {C} please",
    "(next|now|then|first) (comes|it's|is|we have|there is|up:) {P}(:|,|, which {goes}|, and "
    "{it2} {goes}|, to go) {in} {C}",
    "(what I|all I|the only thing I|what we|the thing I|all we|what they|what he|what she) (want|"
    "need|ask for|wish for|am asking|would like|asked for|wish|need from you|request|expect) (is|"
    "was|would be) [to see |to have |]{P} {in} {C}",
    "(are you able|would it be possible|is it possible|is it ok|is it okay|would it be ok|is it "
    "alright|are you free|are you ready|are you willing|would you like|is it hard|are you "
    "prepared|may I ask you|may I remind you|is there time|will you manage|have you time) to "
    "{put} {P} {in} {C}",
    "(is there|would there be) (a way|any way|a chance|any chance|time|a possibility|hope) (you "
    "can|you could|to|for you to|that you) {put} {P} {in} {C}",
    "{in_front} {C} (I want|I need|goes|go|we need|I'd like|should go|belongs|belong|there "
    "should be|please put|I would like to have|must go|I wish to see) {P}",
    "let me (see|watch|have|find|get) (you {put} |you <adverb> {put} |){P} {in} {C}",
    "show me (how you|that you can|how you would|how to) {put} {P} {in} {C}",
    "(we|you|the robot|you robots|robots|one) (should|will|can|must|may|could|might|shall|are to|"
    "need to|have to|ought to) [now |then |<adverb> |]{put} {P} {in} {C}",
    "(why not|why don't you|why don't we|what if you|maybe|perhaps|let's|if only you would|"
    "suppose you|how about we) {put} {P} {in} {C}",
    "the (spot|place|home|box|destination|right place|proper place|best place|new home|goal|"
    "location|address) (for|of) {P} is [{in} |]{C}",
    "your (next |new |first |only |current |)(task|job|goal|mission|order|duty|assignment) (is|:|"
    "will be|today is)[ to {put}|] {P} {in} {C}",
    "(mission|first job|task|job|step|order|todo|idea|plan|suggestion|proposal|reminder|hint|tip|"
    "command|action)( one| 1| A|): {put} {P} {in} {C}",
    "(I'd|I would|we'd|everyone would) be (glad|grateful|happy|thankful|pleased|delighted|"
    "relieved) if (you {put} {P}|you could {put} {P}|{P} went|{P} ended up|{P} {is}|you would "
    "{put} {P}|{P} {is} {pp}|I had {P}) {in} {C}",
    "I'm (thinking|afraid|sure|told|certain|guessing|suggesting|hoping|asking) [that ]{P} (could "
    "go|should go|{goes}|{belongs}|must go|has to go|will go|needs to be|should be) {in} {C}",
    "(imagine|picture|I imagine|I picture|I see) {P} {in} {C}(. make it so|, now do it|. can you "
    "do that|, make that happen|)",
    "{P} {in} {C}, (that's|that is|this is) (what I want|the task|the goal|my wish|what I need|"
    "the plan|all I ask|the idea|the order|your task)",
    "{P} {in} {C} (would be|is|sounds|seems) (great|nice|what I want|what I need|perfect|my wish|"
    "the goal|ideal|good|the plan|lovely|what we agreed on|required|all I ask for)",
    "{P} (has|have) (a|its|their) (place|home|spot|new home) {in} {C}",
    "{P} (want|needs|need|asks|ask|longs|begs) (to be|to go|to get|to move|to live|to sit) {in} "
    "{C}",
    "(everyone|everybody|we all|I always|we usually|people|normally we|as a rule we|I|we) (agree "
    "that {P} {goes}|keep {P}|want {P}|have {P}|like {P}|put {P}|store {P}) {in} {C}",
    "(I forgot|he forgot|she forgot|someone forgot|nobody remembered|I am too busy|I have no "
    "time|I am too tired|I can't manage|there was no time) to {put} {P} {in} {C}(, can you do it|"
    ", please do it|, so do it for me|, could you|, so it is up to you|. please do so)",
    "if (you can|possible|you could|you would|it is possible|you don't mind|there is time|you "
    "have time|it fits|you like|you are free|you manage), (<adverb> |)({put}|please {put}) {P} "
    "{in} {C}",
    "{C} - that is where (I want {P}|{P} {goes}|{P} {belongs}|{P} should be|to {put} {P}|you "
    "{put} {P})",
    "{P} (travels|travel|moves|move|comes|come|heads|head|is off|are off|is next|are next|is "
    "coming|transfers) {in} {C}",
    "as (discussed|agreed|planned|usual|always|I said|promised|ordered), {P} ({goes}|should go|"
    "must go|{is} {pp}) {in} {C}", "<odd>, {P} {goes} {in} {C}", "{P} <odd> {goes} {in} {C}",
    "{P} {goes} {in} {C} <odd>", "{P} should <odd> be {in} {C}", "I <odd> want {P} {in} {C}",
    "<odd> wants {P} {in} {C}", "~{P} had better be {in} {C}", "~I'd rather have {P} {in} {C}",
    "~would you consider {putting} {P} {in} {C}", "~the customer asked for {P} {in} {C}",
    "~it would help if {P} {is} {pp} {in} {C}", "~my wish is to have {P} {in} {C}",
    "~{P} {is} meant for {C}", "~{C} awaits {P}", "~what should happen: {P} {in} {C}",
    "~I'm hoping for {P} {in} {C}", "~could somebody {put} {P} {in} {C}",
    "~{P} wants to be {in} {C}",
)), "en", "DECLARATIVE")  # fmt: skip
