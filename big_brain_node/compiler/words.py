# SPDX-License-Identifier: Apache-2.0
"""Refusals as people hear them: each code's reason and suggestion in the sentence's language.

Code that refuses says why in English, with the numbers. Here every refusal gets its suggestion,
and in a Chinese conversation both in Chinese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from big_brain_node.compiler.ground import GroundedStep
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk
from neuraxis_bridge.program import Noun
from neuraxis_bridge.reasons import describe
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import CarryToStep, PutStep, Step

_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Said:
    """One code in words.

    Attributes:
        reason_zh: ``{it}`` stands for the thing or place.
        try_en, try_zh: What could be asked or done instead; empty where nothing helps.
    """

    reason_zh: str
    try_en: str = ""
    try_zh: str = ""


_LOOK = ("ask again with everything in view", "请让东西都在视野里，再说一遍")
_NEARER = ("put it nearer to the middle of the bench", "请把它放到工作台中间一点")
_AGAIN = ("ask again", "请再说一遍")
_LEGS = ("look what is in the robot's way, then ask again", "请看看路上有什么，再说一遍")
_CALL = ("look at the robot and its log", "请检查机器人和日志")
_BRAIN = ("look at the brain's address and health", "请检查大脑的地址和状态")

# What a plan is refused for before anything moves, and what a skill may fail with.
CODES: dict[str, Said] = {
    "forbidden_skill": Said(
        "这里不允许这个动作", "ask for something else, or allow the skill", "请换一个动作"
    ),
    "unsupported_action": Said(
        "这台机器人不会走到别处", "ask for something at the bench", "请让我做台上的事"
    ),
    "unknown_place": Said(
        "没有人教过我“{it}”在哪里", "name a place it knows", "请说一个我知道的地方"
    ),
    "not_done": Said("看起来还没有完成", *_LOOK),
    "nothing_to_do": Said("{it}已经在那里了", "name another place", "请说另一个地方"),
    "not_grounded": Said("我在那里没有看到{it}", *_LOOK),
    "label_mismatch": Said("那里的东西看起来不是{it}", *_LOOK),
    "object_used_twice": Said(
        "计划把{it}移动了两次", "move each part once in a sentence", "一句话里每个零件请只移动一次"
    ),
    "seen_elsewhere": Said(
        "走开以后就拿不到在这里看到的{it}",
        "walk last, or in a sentence of its own",
        "请最后再走，或者分开说",
    ),
    "hand_full": Said("手里还拿着东西", "take it out of the hand first", "请先把手里的东西拿走"),
    "does_not_fit": Said("{it}比容器大，放不进去", "choose a larger container", "请选大一点的容器"),
    "too_heavy": Said("{it}对手臂来说太重", "choose a lighter part", "请选轻一点的零件"),
    "keep_out": Said("{it}在禁入区里", "move it out of the zone", "请把它移出禁入区"),
    "unreachable": Said("手够不到{it}", *_NEARER),
    "limits": Said("关节转不到{it}那里", *_NEARER),
    "goal_in_collision": Said(
        "去拿或放{it}会碰到别的东西", "make room around it", "请把周围腾出一点地方"
    ),
    "path_in_collision": Said(
        "去{it}的路上会碰到东西", "make room around it", "请把周围腾出一点地方"
    ),
    "start_in_collision": Said(
        "手臂现在碰着别的东西", "free the arm first", "请先让手臂离开碰到的东西"
    ),
    "no_path": Said("没有安全的路到{it}", "make room on the way", "请在路上腾出一点地方"),
    "timeout": Said("{it}没有按时做完", *_AGAIN),
    "bad_plan": Said(
        "这不是一个有效的计划", "check it: neuraxis plan check", "可用 neuraxis plan check 检查"
    ),
    "bad_request": Said("内部请求有误", *_CALL),
    "no_view": Said("没有新的图像", *_LOOK),
    "no_state": Said("没有机器人的状态", *_CALL),
    "no_grasp": Said("没有可用的抓取", *_AGAIN),
    "object_lost": Said("{it}不在视野里了", *_LOOK),
    "grasp_missed": Said("没有抓到{it}", *_NEARER),
    "part_dropped": Said("{it}从手里滑掉了", *_AGAIN),
    "not_verified": Said("没有看到{it}到了要去的地方", *_LOOK),
    "no_motion": Said("机器人说动了，但没有量到动作", *_CALL),
    "no_other_way": Said("抓{it}的办法都试过了", *_NEARER),
    "failed_before": Said("{it}已经试过几次，都没有成功", *_NEARER),
    "tracking_error": Said("手臂跟不上动作", *_CALL),
    "goal_not_reached": Said("手臂没有到位", *_CALL),
    "grip_timeout": Said("手指没有按时停下", *_CALL),
    "start_mismatch": Said("手臂不在动作的起点", *_AGAIN),
    "small_brain_down": Said("小脑没有回应", *_CALL),
    "not_accepted": Said("小脑还没有启动", *_CALL),
    "preempted": Said("动作被别的命令打断了", *_AGAIN),
    "stopped": Said("脊髓让机器人停下了", "reset the stop once it is safe", "安全以后请复位"),
    "outside_map": Said("{it}在地图外面", *_LEGS),
    "goal_occupied": Said("{it}前面站不下", *_LEGS),
    "no_surface": Said("{it}那里看不到可以放东西的台面", *_LEGS),
    "surface_lost": Said("{it}那里的台面看不见了", *_LEGS),
    "surface_too_high": Said(
        "{it}那里的台面太高，够不到", "name a lower place", "请说一个矮一点的地方"
    ),
    "no_free_spot": Said("{it}没有空的地方可以放", "make room on it", "请在台面上腾出一点地方"),
    "surface_taken": Said(
        "{it}那里手要经过的地方有东西", "make room at its edge", "请在台面边上腾出一点地方"
    ),
    "no_progress": Said("走不到{it}", *_LEGS),
    "odometry_silent": Said("没有里程计", *_CALL),
    "job_timeout": Said("这件事做得太久了", "split it into smaller sentences", "请分成几句话说"),
    "cancelled": Said("按要求取消了"),
    "superseded": Said("有了新的指令"),
    "interrupted": Said(
        "大脑节点停下了", "say 'continue' once it is back", "等它重启后，请说“继续”"
    ),
    "busy": Said("正在做另一件事", "wait for its end, or cancel it", "请等它做完，或者取消它"),
    "nothing_to_resume": Said("没有可以继续的事", "give an instruction", "请给一个指令"),
    "job_too_old": Said("中断的事过去太久了", "give the instruction again", "请重新给出指令"),
    "moved_since": Said("机器人已经不在原来的地方", "give the instruction again", "请重新给出指令"),
    "safe_hold": Said("没有大脑可问，我停在这里", *_BRAIN),
    "brain_unavailable": Said("大脑没有回应", *_BRAIN),
    "brain_timeout": Said("大脑没有按时回答", *_BRAIN),
    "brain_bad_answer": Said("大脑的回答不是计划", *_BRAIN),
    "instruction_empty": Said("指令是空的", "say what to do", "请说要做什么"),
    "instruction_too_long": Said("指令太长了", "say it shorter", "请说短一点"),
}

_UNKNOWN = Said("没有做成（{code}）", *_CALL)


def name_zh(color: str, shape: str) -> str:
    """A thing as a Chinese speaker calls it: ``红色立方体``."""
    return describe(Noun(shape, color), "zh")


def about(
    refused: Rejected,
    step: Step | GroundedStep | GroundedWalk | GroundedCarry,
    index: int,
) -> Rejected:
    """The refusal with the step's number and what the step is about."""
    details: dict[str, Any] = {"step": index} | _names(step) | refused.details
    if "object" in refused.details and "object_zh" not in refused.details:
        # It may be the container: a name is not left to another thing.
        color, _, shape = str(refused.details["object"]).partition(" ")
        details["object_zh"] = name_zh(color, shape) if shape else color
    return Rejected(refused.code, refused.reason, details)


def spoken(refused: Rejected, language: str) -> Rejected:
    """The refusal in a language, with a suggestion.

    Args:
        refused: Why not; what is in this language already stays, and a brain's own words.
        language: ``en`` or ``zh``.
    """
    if "language" in refused.details:
        return refused
    said = CODES.get(refused.code, _UNKNOWN)
    reason, suggestion = refused.reason, str(refused.details.get("suggestion", ""))
    if language == "zh" and not _HAN.search(reason):
        it = refused.details.get("object_zh") or refused.details.get("object") or "它"
        reason = said.reason_zh.format(it=it, code=refused.code)
        if refused.details.get("held") and refused.code != "hand_full":
            reason += "；东西还在手里"
    if not suggestion or (language == "zh") != bool(_HAN.search(suggestion)):
        suggestion = said.try_zh if language == "zh" else said.try_en
    details = refused.details | {"suggestion": suggestion, "language": language}
    return Rejected(refused.code, reason, details)


def _names(step: Step | GroundedStep | GroundedWalk | GroundedCarry) -> dict[str, str]:
    if isinstance(step, PutStep | CarryToStep):
        part = step.object
        return {"object": part.label, "object_zh": name_zh(part.color, part.shape)}
    if isinstance(step, GroundedStep | GroundedCarry):
        part = step.part
        return {"object": part.label, "object_zh": name_zh(part.color, part.shape)}
    if isinstance(step, GroundedWalk):
        return {"object": step.name, "object_zh": next(iter(step.place.names), step.name)}
    return {"object": step.place, "object_zh": step.place}
