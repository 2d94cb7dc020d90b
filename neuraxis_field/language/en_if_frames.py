# SPDX-License-Identifier: Apache-2.0
"""English frames for conditions.

Slots of `en_ask_frames` and further: {x} what to do, {y} what to do otherwise, {No} "no red
cube in the tray", {Non} the same without the relation, {not} "isn't".
"""

from __future__ import annotations

IF = (
    "if there {be} {A}, {x}", "if there {be} {A}, {x}", "if there{'s} {A}, {x}", "if {N} {be} {R}, "
    "{x}", "if {N} {be} {R}, {x}", "if {N} {be} {R}, then {x}", "if there {be} {A}, then {x}",
    "if you (see|can see|find|spot|notice|have|detect) {A}, [then ]{x}", "{x} if there {be} {A}",
    "{x} if {N} {be} {R}", "{x}, if {N} {be} {R}", "{x}, if there {be} {A}", "{x} but only if {N} "
    "{be} {R}", "{x}, but only if there {be} {A}", "{x} only if {N} {be} {R}", "{x} only if there "
    "{be} {A}", "only if there {be} {A}, {x}", "only if {N} {be} {R}, {x}", "{x} if you (see|can "
    "see|find|spot) {A}", "in case there {be} {A}, {x}", "in case {N} {be} {R}, {x}",
    "{x} in case {N} {be} {R}", "{x} in case there {be} {A}", "should there be {A}, {x}",
    "should {N} be {R}, {x}", "should you (see|find|spot) {A}, {x}", "{x}, should there be {A}",
    "when there {be} {A}, {x}", "when {N} {be} {R}, {x}", "when you see {A}, {x}",
    "{x} when {N} {be} {R}", "{x} when there {be} {A}", "provided [that ]there {be} {A}, {x}",
    "provided [that ]{N} {be} {R}, {x}", "{x}, provided [that ]{N} {be} {R}", "{x} provided there "
    "{be} {A}", "as long as {N} {be} {R}, {x}", "{x} as long as there {be} {A}", "{x} so long as "
    "{N} {be} {R}", "assuming there {be} {A}, {x}",
    "{x}, assuming {N} {be} {R}", "on condition that {N} {be} {R}, {x}", "{x} on the condition "
    "that there {be} {A}", "check (if|whether) {N} {be} {R}, and if so {x}", "check (if|whether) "
    "there {be} {A}; if so, {x}", "look (if|whether) there {be} {A}, if yes {x}",
    "see (if|whether) {N} {be} {R} and if (so|yes|they are|that's the case), {x}",
    "(is|are) there any {Ps}? (if so|if yes|then|in that case), {x}", "{be} {N} {R}? (if so|then|"
    "in that case|if yes), {x}", "{be} there {A}? (then|if so|if yes|in that case) {x}",
    "given that {N} {be} {R}, {x}", "if any {Ps} (are there|can be seen|are around), {x}",
    "if it('s| is) (true|the case|so) that {N} {be} {R}, {x}", "if and only if {N} {be} {R}, {x}",
    "if you (see|find) that {N} {be} {R}, {x}", "if it turns out that {N} {be} {R}, {x}",
    "{x}. [but ]only do (this|that|it|so) if {N} {be} {R}", "{x}. [but ]only do (this|that|it|so) "
    "if there {be} {A}", "{x}, but (first check|make sure first|check) that {N} {be} {R}",
    "if {A}, {x}", "if {N} {R}, {x}", "if {N} {R} then {x}", "if {N} {R}: {x}", "{A}? {x}",
    "{N} {R}? {x}", "condition: {N} {R}. action: {x}",
    "in the event of there being {A}, {x}", "where there {be} {A}, {x}", "suppose {N} {be} {R}, "
    "then {x}", "once you see {A}, {x}", "if by any chance there {be} {A}, {x}", "if there happens "
    "to be {A}, {x}", "if {N} {be} (already|still|currently|really|actually) {R}, {x}",
    "if {A} {be} (there|present|in view), {x}", "{x} if, and only if, there {be} {A}",
    "~supposing there {be} {A}, {x}", "~{x}, that is if {N} {be} {R}", "~go by this: with {A} "
    "around, {x}", "~whenever {N} {be} {R}, {x}", "~{x} subject to {N} being {R}", "~{x} - but "
    "that goes for the case where {N} {be} {R}", "~contingent on there being {A}, {x}",
    "~have a look: {N} {be} {R}? then go ahead and {x}", "~got {A}? well then, {x}",
)  # fmt: skip
IF_HOLDING = (
    "if {N} {holds} {M}, {x}", "if {N} {contains} {M}, {x}", "if {N} {have} {M} in {it}, {x}",
    "{x} if {N} {holds} {M}", "{x} if {N} {contains} {M}", "{x}, but only if {N} {have} {M} in "
    "{it}", "should {N} (hold|contain) {M}, {x}", "{does} {N} (hold|contain) {M}? (then|if so,) "
    "{x}", "provided {N} {contains} {M}, {x}", "~as soon as {N} {holds} {M}, {x}",
)  # fmt: skip
IF_THING = (
    "if there('s| is) (anything|something) {W}, {x}", "if (anything|something) is {R}, {x}",
    "{x} if there('s| is) (anything|something) {W}", "{x} if anything is {R}", "if you see "
    "(anything|something) {W}, {x}", "should there be anything {W}, {x}", "anything {W}? then {x}",
    "~with anything at all {W}, {x}",
)  # fmt: skip
UNLESS = (
    "unless there {be} {A}, {x}", "unless {N} {be} {R}, {x}", "unless {N} {be} {R}, {x}",
    "{x} unless there {be} {A}", "{x} unless {N} {be} {R}", "{x}, unless {N} {be} {R}",
    "{x}, unless there{'s} {A}", "unless you (see|can see|find|spot|have|notice) {A}, {x}",
    "{x} unless you (see|find|can see|spot) {A}", "{x}, unless there happens to be {A}",
    "if there {be} {No}, {x}", "{x} if there {be} {No}", "if {Non} {be} {R}, {x}", "{x} if {Non} "
    "{be} {R}", "{x}, but only if there {be} {No}", "{x} only if {Non} {be} {R}", "if you (see|"
    "find|have) {No}, {x}", "{x} if you (see|find) {No}", "when there {be} {No}, {x}",
    "if {N} {not} {R}, {x}", "{x} if {N} {not} {R}", "if {N} {be} not {R}, [then ]{x}",
    "{x}, but only if {N} {be} not {R}", "{x} only if {N} {not} {R}", "if there {not} {A}, {x}",
    "{x} if there {not} {A}",
    "should there be {No}, {x}", "should {N} not be {R}, {x}", "should you not (see|find) {A}, {x}",
    "if you (don't|do not|can't|cannot) (see|find|spot) {A}, {x}", "{x} if you (don't|do not|can't|"
    "cannot) (see|find) {A}", "in case there {be} {No}, {x}", "in case {N} {not} {R}, {x}",
    "provided there {be} {No}, {x}", "provided {N} {be} not {R}, {x}",
    "{x}, except (if|when|where) there {be} {A}", "except if there {be} {A}, {x}",
    "{x} as long as there {be} {No}", "as long as {N} {not} {R}, {x}", "assuming {N} {not} {R}, "
    "{x}", "check (if|whether) {N} {be} {R}; if not, {x}", "check (if|whether) there {be} {A}, and "
    "if not, {x}", "see (if|whether) {N} {be} {R} and if (not|they aren't|that isn't so), {x}",
    "{be} {N} {R}? (if not|if no), {x}", "{be} there {A}? (if not|if none), {x}",
    "look for {A}; if there {be} none, {x}", "{x}. (don't|do not) do (it|this|that) if {N} {be} "
    "{R}", "{x}. (don't|do not|no need to) do (it|this|that) if there {be} {A}", "if {No}, {x}",
    "{x}, but not if {N} {be} {R}", "{x}, but not if there {be} {A}", "{x}, just not (if|when|"
    "while) {N} {be} {R}", "{x} - skip it if {N} {be} {R}", "{x}, skip (this|it) if there {be} {A}",
    "in the absence of {A}, {x}", "without {A} in view, {x}", "{No}? {x}", "{No}? then {x}",
    "if {N} not {R}, {x}", "{N} not {R}? {x}", "if {Non} {R} then {x}", "in the event that {N} "
    "{be} not {R}, {x}", "so long as you see {No}, {x}", "if and only if there {be} {No}, {x}",
    "~barring {A}, {x}", "~{x}, that is as long as {N} {be} not yet {R}", "~where {A} {be} "
    "missing, {x}", "~leave it if there {be} {A}, but for that {x}", "~failing to see {A}, {x}",
    "~{x}, although not with {N} {R}", "~with {No} around, {x}",
)  # fmt: skip
UNLESS_HOLDING = (
    "unless {N} {holds} {M}, {x}", "unless {N} {contains} {M}, {x}", "{x} unless {N} {have} {M} in "
    "{it}", "{x} unless {N} {holds} {M}", "if {N} {does} not (hold|contain) {M}, {x}", "{x} if {N} "
    "{doesnt} (hold|contain) {M}", "if {N} {doesnt} have {M} in {it}, {x}",
    "~so far as {N} {does} without {M}, {x}",
)  # fmt: skip
UNLESS_THING = (
    "if there('s| is) nothing {W}, {x}", "if nothing is {R}, {x}", "{x} if there('s| is) nothing "
    "{W}", "{x} if nothing is {R}", "unless there('s| is) (anything|something) {W}, {x}", "{x} "
    "unless (anything|something) is {R}", "if you see nothing {W}, {x}", "{x} unless there is "
    "something {W}", "if there isn't anything {W}, {x}", "~with nothing at all {W}, {x}",
)  # fmt: skip
IF_ELSE = (
    "if there {be} {A}, {x}, (otherwise|or else|else|if not) {y}", "if {N} {be} {R}, {x}, "
    "(otherwise|or else|else|if not) {y}", "if {N} {be} {R}, {x}; (otherwise|if not), {y}",
    "if there {be} {A}, {x}; (otherwise|if not), {y}", "if {N} {be} {R} {x} else {y}",
    "if there {be} {A} then {x} else {y}", "if you (see|find|spot|can see) {A}, {x}, (otherwise|"
    "if not) {y}", "if you (see|find) {A}, {x}. (otherwise|if you don't|if not), {y}",
    "{x} if there {be} {A}, (otherwise|or else|else|if not) {y}", "{x} if {N} {be} {R}, "
    "(otherwise|or else|if not) {y}", "{x} if {N} {be} {R}, and if not {y}", "{x} if there {be} "
    "{A}, but if not {y}", "if {N} {be} {R}, {x}. if (not|{they} {not}), {y}",
    "should {N} be {R}, {x}, otherwise {y}", "should there be {A}, {x}; if not, {y}",
    "in case {N} {be} {R}, {x}, (otherwise|else) {y}", "in case there {be} {A}, {x}, if not {y}",
    "when there {be} {A}, {x}, otherwise {y}", "when {N} {be} {R}, {x}, (if not|otherwise) {y}",
    "{be} {N} {R}? (then|if so,|if yes,) {x}, (otherwise|if not,|else|if no,) {y}",
    "{be} there {A}? (then|if so,|if yes,) {x}. (otherwise|if not,|if no,) {y}",
    "check (if|whether) {N} {be} {R}: if (so|yes), {x}, if not, {y}", "check (if|whether) there "
    "{be} {A}; if so {x}, otherwise {y}", "see (if|whether) {N} {be} {R}, if so {x}, if not {y}",
    "depending on whether {N} {be} {R}, {x} or {y}", "either {x}, if {N} {be} {R}, or {y}",
    "provided {N} {be} {R}, {x}, (otherwise|failing that) {y}", "{x}, provided there {be} {A}; "
    "(failing that|otherwise) {y}", "if {N} {R}: {x}. else: {y}", "if {A}: {x}, else: {y}",
    "{N} {R}? {x}. if not, {y}", "{A}? {x}. otherwise {y}", "if {N} {be} {R}, {x}, if that's not "
    "the case {y}", "if there {be} {A}, {x}, and in any other case {y}", "if so be that {N} {be} "
    "{R}, {x}, else {y}", "{y}, but if {N} {be} {R}, {x} instead", "{y}, but if there {be} {A}, "
    "{x} instead", "{y}, unless {N} {be} {R}, in which case {x}", "{y}, unless there {be} {A}, "
    "in which case {x}", "assuming {N} {be} {R}, {x}, (otherwise|if not) {y}", "if {N} {be} {R}, "
    "{x}, and if not, (just |then |)(please |){y}",
    "~where {N} {be} {R}, {x}; in all other cases {y}", "~{A} around? {x}. none? {y}",
    "~with {A} in sight, {x}, without, {y}", "~{x} whenever {N} {be} {R}, elsewise {y}",
    "~plan a, if there {be} {A}: {x}. plan b: {y}",
)  # fmt: skip
UNLESS_ELSE = (
    "unless there {be} {A}, {x}, (otherwise|else|or else) {y}", "unless {N} {be} {R}, {x}, "
    "(otherwise|else) {y}", "if there {be} {No}, {x}, (otherwise|else|or else) {y}", "if {Non} "
    "{be} {R}, {x}, (otherwise|else) {y}", "if {N} {not} {R}, {x}, (otherwise|or else|else) {y}",
    "if {N} {be} not {R}, {x}; (otherwise|if so), {y}", "{x} unless there {be} {A}, in which case "
    "{y}", "{x} unless {N} {be} {R}, in (which|that) case {y}", "{x}, unless {N} {be} {R}; then "
    "{y}", "{x}, but if there {be} {A}, {y} instead", "{x}, but if {N} {be} {R}, {y} instead",
    "if you (don't|do not|can't) (see|find) {A}, {x}, (otherwise|if you do,) {y}", "{x} if there "
    "{be} {No}, (otherwise|else) {y}", "{x} if {N} {not} {R}, (otherwise|else|if so) {y}",
    "should there be {No}, {x}, otherwise {y}", "check (if|whether) {N} {be} {R}: if not, {x}, if "
    "so, {y}", "{be} {N} {R}? if not, {x}, if so, {y}", "{be} there {A}? if no, {x}. if yes, {y}",
    "{No}? {x}. otherwise {y}", "if {N} not {R}: {x}, else: {y}", "in case there {be} {No}, {x}, "
    "otherwise {y}", "unless you see {A}, {x}; if you do, {y}", "if {Non} {R}: {x}. else {y}",
    "~{x}, save where {N} {be} {R}; there {y}", "~{x}, though with {A} about, {y}",
    "~barring {A}, {x}; with {it} there, {y}", "~so long as {N} {not} {R}, {x}; from then on {y}",
    "~where there {be} {No}, {x}; everywhere else {y}",
)  # fmt: skip
