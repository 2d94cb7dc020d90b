# SPDX-License-Identifier: Apache-2.0
"""English sentence frames.

Slots: {P} parts, {C} container, {it} pronoun, {in} preposition, {put} {putting} {pp}
verb forms, {take} verb of picking up. ``~`` marks held-out frames.
"""

from __future__ import annotations

# Clauses that may follow "please", "could you", "then", ...
IMPERATIVE = (
    "{put} {P} {in} {C}", "{put} {P} {in} {C}", "{put} {P} {in} {C}", "{put} {P} {in} {C}",
    "{put} {P} {in} {C}", "{put} {P} {in} {C}", "{put} {P} {in} {C}",
    "{take} {P} and {put} {it} {in} {C}", "{take} {P} and then {put} {it} {in} {C}",
    "{take} {P}, {put} {it} {in} {C}", "{take} {P} to {C}", "{take} {P} [and go ]over to {C}",
    "{in_front} {C} {put} {P}", "{in_front} {C}, {put} {P}", "fill {C} with {P}",
    "load {C} with {P}", "load {P} into {C}", "make sure {P} {ends} up {in} {C}",
    "make sure that {P} {is} {in} {C}", "have {P} {pp} {in} {C}", "let {P} go {in} {C}",
    "{put} {in} {C} {P}", "get {P} {in} {C}", "use {C} for {P}", "add {P} to {C}",
    "see to it that {P} {ends} up {in} {C}", "give {C} {P}", "find {P} and {put} {it} {in} {C}",
    "{put} {P} where {C} is", "leave {P} {in} {C}", "get {P} off the table and {in} {C}",
    "~{put} {P} away {in} {C}", "~{take} {P} up and let {it} go {in} {C}",
    "~ensure {P} {gets} {pp} {in} {C}", "~look for {P} and {put} {it} {in} {C}",
    "~go and {put} {P} {in} {C}", "~grab hold of {P} and {put} {it} {in} {C}",
    "~see that {P} {gets} {in} {C}", "~reach for {P} and {put} {it} {in} {C}",
    "~with your gripper {put} {P} {in} {C}",
)  # fmt: skip
GERUND = ("{putting} {P} {in} {C}", "{putting} {P} {in} {C}", "moving {P} {in} {C}",
          "~getting {P} {in} {C}")  # fmt: skip
# Whole sentences for one step.
DECLARATIVE = (
    "{P} {in} {C}", "{P} {in} {C}", "{P} to {C}", "{P} -> {C}", "{P} → {C}", "{P} => {C}",
    "{P}: {C}",
    "{P} {goes} {in} {C}", "{P} {goes} {in} {C}", "{P} should go {in} {C}",
    "{P} should be {in} {C}", "{P} {belongs} {in} {C}", "{P} must be {pp} {in} {C}",
    "{P} needs to be {pp} {in} {C}", "{P} needs to go {in} {C}", "{P} has to go {in} {C}",
    "I want {P} {in} {C}", "I need {P} {in} {C}", "I would like {P} {in} {C}",
    "I'd like to see {P} {in} {C}", "I'd like to have {P} {in} {C}", "I want to have {P} {in} {C}",
    "can I have {P} {in} {C}", "can {P} be {pp} {in} {C}", "could {P} go {in} {C}",
    "could I get {P} {in} {C}", "would you mind {putting} {P} {in} {C}",
    "how about {putting} {P} {in} {C}", "what about {putting} {P} {in} {C}",
    "do you mind {putting} {P} {in} {C}", "I want {P} to be {pp} {in} {C}",
    "I'd like {P} to be {in} {C}", "{C} is where {P} {goes}", "{C} is where {P} should be",
    "{C} should contain {P}", "{C} needs {P}", "{C} is missing {P}", "{C} should have {P} in it",
    "{C} gets {P}", "{P} {is} supposed to be {in} {C}", "the goal is {P} {in} {C}",
    "goal: {P} {in} {C}", "task: {putting} {P} {in} {C}",
    "I was hoping you could {put} {P} {in} {C}",
    "it would be great if you could {put} {P} {in} {C}", "time to {put} {P} {in} {C}",
    "you see {P}? {put} {it} {in} {C}", "do you see {P}? {put} {it} {in} {C}",
    "see {P}? {it2} {goes} {in} {C}", "don't leave {P} where {it} {is}, {put} {it} {in} {C}",
    "I think {P} should go {in} {C}", "my boss wants {P} {in} {C}", "we need {P} {in} {C}",
    "next up is {P}, {in} {C} please", "here is {C}, {put} {P} in it",
    "there is {C}, {put} {P} in there", "I wonder if you could {put} {P} {in} {C}",
    "what I want is {P} {in} {C}", "is it possible to {put} {P} {in} {C}",
    "are you able to {put} {P} {in} {C}", "it's time for {P} to go {in} {C}",
    "see {C}? {put} {P} in it", "{in_front} {C} I want {P}", "{in_front} {C} goes {P}",
    "~{P} would be better off {in} {C}", "~I'm thinking {P} could go {in} {C}",
    "~{C} is the right place for {P}", "~let me see you {put} {P} {in} {C}",
    "~any chance you could {put} {P} {in} {C}", "~the place for {P} is {C}",
    "~what I need from you is {P} {in} {C}", "~we want {P} to end up {in} {C}",
    "~it would be nice to have {P} {in} {C}", "~mind {putting} {P} {in} {C}",
    "~{P} ought to be {in} {C}", "~I'd be happy to see {P} {pp} {in} {C}",
    "~next job: {P} {in} {C}",
)  # fmt: skip
PREFIX = (
    "", "", "", "", "", "", "please ", "please ", "could you [please ]", "can you [please ]",
    "would you [please ]", "robot, ", "hey robot, ", "hey, ", "ok, ", "okay ", "hi, can you ",
    "I need you to ", "I want you to ", "I'd like you to ", "I would like you to ", "now ",
    "now please ", "go ahead and ", "kindly ", "let's ", "would you be so kind as to ",
    "your job is to ", "your task is to ", "you should ", "you need to ", "try to ", "quickly ",
    "carefully ", "gently ", "just ", "hello, please ", "will you ", "you must ", "you have to ",
    "help me [to ]", "can you help me [to ]", "right, ", "so, ", "um, ", "well, ", "dear robot, ",
    "X2, ", "if you don't mind, ", "if possible, ", "alright, ", "ok robot, ", "sure, ",
    "good morning, please ", "you can ", "do me a favour and ", "be a dear and ",
    "I am asking you to ", "listen: ", "task: ", "instruction: ", "as soon as you can, ",
    "~would it be possible for you to ", "~buddy, ", "~we'd like you to ",
    "~could I ask you to ", "~when you get a chance, ", "~I'd appreciate it if you would ",
    "~hi there, please ", "~why don't you ", "~next, please ",
)  # fmt: skip
SUFFIX = (
    "", "", "", "", "", "", "", "", "", " please", ", please", ", thanks", ", thank you",
    " for me", " now", " right away", " carefully", " when you have time", " if you can",
    ", would you", ", ok", " asap", " gently", ", and nothing else", ", will you",
    " and leave everything else where it is", " and don't touch anything else", " right now",
    " as fast as you can", ". thanks a lot", ". thank you very much", " then stop",
    " and that's it", ", that's all", " for us", " slowly", " without dropping anything",
    " and tell me when you're done", " with your left hand", " with your right arm",
    " using either hand", " today", " immediately", " and be careful", ", cheers", ", robot",
    "~, that would be great", "~ at your own pace", "~ if you don't mind", "~, much appreciated",
    "~ straight away", "~ and leave the others alone", "~, and then you are done",
)  # fmt: skip
# Two clauses {a} then {b}; later clauses chain on with NEXT.
NEXT = (
    "{a}, then {b}", "{a}, then {b}", "{a} then {b}", "{a} and then {b}", "{a}, and then {b}",
    "{a}. Then {b}", "{a}. {b}", "{a}; {b}", "{a}, {b}", "{a} and {b}", "{a}, and {b}",
    "{a}. After that, {b}", "{a}, after that {b}", "{a}. Next, {b}", "{a}; next {b}",
    "{a}. Afterwards {b}", "{a}, afterwards {b}", "{a}. Once that's done, {b}",
    "{a}. When that is done, {b}", "{a}; then {b}", "{a}. And {b}", "{a}, also {b}",
    "{a}. Also {b}", "{a}. Finally, {b}", "{a} and finally {b}", "{a}. Now {b}",
    "{a}. When you're finished, {b}", "{a} before you {b}", "{a}, next {b}", "{a}. Lastly {b}",
    "{a}. Second, {b}", "{a} & {b}", "{a} + {b}", "{a}. Last, {b}", "{a}, followed by this: {b}",
    "{a}. Subsequently {b}", "{a}, and after that {b}", "{a}\n{b}",
    "~{a}; when finished, {b}", "~{a}, and once you have done that, {b}",
    "~{a}. As a next step, {b}",
    "~{a}; afterwards you {b}", "~{a}, and last but not least {b}", "~{a}. From there, {b}",
    "~{a}, and in the end {b}", "~{a}. The next thing is to {b}",
)  # fmt: skip
FIRST = ("first ", "first, ", "first of all ", "firstly, ", "to begin with, ", "start: ",
         "to start, ", "~before anything else, ", "~the first thing is to ")  # fmt: skip
# {ga}, {gb} gerund clauses; the order of doing is a, then b.
PAIR = (
    "before {gb}, {a}", "after {ga}, {b}", "{b}, but first {a}", "{b} after {ga}",
    "{a} before {gb}", "start by {ga}, then {b}", "begin with {ga} and end with {gb}",
    "after you {a}, {b}", "before you {b}, {a}", "once you have {a_pp}, {b}",
    "{a}, followed by {gb}",
    "step 1: {a}. step 2: {b}", "1. {a} 2. {b}", "1) {a} 2) {b}", "step one: {a}; step two: {b}",
    "first {a} and only then {b}", "as soon as you have {a_pp}, {b}", "(1) {a} (2) {b}",
    "a) {a} b) {b}", "only {b} after {ga}", "- {a}\n- {b}", "start with {ga}, continue with {gb}",
    "~when you have {a_pp}, {b}", "~{b}, but do this before: {a}",
    "~finish by {gb}, but begin by {ga}",
    "~prior to {gb}, {a}", "~having {a_pp}, {b}", "~do two things: {a}, {b}",
)  # fmt: skip
# Elided second steps: the verb is not said again.
ELIDED = (
    "{x}, then {P} {in} {C}", "{x} and {P} {in} {C}", "{x}, {P} {in} {C}",
    "{x} and then {P} {in} {C}",
    "{x}, and {P} {in} {C}", "{x}; {P} {in} {C}", "{x}, after that {P} {in} {C}",
    "{x}. Then {P} {in} {C}", "{x}, finally {P} {in} {C}", "{x}. {P} {goes} {in} {C}",
    "{x} and {P} {goes} {in} {C}", "{x} while {P} {goes} {in} {C}", "{x}, but {P} {in} {C}",
    "{x}; {P} to {C}", "{x}, next {P} {in} {C}", "{x}, {P} -> {C}", "{x}, with {P} going {in} {C}",
    "{x} whereas {P} {goes} {in} {C}", "~{x}, followed by {P} {in} {C}",
    "~{x}, as for {P}, {in} {C}",
    "~{x}, {P} though {goes} {in} {C}", "~{x}, afterwards {P} {in} {C}",
)  # fmt: skip
# The same container again, said with a pro-form.
SAME = (
    "{x}, then {put} {P} there too", "{x}. {put} {P} in there as well",
    "{x} and {put} {P} there too",
    "{x}, and {P} too", "{x}, then also {P}", "{x}. Then {put} {P} in the same {c}",
    "{x}, then {put} {P} in the same {c}", "{x}, {P} as well", "{x}. {P} {goes} in the same {c}",
    "{x}. Do the same with {P}", "{x}, then do the same with {P}", "{x}. Same for {P}",
    "{x}, followed by {P}", "{x} and then {P}", "{x}, then {P}", "{x}; {P} {goes} there too",
    "~{x}, and likewise {P}", "~{x}. {P} should join {it}", "~{x}. Also {P}, same {c}",
)  # fmt: skip
SORT = (
    "sort {P} by (colour|color)", "sort {P} into {A} by (colour|color)",
    "sort {P} according to (colour|color)", "match {P} with {A} of the same (colour|color)",
    "distribute {P} by (colour|color)", "arrange {P} by (colour|color) in {A}",
    "{put} {P} in {A} by (colour|color)", "~organise {P} in {A} by (colour|color)",
    "separate {P} by (colour|color) into {A}", "~group {P} by (colour|color) in {A}",
)  # fmt: skip
# No container said.
NO_TARGET = (
    "clear the table", "clean up the table", "tidy up", "clear the bench", "tidy the workbench",
    "clean up this mess", "put everything away", "put away all [the ]parts", "clean the table up",
    "empty the table", "~tidy up the bench, please", "~get everything off the table",
)  # fmt: skip
NEGATED = (
    "don't {put} {P} {in} {X}, {put} {it} {in} {C}", "not {in} {X}, {put} {P} {in} {C}",
    "{put} {P} {in} {C}, not {in} {X}", "{put} {P} {in} {C} and not {in} {X}",
    "{put} {P} {in} {C} instead of {X}", "{P} {goes} {in} {C}, not {in} {X}",
    "rather than {X}, use {C} for {P}", "{put} {P} {in} {X}, no wait, {in} {C}",
    "{put} {P} {in} {X}, sorry, I mean {C}", "{put} {Q}, no, {P} {in} {C}",
    "{put} {P} {in} {C}, but leave {Q}", "{put} {P}, not {Q}, {in} {C}",
    "{put} {P} {in} {C} but don't touch {Q}", "{put} {P} {in} {C} and leave {Q} alone",
    "without touching {Q}, {put} {P} {in} {C}", "leave {Q} where it is and {put} {P} {in} {C}",
    "~{put} {P} {in} {C} rather than {in} {X}", "~{put} {P} {in} {C}; {Q} stays where it is",
)  # fmt: skip
CLEAR = (
    "clear the table into {C}", "empty the bench into {C}",
    "sweep everything off the table into {C}",
    "clear everything off the table into {C}", "clear the bench, {C} is where it goes",
    "~tidy the table into {C}",
)  # fmt: skip
EMPTY = (
    "empty {S} into {C}", "move the contents of {S} to {C}", "transfer what's in {S} to {C}",
    "move everything from {S} to {C}", "whatever is in {S} goes {in} {C}", "empty out {S} into {C}",
    "{put} the contents of {S} {in} {C}", "unload {S} into {C}", "~tip everything in {S} into {C}",
    "take everything out of {S} and {put} it {in} {C}", "~what {S} holds should go {in} {C}",
)  # fmt: skip
# {E} stays where it is, all other parts go.
LEAVE = (
    "leave {E} and {put} (everything else|the rest|all other parts|the others) {in} {C}",
    "leave {E} [alone], {put} (everything else|the other parts|all others) {in} {C}",
    "don't touch {E}, {put} (everything else|the rest|the other parts) {in} {C}",
    "{put} (everything else|all the other parts|the rest) {in} {C} but leave {E} where it is",
    "{E} stays, (everything else|the rest|all other parts) (goes|go) {in} {C}",
    "~keep {E} where it is and {put} (everything else|all others) {in} {C}",
)  # fmt: skip
AWAY = ("{put} {P} away", "put away {P}", "tidy {P} away", "clean up {P}", "clear {P} away",
        "{take} {P} and put {it} away", "~stow {P} away")  # fmt: skip
