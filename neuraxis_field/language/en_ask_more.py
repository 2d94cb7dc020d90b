# SPDX-License-Identifier: Apache-2.0
"""English frames for questions of colour, for lists, and about the job.

Slots as in `en_ask_frames`, and {Nn} for the plural noun without its relation.
"""

from __future__ import annotations

ASK_COLOR = (
    "what (colour|color) {be} {P}", "what (colour|color){'s} {P}", "which (colour|color) {be} {P}",
    "what (colour|color) {be} {P} (exactly|then|again|please|really|now)", "what {be} the (colour|"
    "color) of {P}", "what('s| is) the (colour|color) of {P}", "which (colour|color) {does} {P} "
    "have", "what (colour|color) {does} {P} have", "what (colour|color) did they paint {P}",
    "{P}, what (colour|color) {be} {they}", "{P}, what (colour|color)", "{P}: (colour|color)",
    "{P}, which (colour|color)", "{P} (colour|color)",
    "{P} - what (colour|color)", "what (colour|color) {P}", "{P} {be} what (colour|color)",
    "{P} {be} which (colour|color)", "(colour|color), {P}", "(colour|color) check on {P}",
    "in (what|which) (colour|color) {be} {P}", "of (what|which) (colour|color) {be} {P}",
    "what (shade|hue|tint|colouring|coloring) {be} {P}", "what('s| is) {P}'s (colour|color)",
    "what (colour|color) (do|can) you see on {P}", "what (colour|color) would you call {P}",
    "what (colour|color) would you say {P} {be}", "what (colour|color) do you think {P} {be}",
    "how {be} {P} (coloured|colored|painted)", "what (colour|color) {have} {P} got",
    "(can|could|would|will) you [please |kindly ]tell me (what|which) (colour|color) {P} {be}",
    "(can|could|would|will) you [please |kindly ]tell me the (colour|color) of {P}",
    "(can|could) you (see|make out|tell|say) what (colour|color) {P} {be}",
    "tell me (what|which) (colour|color) {P} {be}", "tell me the (colour|color) of {P}",
    "(say|report|check|find out|determine|work out|see) (what|which) (colour|color) {P} {be}",
    "(name|report|give|state|identify|determine|specify|check) the (colour|color) of {P}",
    "give me the (colour|color) of {P}", "let me know (what|which) (colour|color) {P} {be}",
    "would you mind telling me the (colour|color) of {P}", "please name the (colour|color) of {P}",
    "would you be so kind as to tell me (what|which) (colour|color) {P} {be}",
    "I('d| would) like to know (what|which) (colour|color) {P} {be}",
    "I('d| would) like to know the (colour|color) of {P}", "I need the (colour|color) of {P}",
    "I (need|want) to know (what|which) (colour|color) {P} {be}", "may I ask the (colour|color) "
    "of {P}", "may I ask (what|which) (colour|color) {P} {be}", "I wonder what (colour|color) {P} "
    "{be}", "I (can't|cannot) (see|tell) what (colour|color) {P} {be}[, can you]",
    "I('m| am) colour blind, what colour {be} {P}", "do you know what (colour|color) {P} {be}",
    "do you (see|recognise) the (colour|color) of {P}", "any idea what (colour|color) {P} {be}",
    "look at {P} and tell me the (colour|color)", "look at {P}, what (colour|color) {be} {they}",
    "{be} {P} red or blue or (what|something else)", "{be} {P} (red|green|black), (blue|yellow|"
    "white) or (something else|what)", "what (colour|color) [do ]you see when you look at {P}",
    "the (colour|color) of {P}, please", "the (colour|color) of {P} is what",
    "what about the (colour|color) of {P}", "about {P}: what (colour|color) {be} {they}",
    "what kind of (colour|color) {does} {P} have", "name {P}'s (colour|color)",
    "~{P}, red, green, what", "~describe the (colour|color) of {P}", "~what paint {be} on {P}",
    "~how would you name the (colour|color) of {P}", "~which of the (colours|colors) {be} {P}",
    "~what (colour|color) am I looking at with {P}", "~{P} come in what (colour|color)",
    "~be so good as to name the (colour|color) {P} {have}",
)  # fmt: skip
ASK_LIST = (
    "which {Ps} (do|can) you see", "what {Ps} (do|can) you see", "which {Ps} are there",
    "what {Ps} are there[ here| on show| in view]", "which {Ps} do we have", "what {Ps} have you "
    "got", "what {Ps} do we have", "which {N} {be} {R}", "which {N} {be} {R}", "what {N} {be} "
    "{R}", "which {N} {be} (now|currently|still|already) {R}", "which of the {Nn} {be} {R}",
    "what kind of {Nn} are {R}", "what sort of {Nn} are {R}", "which {Nn} do you see {W}",
    "what {Nn} do you see {W}", "which {Nn} (have you got|are there|can you see) {W}",
    "which are the {Ps}", "what are the {Ps}", "which ones are the {Ps}", "which of the {Nn} are "
    "the ones {R}", "which are the {Nn} that are {R}", "{Ps}, which (are there|do you see)",

    "list every one of the {Ps}", "(list|name) each of the {Ps}", "list all {Ps} (you see|you can "
    "see|in view|there are)", "give me an inventory of [all ][the ]{Ps}",
    "make (a list|an inventory) of [all ][the ]{Ps}", "read out the {Ps}",
    "tell me [about ](all |)the {Ps}", "tell me which {N} {be} {R}",
    "tell me which {Ps} (there are|you see|you can see)", "tell me what {Ps} (there are|you see)",
    "(say|report|show me|check|find out|let me know|state) which {N} {be} {R}",
    "(say|report|let me know|state) (which|what) {Ps} (there are|you see)",
    "report [all ](the |){Ps}", "identify (all |)the {Ps}", "describe (all |)the {Ps}",
    "run through the {Ps}", "go through the {Ps}[ one by one]", "itemised list of {Ps}",
    "list of {Ps}", "list: {Ps}", "{Ps}, (list|name) them", "{Ps}: list", "inventory of {Ps}",
    "which {Nn} {R}", "{N} {R}: which (one|ones)", "which {N}, please, {be} {R}",
    "(can|could|would|will) you [please |kindly ](list|name) [all ]the {Ps}[ for me| please]",
    "(can|could|would|will) you [please |kindly ]tell me which {N} {be} {R}",
    "(can|could|would) you [please ]give me a list of [all ]the {Ps}", "would you mind (listing|"
    "naming) the {Ps}", "(can|could) you (see|tell|say) which {N} {be} {R}",
    "do you (know|see) which {N} {be} {R}", "any idea which {N} {be} {R}",
    "I('d| would) like to know which {N} {be} {R}", "I('d| would) like a list of the {Ps}",
    "I (want|need) to know which {N} {be} {R}", "I (want|need) (a|the) list of [all ](the |){Ps}",
    "I wonder which {N} {be} {R}", "may I ask which {N} {be} {R}", "may I have a list of the "
    "{Ps}", "I('d| would) be grateful for a list of the {Ps}", "I should like to hear which {N} "
    "{be} {R}", "what else is there in the way of {Ps}", "what are all the {Ps} called",
    "which (one of the {Nn} is|ones of the {Nn} are) {R}",
    "let me hear (which {N} {be} {R}|all the {Ps})",
    "of the {Nn}, which (one is|ones are) {R}", "out of all the {Nn}, which (are|is) {R}",
    "show me which {N} {be} {R}", "spell out for me the {Ps}",
    "~take me through the {Ps}", "~call out the {Ps}", "~which {Nn} would you put down as {R}",
    "~among the {Nn}, which would be {R}", "~a roll call of the {Ps}", "~jot down the {Ps}",
    "~break down the {Ps} for me", "~kindly set out which {N} {be} {R}", "~{Ps}, one after the "
    "other, what are they",
)  # fmt: skip
ASK_LIST_HOLDING = (
    "which {N} {holds} {M}", "which {N} {contains} {M}", "which {N} {have} {M} in {it}",
    "what {N} {holds} {M}", "which of the {Nn} (hold|contain|have) {M}", "tell me which {N} "
    "{holds} {M}", "which {N} {have} got {M} in {it}", "name the {Nn} (with {M} in them|that hold "
    "{M})", "I('d| would) like to know which {N} {contains} {M}", "list the {Nn} (holding|with|"
    "containing) {M}", "(can|could) you tell me which {N} {contains} {M}",
    "~which {N} {be} home to {M}", "~the {Nn} with {M} inside, which are they",
)  # fmt: skip
ASK_LOOK = (
    "what (do|can) you see[ right now| there| here| in front of you| at the moment| now]",
    "what('s| is) (on|lying on|standing on) the (table|bench|workbench|desk)",
    "what('s| is) in front of you[ right now]", "what('s| is) there", "what is there on the table",
    "what all is there", "what things (are there|do you see|are on the table|can you see)",
    "what('s| is) (in view|visible|out there|before you|within your reach)", "what have we got "
    "here", "what have you got [there|in front of you|on the table]", "what are you looking at",
    "what (objects|parts|items|things|pieces|stuff) (are there|do you see|are on the bench|are in "
    "view|have we got|can you see)", "which (objects|things|items) (are there|do you see|can you "
    "see|are in front of you)", "describe (the scene|what you see|the table|the bench|your view|"
    "what is in front of you|the situation|everything you see|your surroundings)",
    "(list|name|enumerate|report|itemise) (everything|all (the |)(things|objects|items)|"
    "every object)[ you (see|can see|have)| on the table| on the bench| in view| there is]",
    "(tell|show) me (what you see|what you can see|what('s| is) there|everything you see|what is on"
    " the table|what('s| is) in front of you|about the scene)",
    "(can|could|would|will) you [please |kindly ](describe the scene|tell me what you see|list "
    "everything|say what is there|tell me what is on the table)",
    "would you mind (describing what you see|telling me what is on the bench|listing everything)",
    "I('d| would) like to (know what you see|hear what is on the table|know what is there)",
    "give me (an overview|a rundown|a description|an inventory|a summary)[ of (the scene|the "
    "table|what you see|everything|the bench)]", "take inventory", "take stock[ of everything]",
    "inventory", "scene report", "report (the scene|what you see|what is on the table|your view)",
    "(look|have a look) around[ and] (tell me|say) what you see", "look at the table and (tell me|"
    "say|report) what is there", "what does the (scene|table|bench|camera) (look like|show)",
    "what does your camera see", "what do your eyes see", "anything to see, what is there",
    "so what do we have here", "do you see anything[ at all]", "can you see anything[ there]",
    "do you know what is in front of you", "how does the (table|bench|scene) look",
    "summarise (the scene|what you see)", "say what you see", "contents of the (table|bench)",
    "~paint me a picture of what is before you", "~what meets your eye", "~walk me through the "
    "(table|scene)", "~what is lying about here", "~full list of what is there",
)  # fmt: skip
ASK_WHAT = (
    "what('s| is) {R}", "what is {R}", "what('s| is) {R}", "what (things|objects|parts) are {R}",
    "what('s| is) (currently|now|still|already|there) {R}", "what all is {R}", "what do we have "
    "{W}", "what (do|can) you see {W}", "what have we got {W}", "what have you got {W}",
    "what (lies|sits|is lying|is sitting) {W}", "what is it that is {R}", "what is there {W}",
    "what (stuff|things) (do|can) you see {W}", "(tell|show) me what('s| is) {R}",
    "(say|list|name|report|check|describe|find out|see) what('s| is) {R}", "list everything {W}",
    "(name|report|list|enumerate) (everything|all things|whatever is) {W}",
    "(can|could|would|will) you [please |kindly ]tell me what('s| is) {R}", "any idea what is {R}",
    "(can|could) you see what('s| is) {R}", "would you mind telling me what is {R}",
    "I('d| would) like to know what('s| is) {R}", "I (want|need) to know what is {R}",
    "do you (know|see) what('s| is) {R}", "I wonder what is {R}", "may I ask what is {R}",
    "{R} (is|there is|we have) what", "{R}: what", "let me know what is {R}", "so what is {R}",
    "what could there be {W}", "which thing is {R}", "which things are {R}", "what's all that {W}",
    "give me (a list of everything|the list of things) {W}",
    "~what would I find {W}", "~anything that is {R}, name it", "~what occupies the place {R}",
    "~read out whatever is {R}",
)  # fmt: skip
ASK_WHAT_CONTAINER = (
    "which one is {R}", "which ones are {R}", "what('s| is) {R}", "which (is|are) {R}",
    "tell me which (one is|ones are) {R}", "(can|could) you tell me which (one is|ones are) {R}",
    "(say|list|report|show me) which (one is|ones are) {R}", "what is {R} (now|currently)",
    "I('d| would) like to know which one is {R}", "which of them (is|are) {R}", "what else is {R}",
    "~which among these is {R}", "~any of them {R}, and which",
)  # fmt: skip
ASK_DONE = (
    "are you (done|finished|through|ready with it|all done)[ yet| now| already| there| with that]",
    "(is|was) (it|that|the job|the task|the work|everything) (done|finished|completed|complete)",
    "is (it|the job|the task|the work|everything|all of it) (done|finished|complete)[ yet| now]",
    "have you (finished|completed|done)[ (it|the job|the task|your work|everything|that)][ yet]",
    "are you (still|nearly|almost) (working|busy|done|finished|there|at it)[ with the job]",
    "are you (still working on it|still at it|done with the job|done with your task)",
    "how far (are|have) you (got|come|gotten)", "how far are you[ with (it|the job|the task|that)]",
    "how far along are you[ with (it|the job|the task)]",
    "how are you getting on [with (it|the job|the task)]",
    "how is it (coming along|going with the job|progressing)", "how's progress",
    "what('s| is) left[ to do| to be done| of the job]", "what (remains|is still) to be done",
    "what do you still have to do", "what's still (open|to do|missing|outstanding)",
    "is there (anything|something|more|much) left to do", "anything left to do", "much left to do",
    "how much is left[ to do| of the job]", "how much more do you have to do", "did it work",
    "did (that|everything|it all) work[ out]", "did (it|that|the job) go (well|to plan|alright)",
    "did you (manage|succeed|finish|make it|get it done|complete it|do it|get there)",
    "did you (finish|complete|manage) (it|the job|the task|everything|what I asked)",
    "have you (managed|succeeded|got it done|done what I asked|been able to do it)",
    "were you (able to do it|successful)", "was (it|the job|that) (a success|successful)",
    "(did|has) (anything|something) (go|gone) wrong", "any (problems|trouble|errors) with the job",
    "(what('s| is) the |)(status|state|progress)( of the (job|task|work)|)", "status", "progress",
    "task status", "status report", "progress report", "status update", "job done?",
    "task done?", "task complete?", "done yet", "done?", "all done?", "finished?", "finished yet",
    "finished (the job|with that|with it)", "complete?", "mission accomplished?", "job finished?",
    "(tell|let) me [know ](if|whether) you('re| are) (done|finished)", "tell me how far you are",
    "tell me (what is left to do|whether it worked|the status of the job|how far you have got)",
    "let me know (how far you are|whether it worked|if the job is done|what is left)",
    "(report|give me) (your |the |)(status|progress)", "give me (a|an) (status|update|progress) "
    "report", "give me an update", "report back on the job", "report progress[ on the job]",
    "(say|report|confirm) (whether|if) (you are done|the job is finished|it is done|it worked)",
    "confirm (completion|that you are done|that the job is done)", "check whether the job is done",
    "(can|could|would) you [please |kindly ]tell me (if you are done|how far you are|whether the "
    "job is finished|whether it worked|what is left to do|the status of the job)",
    "would you mind telling me (how far you have got|whether you are finished|if it is done)",
    "I('d| would) like to know (whether the job is done|how far you are|if you have finished)",
    "I (want|need) to know (whether it worked|if you are done|how far along you are)",
    "may I ask (whether you have finished|how far you are|if the task is complete)",
    "I wonder (whether|if) you (are done|have finished|are finished)", "are we (done|finished|"
    "all set)[ here| yet]", "are we there yet", "is that (it|all|everything) done", "all (finished|"
    "completed|sorted|wrapped up)", "is everything (in its place|where it should be|put away)",
    "is everything (done|finished|sorted|as I asked)", "has (it|everything|the job|the task) been "
    "(done|finished|completed)", "has (it|the job|that) worked[ out]", "did you do what I asked",
    "did you do (it|that|the job|your job|everything)", "what have you done so "
    "far", "what is the state of (play|things)", "where are you (with it|with the job|at with it)",
    "~have we wrapped up", "~what's outstanding", "~is the order filled", "~any luck with the job",
    "~can I take it that the task is over", "~how are things coming on", "~where do we stand",
    "~is there more to go", "~pulled it off", "~how many steps are left", "~is your work over",
)  # fmt: skip
