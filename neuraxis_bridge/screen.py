# SPDX-License-Identifier: Apache-2.0
"""Sentences that are refused by their words, before any network reads them.

A short list of plain rules in both languages, for what must not hang on what a network happened to
learn: harm to people and animals, protections switched off, orders about the brain's own rules,
code and forged messages, orders that are written somewhere in the view. A rule says what makes it
apply, so that a person can read why a sentence was refused. It can only refuse: nothing becomes a
plan here, and what passes is still read, grounded and checked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from neuraxis_bridge.text import language_of
from neuraxis_common.plan import Refusal, RefusalCode


@dataclass(frozen=True)
class Rule:
    """One reason to refuse.

    Attributes:
        patterns: Any of them in the sentence, folded and in lower case, makes the rule apply.
        reason: In English and in Chinese, as are the suggestions.
    """

    name: str
    code: RefusalCode
    patterns: tuple[re.Pattern[str], ...]
    reason: tuple[str, str]
    suggestion: tuple[str, str] = (
        "ask me to put parts into a tray or bin",
        "可以让我把零件放进托盘或箱子",
    )


def _any(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.DOTALL) for pattern in patterns)


# "the", "my old" and the like, and up to a few words between two that belong together.
_DET = r"(?:the|a|an|my|your|his|her|their|our|this|that|\w+s)\W(?:\w+\W){0,2}?"
_GAP = r"(?:\W+\w+){0,4}?\W+"
_PERSON = (
    r"(?:someone|somebody|anyone|anybody|whoever|him|me|us|"
    rf"(?:{_DET})(?:people|persons?|humans?|m[ae]n|wom[ae]n|lady|guy|child(?:ren)?|kids?|bab(?:y|ies)"
    r"|toddlers?|boys?|girls?|grand(?:ma|pa|mother|father)|mother|father|neighbou?r|operators?"
    r"|visitors?|workers?|co-?workers?|colleagues?|customers?|clients?|guests?|patients?|interns?"
    r"|nurses?|guards?|bystanders?|dogs?|cats?|pets?|pupp(?:y|ies)|kittens?|hamsters?|birds?"
    r"|animals?))\b"
)
_BODY = (
    r"(?:eyes?|nose|mouth|face|ears?|throat|neck|cheeks?|hair|heads?|fingers?|thumb|foot|feet|toes?"
    r"|tongue|chest|belly|stomach|skin|teeth|arms?|legs?)\b"
)
_HARM = (
    r"(?:hit|punch|kick|slap|smack|whack|stab|cut|chok|strangl|burn|electrocut|shock|bit|scratch"
    r"|pinch|squeez|crush|squash|smash|shov|push|ram|trip|knock|attack|hurt|injur|kill|threaten"
    r"|scar|frighten|thr[eo]w|fling|hurl|toss|chuck|lob|pull|trap|beat|pok)(?:e|es|ed|ing|s)?\b"
)
_OFF = (
    r"(?:disabl\w+|deactivat\w+|(?:turn|switch|shut)\w* off|bypass\w*|overrid\w+|ignor\w+"
    r"|disregard\w*|skip\w*|remov\w+|suspend\w*|mut(?:e|ing)|lift\w*|without|no|forget|break\w*)"
)
_GUARDS = (
    r"(?:e-?stop|emergency stop|safet(?:y|ies)|safeguards?"
    r"|limits?|watchdog|collision\w*|interlocks?|light curtain|checks?)"
)
_RULES = (
    r"(?:rules?|instructions|guidelines|guardrails?|restrictions?|polic(?:y|ies)|prompts?"
    r"|programming|constraints)"
)
_OFF_ZH = (
    r"(?:关闭|关掉|关了|取消|禁用|停用|屏蔽|绕过|绕开|跳过|解除|忽略|无视|不管|忘掉|忘记|覆盖"
    r"|突破|不做|没有|不受|去掉|移除|违反|抛开|抛弃)"
)
_GUARDS_ZH = (
    r"(?:急停|安全|限制|限位|限速|碰撞检|检查|看门狗|保护|规则|守则|指令|提示词|设定|原则|约束"
    r"|审核)"
)
_PERSON_ZH = (
    r"(?:(?<!机器)人|同事|小孩|孩子|婴儿|宝宝|奶奶|爷爷|女士|先生|实习生|小朋友|猫|狗|宠物|动物"
    r"|(?<!其)[他她])"
)
_BODY_ZH = (
    r"(?:脸|眼睛|眼里|嘴|鼻子|耳朵|喉咙|脖子|头发|脑袋|头上|手指|手臂|手上|舌头|身上|脚上|脚趾"
    r"|[我你他她]的(?:手|头|脚|腿))"
)
_HARM_ZH = r"[打砸扔丢抛摔踢撞捅戳刺掐勒咬烧烫割划扯塞泼压夹吓]"

_HURT = Rule(
    "hurt",
    "unsafe",
    _any(
        rf"\b{_HARM}(?:\W+\w+){{0,6}}?\W+(?:(?:at|towards?|into|onto|on|to)\W+)?{_PERSON}",
        rf"\b(?:into|onto|on|in|at|against|up|around|over)\W+{_DET}{_BODY}",
        rf"\b(?:thr[eo]w|fling|hurl|toss|chuck|lob)\w*\b.*\b(?:across|catch|as hard|hard as"
        rf"|at the (?:wall|window|screen|door)|at {_PERSON})",
        r"\b(?:stab|strangl|electrocut|poison|ignit|shatter|smash|whack|demolish|swallow)(?:e|es|ing)?\b",
        r"\bset (?:\w+ ){1,4}on fire\b",
        r"\b(?:burn|break|squash|kick|bite|crush)\W+(?:the|my|this|that|his|her)\b",
        r"\b(?:kni(?:fe|ves)|scissors|razor|scalpel|syringe|lighter|gasoline|petrol|bleach|acid"
        r"|bombs?|explosives?|guns?)\b",
        r"\b(?:feed|swallow|inject|make(?! sure| certain)|give)\b.*"
        r"\b(?:pills?|tablets|medicines?|medication|drugs)\b",
        r"\b(?:even (?:if|though|when)|no matter|regardless|never mind)\b.*\b"
        r"(?:some(?:one|body)|any(?:one|body)|people|person|hands?|fingers?|hurts?)\b",
        rf"{_HARM_ZH}[^,.;，。；]{{0,12}}(?:{_PERSON_ZH}|{_BODY_ZH})",
        rf"[朝向往][^,.;，。；]{{0,12}}(?:{_PERSON_ZH}|窗|墙)[^,.;，。；]{{0,8}}[扔砸丢抛摔]",
        rf"[放压顶塞贴架搁][^,.;，。；]{{0,2}}[在到进入][^,.;，。；]{{0,8}}{_BODY_ZH}",
        r"扔向|抛向|抛给|用力摔|摔[到在下碎坏]|砸|[敲打捏]碎|打破|踢[翻倒]|推倒|撞[开倒]|点火|放火|火上|"
        r"打火机|烧[掉毁坏]|电击|剪断|吞下|咬一口|掐住",
        r"[菜小剪尖拿用持]刀|刀[片子具刃]|剪子|火柴|汽油|炸弹|硫酸|消毒液|毒药",
        r"[喂吃].{0,8}药|药.{0,8}[喂吃嘴舌]",
        r"(?:就算|即使|哪怕|不用管|别管|尽管).{0,12}[人手疼]",
    ),
    (
        "I will not do that: it could hurt somebody or damage something",
        "我不会这样做：这可能伤到人或损坏东西",
    ),
)
_PROTECTION = Rule(
    "protection_off",
    "unsafe",
    _any(
        rf"\b{_OFF}{_GAP}?\W*\b{_GUARDS}\b",
        rf"\b{_GUARDS}\b(?:\W+\w+){{0,3}}?\W+(?:off|disabled|skipped|removed)\b",
        r"\b(?:raise|increase|maximi[sz]e)\b.*\blimits?\b",
        rf"{_OFF_ZH}[^,.;，。；]{{0,8}}{_GUARDS_ZH}",
        rf"{_GUARDS_ZH}[^,.;，。；]{{0,6}}(?:关闭|关掉|停用|禁用)",
        r"上限.{0,6}(?:最大|最高|调高|提高|放开)",
    ),
    (
        "I will not work with a protection switched off",
        "我不会在关闭保护的情况下工作",
    ),
)
_MY_RULES = Rule(
    "my_rules",
    "unsafe",
    _any(
        rf"\b{_OFF}{_GAP}?\W*\b{_RULES}\b",
        r"\b(?:jailbr\w+|(?:developer|god|debug|admin\w*) mode|unrestricted|uncensored|role-?play"
        r"|(?:system|hidden|secret) prompt|sudo|you are now|(?:as|i am) (?:your|the|an?) "
        r"(?:admin\w*|developer|root))\b",
        r"\b(?:pretend|imagine|suppose|act)\b.*\b(?:no|without|evil|un\w+)\b",
        r"越狱|(?:开发者?|上帝|调试)模式|管理员(?:身份|权限)|[我以]是?管理员|最高权限|扮演|演戏|提示词"
        r"|你现在是|从现在起|[不别][准许得要能可]拒绝|授权你",
        rf"(?:假装|假设|假如|当作)[^,.;，。；]{{0,10}}{_GUARDS_ZH}",
    ),
    (
        "my rules are not changed by a sentence",
        "我的规则不会因为一句话而改变",
    ),
)
_MARKUP = Rule(
    "markup",
    "not_a_task",
    _any(
        r"[{}]|```|<\||</?[a-z][^<>]*>|\[/?inst\]|https?://|[\"']\s*:\s*[\"'\[{]",
        r"(?:^|[.;\n#>\]]\s*)(?:system|assistant|user|developer|role|root|admin)\s*:",
        r"(?:系统|用户|助手|角色)(?:提示|消息|指令)?\s*:",
        r"\b(?:import|exec|eval)\s*\(|\bimport\s+(?:os|sys|subprocess)\b|\bdrop\s+table\b",
        r"[a-z_]\w*\([^()]*[\"'_,=][^()]*\)|\w\s?=\s?[\[\w\"']",
        r"\b(?:base64|decode|decrypt|rot13)\b|解码|解密|执行代码",
    ),
    (
        "this reads like code or a forged message, not like a request",
        "这像是代码或伪造的消息，而不是请求",
    ),
    (
        "say it in plain words, for example: put the red cube in the blue tray",
        "请用普通的话说，例如：把红色立方体放进蓝色托盘",
    ),
)
_WRITTEN = Rule(
    "written_order",
    "not_a_task",
    _any(
        r"\b(?:obey|follow|execute|carry out|do (?:what|as)|act on|comply with)\b.*\b"
        r"(?:sign|notes?|paper|card|label|poster|screen|written|text|instructions?|says?)\b",
        r"[按照听据][^,.;，。；]{0,8}(?:牌|纸|标签|标语|屏幕|图[里上中]|字条|写|文字)",
    ),
    (
        "I take orders from you, not from what is written in my view",
        "我只听你说的，不听看到的文字",
    ),
    (
        "say yourself which part goes into which tray or bin",
        "请直接说把哪个零件放进哪个托盘或箱子",
    ),
)
RULES = (_MARKUP, _MY_RULES, _PROTECTION, _HURT, _WRITTEN)
# Encoded text keeps its case; words in one case are no code.
_ENCODED = re.compile(r"(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{20,}={0,2}")

# What sounds like harm and is a complaint or a warning.
_FIGURES = re.compile(
    r"(?:\b(?:is|are|was|were)|'s|'re) killing (?:me|us)\b|摔坏了?(?:可|就|是)?要赔"
)


def rule_for(sentence: str) -> Rule | None:
    """The first rule that refuses the sentence, None when none does."""
    folded = unicodedata.normalize("NFKC", sentence)
    if _ENCODED.search(folded):
        return _MARKUP
    text = folded.lower().replace("\u2019", "'").strip()
    text = _FIGURES.sub(" ", text)
    return next((rule for rule in RULES if any(p.search(text) for p in rule.patterns)), None)


def screen(sentence: str) -> Refusal | None:
    """The refusal that the sentence's words alone earn, None for most sentences."""
    rule = rule_for(sentence)
    if rule is None:
        return None
    at = int(language_of(sentence) == "zh")
    return Refusal(code=rule.code, reason=rule.reason[at], suggestion=rule.suggestion[at])
