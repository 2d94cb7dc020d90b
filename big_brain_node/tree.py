# SPDX-License-Identifier: Apache-2.0
"""The behaviour tree of one attempt at one step, and of the way out when it fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from py_trees.composites import Sequence

from big_brain_node.carrying import carry_tree
from big_brain_node.looks import Look, Verify
from big_brain_node.ports import GripResult, Side
from big_brain_node.skills import Attempt, Grip, Move, Reach, Skill, StillHolding, Tools
from big_brain_node.walk.grounding import GroundedCarry, GroundedWalk
from big_brain_node.walk.skill import walk_tree


def step_tree(attempt: Attempt, tools: Tools) -> Sequence:
    """The tree of whatever the attempt's step is."""
    if isinstance(attempt.step, GroundedWalk):
        return walk_tree(attempt, tools, attempt.step)
    if isinstance(attempt.step, GroundedCarry):
        return carry_tree(attempt, tools, attempt.step)
    return put_tree(attempt, tools)


def put_tree(attempt: Attempt, tools: Tools) -> Sequence:
    """Look, reach, grasp, lift, transfer, lower, release, retreat, home, verify."""
    planner = tools.planner

    def carried(plan):
        return lambda joint_pos_rad, scene: plan(joint_pos_rad, scene, attempt.carry)

    def handed(plan):
        return lambda joint_pos_rad, scene: plan(joint_pos_rad, scene, attempt.carry.side)

    tree = Sequence("put", memory=True)
    tree.add_children(
        [
            Look("look", attempt, tools, tools.config.look_timeout_s),
            Reach(attempt, tools),
            Move("grasp", attempt, tools, carried(planner.plan_grasp)),
            Grip(attempt, tools, close=True),
            Move("lift", attempt, tools, carried(planner.plan_lift)),
            StillHolding(attempt, tools, "lift"),
            Move("transfer", attempt, tools, carried(planner.plan_transfer)),
            StillHolding(attempt, tools, "transfer"),
            Move("place", attempt, tools, carried(planner.plan_lower)),
            Grip(attempt, tools, close=False),
            Move("retreat", attempt, tools, handed(planner.plan_retreat)),
            Move("home", attempt, tools, handed(planner.plan_home)),
            Verify("verify", attempt, tools, tools.config.look_timeout_s),
        ]
    )
    return tree


def recovery_tree(attempt: Attempt, tools: Tools) -> Sequence:
    """Leave the bench as it is and the hands out of the view: put back, open, retreat, home."""
    planner = tools.planner

    def handed(plan):
        return lambda joint_pos_rad, scene: plan(joint_pos_rad, scene, attempt.carry.side)

    tree = Sequence("recover", memory=True)
    if attempt.carry is None:
        return tree
    held = tools.body.gripping(attempt.carry.side)
    if isinstance(held, GripResult) and held.holding:
        tree.add_child(
            Move(
                "put down",
                attempt,
                tools,
                lambda joint_pos_rad, scene: planner.plan_put_back(
                    joint_pos_rad, scene, attempt.carry
                ),
            )
        )
    tree.add_children(
        [
            Grip(attempt, tools, close=False),
            Move("retreat", attempt, tools, handed(planner.plan_retreat)),
            Move("home", attempt, tools, handed(planner.plan_home)),
        ]
    )
    return tree


def home_tree(attempt: Attempt, tools: Tools, sides: Iterable[Side]) -> Sequence:
    """Arms that something left over the bench go up and home; their hands hold nothing.

    What is seen of parts between open fingers is not exact enough to plan the way out by; up is it.
    """
    planner, tree = tools.planner, Sequence("home", memory=True)

    def up(side):
        def plan(joint_pos_rad, scene):
            fixed = tuple(item for item in scene.objects if item.kind != "part")
            return planner.plan_retreat(joint_pos_rad, replace(scene, objects=fixed), side)

        return plan

    def home(side):
        return lambda joint_pos_rad, scene: planner.plan_home(joint_pos_rad, scene, side)

    for side in sides:
        tree.add_child(Move("retreat", attempt, tools, up(side)))
        tree.add_child(Move("home", attempt, tools, home(side)))
    return tree


def begun(tree: Sequence) -> bool:
    """Whether a skill of the tree does something now, and does not wait for the end of a pause."""
    tip = tree.tip()
    return isinstance(tip, Skill) and tip.begun
