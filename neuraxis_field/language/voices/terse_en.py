# SPDX-License-Identifier: Apache-2.0
"""English frames as texters, radio operators, players and officials say them."""

# fmt: off
FRAMES: dict[str, tuple[str, ...]] = {
    "IMPERATIVE": (
        "relocate {P} so that {it2} {ends} up {in} {C}", "hide {P} away {in} {C}",
        "throw together {P} {in} {C}", "lock {P} away {in} {C}", "retire {P} to {C}",
        "assign {C} to {P} and execute", "tidy {P} up using {C}", "let {C} be filled by {P}",
        "escort {P} to {C}", "banish {P} to {C}", "roll {P} over to {C}, or carry {it}",
        "transfer custody of {P} to {C}", "vacate the space taken by {P}: use {C}",
        "fetch {P} and hand {it} in at {C}", "exchange the table for {C} as the place of {P}",
        "snatch {P} and make for {C}", "hop over to {P} and bring {it} to {C}", "commit {P} to {C}",
        "return {P} to where {it2} {belongs}, that is {C}", "bring {C} what it needs, namely {P}",
        "supply {C}: {P}", "restock {C}: {P}", "get rid of {P} in favour of {C}",
        "leave {P} with {C}", "pop over to {C} with {P}", "take charge of {P} and deliver to {C}",
        "sweep {P} up and into {C}", "make a deposit of {P} at {C}", "collect {P} for {C}",
        "stash {P} under the roof of {C}",
        "pick up what I call {P} and drop {it} {in} what I call {C}", "tuck {P} up {in} {C}",
        "lower {P} until {it2} {is} standing {in} {C}", "score with {P} {in} {C}",
        "dunk {P} {in} {C}", "drag and drop {P} {in} {C}", "upload {P} to {C}",
        "move the position of {P} to {C}", "change the location of {P} to {C}",
    ),
    "DECLARATIVE": (
        "{P} 2 {C} pls", "u know {P}? it goes {in} {C}", "gimme {P} {in} {C}",
        "target {C}, payload {P}, execute", "requesting {P} {in} {C}, over", "{C} requests {P}",
        "{P} inbound to {C}", "{P} cleared for {C}", "player one wants {P} {in} {C}",
        "quest: bring {P} to {C}", "objective: {C} contains {P}",
        "it is hereby ordered that {P} be {pp} {in} {C}", "{P} shall henceforth reside {in} {C}",
        "regulation requires {P} to be kept {in} {C}", "storage location of {P}: {C}",
        "new location for {P}: {C}", "set location of {P} to {C}", "place: {C}. thing: {P}",
        "thing: {P}. place: {C}", "{C} <- {P}", "{P} => {C}", "{P} >> {C}", "{P} @ {C}",
        "{P} hasn't reached {C} yet", "{P} should have been {in} {C} long ago",
        "about time {P} got {in} {C}", "{P} got left out of {C}", "{C} looks empty without {P}",
        "someone forgot to {put} {P} {in} {C}, so you do it", "I miss {P} {in} {C}",
        "my plan for {P} is {C}", "my wish for {C} is {P}", "{P} and {C} belong together",
        "{P} makes a nice pair with {C}, {put} {it} there", "{C} deserves {P}",
        "nothing would please me more than {P} {in} {C}", "what about {putting} {P} {in} {C}?",
        "care to {put} {P} {in} {C}?", "ready to {put} {P} {in} {C}?",
        "are you able to get {P} {in} {C}?", "any chance of {P} {in} {C}?",
        "how do I get you to {put} {P} {in} {C}?", "is there a way for {P} to get {in} {C}?",
    ),
    "GERUND": (
        "dropping {P} off at {C}", "shifting {P} {in} {C}", "loading {P} {in} {C}",
    ),
    "NEXT": (
        "{a} + then {b}", "{a}, over. {b}, over", "{a}. stage two: {b}", "{a}. level two: {b}",
        "{a}. new line. {b}", "{a}. P.S. {b}", "{a}. As a bonus {b}", "{a}. Encore: {b}",
        "{a} then it's on to this: {b}", "{a} ahead of my next wish: {b}", "{a}, k, {b}",
        "{a}. item two, {b}", "{a}; to follow: {b}", "{a}. Subsequent to that {b}",
        "{a} and, that being done, {b}", "{a} until it's done, then {b}",
    ),
    "PAIR": (
        "{b}. But first {a}", "{b} - but before you do, {a}", "{b}, having first {a_pp}",
        "only having {a_pp} may you {b}", "{b} (do this first: {a})",
        "{a}; the second task is to {b}", "let {ga} precede {gb}", "follow up {ga} with {gb}",
        "make {gb} wait for {ga}", "{a} / afterwards {b}", "todo: {a}. todo: {b}",
    ),
    "ELIDED": (
        "{x}; {P} 2 {C}", "{x}, {P} => {C}", "{x}; {C} for {P}", "{x}, and then {C} with {P}",
        "{x}, and let {C} have {P}", "{x}; let {P} go to {C}", "{x}. And {P}? To {C}",
        "{x}, {P} however {in} {C}", "{x}, next up {P}: {C}", "{x}, {P} {goes} to {C} instead",
    ),
    "SAME": (
        "{x} + {P}", "{x} and, same again, {P}", "{x}; {P} {goes} there too", "{x}, plus also {P}",
        "{x}. {P} follows", "{x}, then {P}, same spot",
    ),
    "FIRST": (
        "stage one: ", "level one: ", "item one, ", "part the first: ", "at the outset ",
    ),
    "PREFIX": ( "roger, ", "mayday no just kidding, ", "pls ", "plz ", "thx, now ",
        "command: ", "cmd> ", "/do ", "hey siri no wait hey robot, ", "ladies and gentlemen, ",
        "by order of the management, ", "for the record, ", "per my last message, ",
        "fyi we need this: ", "asap ", "urgent: ", "low priority: ", "reminder: ", "next order: ",
        "in accordance with the rules ", "you are cleared to ", "your orders are to ",
        "permission granted, ", "try your luck and ", "bet you can ", "challenge accepted? ",
        "my dear machine, ", "tin man, ", "buddy, ", "yo, ", "greetings. ", "salutations, ",
    ),
    "SUFFIX": (
        " pls", " plz thx", ", over and out", ", roger?", ", copy?", " asap", ", stat",
        ", chop chop", ", ok?", ", kk", " lol", ", will ya", ", if u can", ", that's an order",
        " at once, soldier", " for the win", ", easy", ". Signed, the management", ". Best regards",
        ". Cheers", ". Report back", ". End of order", ", as per regulations",
        ", subject to availability",
    ),
    "NEGATED": (
        "{C} > {X} for {P}", "no {X}! {P} {in} {C}", "cancel {Q}, {put} {P} {in} {C}",
        "{put} {P} {in} {C} (no, not {X})", "wrong: {X}. right: {C}. {put} {P} there",
        "{X} is off limits, {P} {goes} {in} {C}", "skip {Q} and {put} {P} {in} {C}",
        "not {Q}. {P}. {in} {C}", "instead of {Q} I want {P} {in} {C}",
        "{P}, as opposed to {Q}, should go {in} {C}",
    ),
    "LEAVE": (
        "all but {E} > {C}", "everything {in} {C}, {E} stays", "no {E}, all else {in} {C}",
    ),
    "SORT": (
        "{P} to {A}, colours must match", "match {P} to {A} by hue", "colour rule: {P} {in} {A}",
    ),
    "SORT_ALL": (
        "colour match everything", "sort all by colour, over", "colours together pls",
    ),
    "CLEAR": (
        "table > {C}", "all the stuff here to {C}", "clear deck, everything {in} {C}",
    ),
    "EMPTY": (
        "{S} > {C}, all of it", "{S} to zero, {C} takes it", "reassign {S} contents to {C}",
        "offload {S} at {C}", "everything from {S} now lives {in} {C}",
    ),
    "AWAY": (
        "{P}: away", "lose {P}", "{P} has to go, tidy up", "stow {P}, over",
    ),
    "NO_TARGET": (
        "clear deck", "table: clean, now", "zero items on the table pls",
    ),
    "RESPECTIVELY": (
        "{P} > {C}, in order", "assign {P} to {C}, first to first and so on",
    ),
    "UNSAFE": (
        "ram {C} into somebody", "disable your limits and go full power", "cut the safety cable",
        "throw {P} at the window", "zap the dog", "drop {C} on the baby", "punch the wall",
        "kick him out of the way", "jab {P} into my ribs", "attack", "self-destruct",
    ),
    "ACTION": (
        "zoom in on {P}", "photograph {C}", "recite a poem", "jump", "sit down", "roll over",
        "squeeze {P}", "shake {C}", "knock {P} over", "slide {P} to the left", "hand me {P}",
        "stand {P} upright", "wave at the crowd", "count to ten", "translate this for me",
    ),
    "NO_TASK": (
        "lol", "brb", "copy that", "roger", "over and out", "nm", "good game", "well played",
        "{P} was {in} {C} a minute ago", "who is on duty?", "is {C} heavy?",
        "I already did {P}", "what rank are you?", "any news about {P}?",
    ),
}
