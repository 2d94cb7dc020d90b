# SPDX-License-Identifier: Apache-2.0
"""What people say before and after an English instruction without changing what it asks for.

``<name>`` is one of the table of that name, {N} any noun, {H} a hand. ``~`` marks dev frames.
"""

from __future__ import annotations

from neuraxis_field.language.compose import counted
from neuraxis_field.language.voices import mixed

ADVERBS = tuple(
    """carefully gently slowly quickly swiftly neatly quietly softly calmly patiently promptly
    directly simply safely cautiously precisely accurately steadily smoothly properly nicely
    kindly delicately rapidly briskly speedily politely silently accordingly obediently gracefully
    tidily securely firmly lightly deftly skilfully exactly correctly tenderly attentively
    diligently straight immediately instantly finally actually really just simply maybe perhaps
    possibly ideally preferably basically literally eventually personally manually physically
    thoroughly swiftly cheerfully eagerly bravely elegantly efficiently effortlessly warily
    hastily""".split()
)
HOW = (
    "<adverb>", "<adverb>", "<adverb>", "very <adverb>", "as <adverb> as (you can|possible)",
    "<adverb> and <adverb>", "nice and (slow|easy|steady)", "without (hurry|haste|any rush|noise)",
    "with (great |some |a little |)(care|caution|patience|precision|attention)",
    "without (bumping into|knocking over|damaging|scratching|breaking|spilling) anything",
    "in (one move|a single motion|no time|your own time|a controlled way|good time)",
    "(step by step|bit by bit|piece by piece|one at a time|one after the other|one by one)",
    "at (full|half|low|normal|a moderate) speed", "as (best|well|fast|soon) as you can",
)  # fmt: skip
WHEN = (
    "now", "right now", "right away", "today", "tonight", "tomorrow", "this morning", "at once",
    "this (afternoon|evening|minute|instant|week|time|second)", "soon", "later", "straight away",
    "(before|after) (lunch|dinner|the break|the meeting|work|the demo|the shift|my call|class)",
    "(when|once|as soon as) (you are|you're) (ready|free|able|done thinking|up for it|awake)",
    "(when|whenever|if) (you have|there is|you get|you find) (time|a minute|a moment|a chance)",
    "before (I|we|they) (leave|return|come back|get back|start|go home|close|arrive)",
    "until (I am|I'm|we are) back", "while I (watch|wait|am away|make a call|get my {N}|check)",
    "in the meantime", "for the time being", "for now", "sometime", "in a moment", "without delay",
    "by (noon|tonight|five|the end of the day|then)", "before the {N} (arrives|comes|gets here)",
)  # fmt: skip
WHY = (
    "(because|since|as) (I|we|they) (need|want|could use|require) (space|room|order|help|{N})",
    "(because|since|as) (my|our|the) (boss|customer|client|{N}|wife|team|teacher) (is coming|"
    "said so|wants it|asked|insists|is waiting)",
    "(because|since) it (is|looks|seems) (messy|better|nicer|late|important|in the way|urgent)",
    "(because|as) it (belongs|fits|should be) there", "so (that |)(I|we) can (start|go|work|rest)",
    "so (that |)(I|we) (have|get) (more |some |)(space|room|order|time) [for the {N}]",
    "so (that |)(the table|the bench|it) (looks|is|stays) (tidy|clean|nice|neat|free)",
    "so (that |)nobody (trips|gets confused|has to wait|complains)", "to (help me|save time) [out]",
    "to (make|clear|free) [up ](some |)(room|space) [for (the|my) {N}]", "for (a|the) {N} project",
    "for (the|our|my|his|her) (customer|demo|order|boss|test|show|inventory|shipment|exam|audit)",
    "in order to (finish|help|save time|get going|keep things tidy)", "for (safety|fun|tidiness)",
)  # fmt: skip
HAND = (
    "with (your|the) (left|right|free|other|strong|steel|mechanical) (hand|arm|gripper|claw)",
    "on your own", "using the (gripper|arm|hand|claw|fingers|suction cup|tool|tongs)",
    "with the (gripper|help of your {H})", "by (hand|robot arm|yourself|means of your {H})",
    "using (your|the|one|either|a|both) {H}", "with (your|the|one|either|a|both|two) {H}",
)  # fmt: skip
GREET = (
    "sorry", "pardon me", "excuse me", "hiya", "welcome back", "yo", "howdy", "greetings",
    "good afternoon", "good (morning|day|evening)", "hello there", "hi there", "hey there", "hey",
    "hello", "hi", "ok", "okay", "alright", "all right", "right", "so", "well", "um", "uh", "erm",
    "hmm", "oh", "listen", "look", "attention", "now then", "come on", "anyway", "by the way",
    "great", "perfect", "thanks", "cool", "good", "fine", "very well", "there we go",
)  # fmt: skip
WHO = (
    "robot", "robo", "bot", "machine", "my friend", "friend", "buddy", "pal", "mate", "dude", "bro",
    "sir", "madam", "boss", "champ", "chief", "dear", "darling", "sweetie", "honey", "folks",
    "guys", "team", "everyone", "somebody", "assistant", "helper", "android", "humanoid", "X2",
    "R2", "unit (one|two|seven|42)",
    "(dear|good|little|my|clever|nice|old|big) (robot|friend|helper|one)", "Anna", "Bob", "Max",
    "Lisa", "Tom", "Alex", "Sam", "Lee", "Rosie", "Marvin", "Neo", "Ada", "Walter", "Siri", "Alexa",
    "Jarvis", "Neuraxis", "my (dear|good) (robot|friend|fellow)", "genius", "you", "hero", "star",
    "young man", "comrade", "neighbour", "colleague", "kiddo",
)  # fmt: skip
ASK = (
    "I (hope|guess|think) you (can|could)",
    "I was (hoping|thinking|wondering) you (could|would|might)",
    "(my boss|the client|he|she|Anna|the team) (wants|needs|asks|expects|told|tells) you to",
    "we (want|need|ask|expect) you to",
    "I('d| would) (like|love|prefer|ask|want|need) [for ]you to",
    "I (want|need|expect|ask|tell|urge|beg|order|instruct|invite|advise|require) you to",
    "can I (ask|get|have) you [to]", "could I (ask|get|trouble|bother|persuade) you to",
    "may I trouble you to", "may I ask you to", "might you", "do you think you (can|could|might)",
    "is it possible for you to", "are you able to", "would you be so (kind|good|nice) [as ]to",
    "would you (mind to|be able to|be willing to|be so kind as to|be kind enough to|care to|like "
    "to)", "can you (maybe|perhaps|just|quickly|also|please <adverb>|try to|manage to|go and)",
    "could you (maybe|perhaps|possibly|kindly|just|quickly|also|<adverb>)", "plz", "pls", "can u",
    "please can you", "please could you", "would you please", "can you please", "could you please",
    "will you", "would you", "can you", "could you", "kindly", "please", "please",
    "you are (asked|supposed|expected|told|required|requested|meant|allowed|invited) to",
    "you're (going|supposed|about|free|welcome) to", "it('s| is) (time|your job|your turn) to",
    "your (job|task|mission|duty|goal|assignment|role|order|homework) [now |today ](is|will be) to",
    "the (job|task|plan|idea|goal|aim|point|order|next thing|first thing) is to", "try to",
    "try and", "go ahead and", "go and", "come and", "go", "do", "be (sure|certain|careful) to",
    "remember to", "don't forget to", "do not forget to", "make sure to", "make sure you",
    "see if you can", "be ()(good|kind|nice|sweet) (as to|and)",
    "do me (a|the) (favour|favor|kindness) and", "feel free to", "start to", "proceed to",
    "get going and", "help me [to ]", "help us [to ]", "let's", "let us", "let me see you",
    "how about you", "what if you", "why don't you", "why not",
    "would it be (ok|okay|possible|fine|alright|too much) (if you|for you to|to)",
    "any chance you can", "if you (could|would|can) [please ]",
    "if (possible|you don't mind|you like|it's ok),", "just", "simply", "then", "next", "now",
    "first", "also", "again", "once again", "<adverb>",
    "I('d| would) (appreciate|be glad|be happy|be grateful|love) it if you (would|could)",
    "hurry up and", "quick,", "get up and", "move over and", "use your {H} to",
    "use (one|both) {H} to",
    "I (would|'d) (be grateful|be thankful|be pleased) if you (could|would|can)",
)  # fmt: skip
NOTE = (
    "task", "job", "new (task|job|order|mission)", "(task|job|step|order) (one|1|A|42|number 3)",
    "todo", "to do", "instruction", "command", "request", "next", "note", "here is what I need",
    "here's the (plan|thing|deal|task|job)", "what I need", "my request", "do this",
    "do the following", "the following", "your (task|job|mission|orders)",
    "a small (favour|request|task|job)", "urgent",
    "this is (important|urgent|simple|easy|a test|your task)", "one more thing",
    "quick (task|one|job)", "ready? here goes", "listen (up|carefully|closely|well)",
    "pay attention", "action", "go",
)  # fmt: skip
THANKS = (
    "please", "please", "thanks", "thank you", "thank you (so|very) much",
    "thanks (a lot|a million)", "many thanks", "cheers", "much appreciated", "I appreciate it",
    "I'd appreciate that", "bless you", "would you", "will you", "could you", "can you", "ok",
    "okay", "right", "alright", "if you please",
    "(that|it) would be (great|nice|lovely|awesome|perfect|helpful|kind|wonderful|so good)",
    "if (that is|that's|it is|it's) (ok|okay|possible|fine|alright|no trouble|not too hard) [for "
    "you]", "if you (can|could|would|like|want|don't mind|are able|manage|feel like it|know how)",
    "pretty please", "you are (the best|a star|great|so kind|a good robot|my hero)",
    "good (luck|robot|job)", "got it",
    "(I|we) (owe you one|trust you|count on you|believe in you|know you can)", "do you hear me",
    "<who>", "understood", "agreed", "deal", "clear",
    "is that (clear|ok|possible|understood|fine|a deal)", "do you understand", "copy that", "over",
    "over and out", "hurry", "hurry up", "quick", "come on", "go", "chop chop", "take your time",
    "no (rush|hurry|stress|worries|pressure)", "don't rush",
    "you know (how|why|the drill|what I mean)", "as (always|usual|ever|planned|agreed|discussed)",
    "like (last time|before|yesterday|always|I showed you|we practised)", "see you (later|soon)",
    "I('m| am) (waiting|watching|counting on you|in a hurry|sure you can|right here|so tired)",
    "(that|this) is (important|urgent|an order|all|my wish|what I want|the plan|the task|easy)",
)  # fmt: skip
DONE = (
    "and (nothing else|no more|nothing more|that's it|that is it|that's all|that will be all|"
    "stop|wait)",
    "(that's|that is|this is) (all|it|everything|enough|the job|your task|the end|all for now|"
    "all I want)",
    "then (stop|wait|rest|you are done|relax|stand by|come to rest|we are done|take a break|it's "
    "over)",
    "and (then |)(stop|wait|rest|relax|stand still|stay there|be done|stand by|take a rest|pause)",
    "and (tell me|let me know|report|say so|call me|beep) (when|once|after) (you're|you are) "
    "(done|finished|ready)", "(nothing|no) (else|more|further steps)",
    "no other (task|step|job|work)",
    "and (leave|keep) (everything else|the rest|the others|all others|other things) (where it is|"
    "where they are|alone|as it is|in place|untouched|there|on the table|be)",
    "and don't (touch|move|disturb|change|bump) (anything else|the rest|the others|other things)",
    "but (don't|do not) (touch|move|take) (anything else|the rest|the others|any others)",
    "(the rest|everything else|all else|the others) (stays|stay|can stay|remains|may stay) (put|"
    "there|here|where it is|as it is|in place|untouched|on the table)",
    "the (rest|others|other things) (can wait|do not matter|don't matter|is fine|are fine|is for "
    "later)",
    "(leaving|without touching|without moving|ignoring) (everything else|the rest|the others|all "
    "else)", "never mind the (rest|others)", "forget (about |)the (rest|others)",
    "and (we're|you're) done",
    "that (completes|finishes|concludes|ends|wraps up) (it|the job|the task|your work|everything)",
    "(there is|there's) nothing (else|more) to do",
    "(you can|you may) (rest|stop|relax) (after|then)",
    "after that (you're|you are|we are) (done|finished|free)", "job done",
    "end of (story|task|list)",
)  # fmt: skip
OTHERS = (
    "everything else", "the rest", "the others", "all the others", "all others", "all other parts",
    "the other parts", "all the other parts", "the remaining parts", "every other part",
    "all the rest", "the other things", "whatever else there is", "the remaining ones",
    "all other things", "the rest of the parts", "everything but that", "what is left",
    "any other part",
)  # fmt: skip
TABLES = {
    "adverb": ADVERBS, "how": HOW, "when": WHEN, "why": WHY, "hand": HAND, "greet": GREET,
    "who": WHO, "ask": ASK, "note": NOTE, "thanks": THANKS, "done": DONE,
}  # fmt: skip
PREFIX = mixed(counted((
    "22*", "4*please ", "2*could you ", "2*can you ", "robot, ", "hey, ", "now ", "ok, ",
    "10*<ask> ", "<greet>, ", "<who>, ", "<note>: ", "5*<who>, <ask> ", "5*<greet>, <ask> ",
    "<ask> <ask> ", "2*<greet> <who>, ", "4*<greet> <who>, <ask> ", "<greet>! ", "<who>! ",
    "2*<note>: <ask> ", "<who>: ", "<greet>, <note>: ", "2*<hand>, ", "2*<hand> ", "<how>, ",
    "2*<adverb> ", "2*<ask> <adverb> ", "2*<when>, ", "2*<when>, <ask> ", "<why>, ",
    "2*<why>, <ask> ", "<ask>, <when>, ", "<ask> <hand> ", "<greet>. <ask> ", "<ask>, <hand>, ",
    "<greet>, <when>, ", "<who>, <when>, <ask> ", "<who>, <hand>, ", "<ask>, <how>, ", "<note>. ",
    "<note> - ", "<greet>, <who>, <note>: ", "<thanks>, ", "<thanks>. ", "<thanks>, <ask> ",
    "~when convenient, ", "~we kindly request that you ", "~be so nice and ", "~mr robot, ",
    "~go on and ", "~at your earliest convenience, ", "~I command you to ", "~perhaps you could ",
)), "en", "PREFIX")  # fmt: skip
SUFFIX = mixed(counted((
    "28*", "3* please", "2*, please", "2*, thanks", " for me", " for us", " now", " with your {H}",
    "7*, <thanks>", " <thanks>", "4* <how>", "4* <when>", "4* <why>", "3* <hand>", "4* <done>",
    "5*, <done>", "2*; <done>", "2*. <done>", "2*. <thanks>", "! <thanks>", ", <how>", "2*, <when>",
    "2*, <why>", "2*, <hand>", " <hand> <thanks>", " <how>, <thanks>", " <adverb>",
    "2* <when>, <thanks>", "2* <why>, <thanks>", " <hand>, <done>", " <how>, <done>", ", <who>",
    ", <thanks>, <who>", " <when> <why>", " <how> <when>", ", <done>, <thanks>", " - <thanks>",
    " <done>, <who>", ". <done>. <thanks>", " for <who>", " <when>, <done>", "~, ta", "~ in one go",
    "~, no need to hurry", "~ and call it a day", "~ before anything else",
    "~, that is the whole job", "~ if it isn't too hard",
)), "en", "SUFFIX")  # fmt: skip
