# SPDX-License-Identifier: Apache-2.0
"""What people say around an instruction without meaning anything by it.

{N} is any noun, also one that the robot does not know: outside the instruction it does not matter.
"""

from __future__ import annotations

import random

from neuraxis_field.language import (
    compose,
    en_around,
    en_chains,
    odd_words,
    zh_around,
    zh_chains,
    zh_special,
)
from neuraxis_field.language import refusal_words as words

BEFORE_EN = (
    "with your hand, ", "with (one|your left|your right) arm ", "using your fingers ",
    "for the (demo|customer|show|next order|{N} order|{N} project), ", "before lunch, ",
    "as we discussed, ", "since I am busy with the {N}, ", "while I get my {N}, ", "for my {N}, ",
    "when you are ready, ", "whenever you like, ", "in the meantime, ", "once more, ", "again, ",
    "ok here is the thing: ", "so here is what I need: ", "my {N} is coming soon so ",
    "this is urgent: ", "one more thing, ", "my dear friend, ", "mate, ", "pal, ", "guys, ",
    "alexa, ", "siri, ", "hey you, ", "listen up, ", "I forgot my {N}, anyway ",
    "because we need space, ",
    "to make room for the {N}, ", "it is getting late, ", "good afternoon, ", "let me think, ",
    "if it is not too much trouble, ", "without hurry, ", "quick task: ", "today's job: ",
    "order 42: ",
    "from where you stand, ", "take your time and ", "be so good as to ", "feel free to ",
    "do try and ",
    "I am told you can ", "it's your turn to ", "make yourself useful and ", "hurry up and ",
    "new task, ", "attention please, ", "note: ", "todo: ", "request: ", "action: ", "oh, and ",
)  # fmt: skip
AFTER_EN = (
    ", the {N} can wait", " before the {N} arrives", " so that we have space for the {N}",
    " because my {N} is coming", " for the (customer|demo|order|boss|{N})", " as we discussed",
    " like last time", " like you did before", ", I will get the {N}", ", you are the best",
    ", that would help me", " as soon as possible", ", please be quick",
    " with both hands if needed",
    " with one hand", " with care", " and mind the {N}", ", I trust you", ", no rush",
    " one by one",
    ", if that is okay", ", got it", ", understood", ", alright", " this time", " again",
    " once more",
    " before we go home", " until I am back", ", my friend", ", mate", " in a safe way",
    ", I'm waiting",
    " while I look for my {N}", ", that's the plan", ", then we can have lunch", " so I can start",
    ", it belongs there", ", they belong there", ", I need it for the {N}", " if you would",
    ", pronto",
)  # fmt: skip
BEFORE_ZH = (
    "用你的手", "用一只手", "为了(演示|客户|订单|展会)，", "吃饭之前，", "像上次说的那样，",
    "我去拿{N}，你",
    "等你准备好了，", "趁现在，", "再来一次，", "事情是这样的，", "我的{N}快到了，", "这个很急，",
    "还有一件事，",
    "朋友，", "哥们，", "师傅，", "同学，", "小家伙，", "听我说，", "为了给{N}腾地方，",
    "时间不早了，", "下午好，",
    "让我想想，", "如果不麻烦的话，", "不着急，", "今天的工作：", "快速任务：", "新任务，",
    "注意，", "备注：", "待办：",
    "轮到你了，", "听说你会", "试着", "别客气，", "对了，", "哦，", "顺手", "我忙着弄{N}，你来",
)  # fmt: skip
AFTER_ZH = (
    "，{N}不急", "，好给{N}腾地方", "，我去拿{N}", "，因为{N}快到了", "，给客户看", "，像上次一样",
    "，你最棒了",
    "，这样就能帮到我", "，越快越好", "，一个一个来", "，没问题吧", "，明白了吗", "，知道了吗",
    "，我等着呢", "，再来一次",
    "，然后我们去吃饭", "，拜托了朋友", "，注意别碰到{N}", "，用一只手就行", "，它就该在那里",
    "，我要用{N}", "，收到请执行",
)  # fmt: skip


_SALAD_EN = tuple(
    """maybe honestly well actually basically sure today tonight soon later always never often
    really quite very please kindly my our your their his her this that these some before
    after while since until because although still already just even only almost together
    alone here there everywhere morning evening week month year friend team boss client order
    plan project meeting work home day think know hope guess believe remember promise say tell
    told said need like love time way moment we you they he she it was were been being have
    had do did done going coming waiting looking happy ready busy late early quick slow nice
    good better best great fine okay right wrong""".split()
)
_SALAD_ZH = tuple(
    """今天 现在 马上 其实 可能 大概 已经 刚才 以后 之前 一直 总是 经常 有时 我们 你们 他们 大家
    老板 客户 朋友 觉得 希望 记得 知道 听说 据说 因为 所以 虽然 如果 时间 地方 事情 工作 项目
    订单 会议 早上 晚上 下午 上周 明年 很好 很快 特别 非常 比较 真的 确实 当然 反正 总之 另外
    突然 慢慢 认真 高兴 着急 准备 开始 等待 方便 需要""".split()
)


def salad(rng: random.Random, language: str) -> str:
    """A few common words with no meaning between them, as an aside before or after."""
    words_ = _SALAD_ZH if language == "zh" else _SALAD_EN
    return ("" if language == "zh" else " ").join(
        rng.choice(words_) for _ in range(rng.randint(1, 4))
    )


HANDS_EN = ("hand", "hands", "arm", "arms", "fingers", "left hand", "right hand", "claw", "palm",
            "manipulator", "left arm", "best hand", "pincers", "robot hand", "tool",
            "own hands")  # fmt: skip
HANDS_ZH = ("手", "左手", "右手", "手臂", "机械手", "手指", "双手", "机械臂", "抓手", "工具")


_TABLES = {
    "en": en_around.TABLES | {"then": en_chains.THEN, "others": en_around.OTHERS},
    "zh": zh_around.TABLES | {"then": zh_chains.THEN, "others": zh_special.OTHERS},
}


def filled(rng: random.Random, text: str, language: str, split: str = "train") -> str:
    """The text with its slots for nouns, hands, words from tables and odd words filled."""
    tables = _TABLES[language]
    text = compose.resolved(rng, text, tables)
    while "<odd>" in text:
        plain = split != "train"
        word = rng.choice(tables["adverb"]) if plain else odd_words.drawn(rng, language)
        text = text.replace("<odd>", word, 1)
    text = text.replace("{H}", rng.choice(HANDS_ZH if language == "zh" else HANDS_EN))
    while "{N}" in text:
        nouns = words.NOUNS_ZH if language == "zh" else words.NOUNS_EN
        text = text.replace("{N}", rng.choice(nouns), 1)
    return text
