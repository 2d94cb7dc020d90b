# SPDX-License-Identifier: Apache-2.0
"""What people say around an instruction without meaning anything by it.

{N} is any noun, also one that the robot does not know: outside the instruction it does not matter.
"""

from __future__ import annotations

import random

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


def filled(rng: random.Random, text: str, language: str) -> str:
    """The text with its noun slots filled."""
    while "{N}" in text:
        nouns = words.NOUNS_ZH if language == "zh" else words.NOUNS_EN
        text = text.replace("{N}", rng.choice(nouns), 1)
    return text
