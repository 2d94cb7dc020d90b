# SPDX-License-Identifier: Apache-2.0
"""Results of instructions as messages."""

from __future__ import annotations

import json

from big_brain_node.compiler.words import spoken
from big_brain_node.results import TaskResult
from neuraxis.action import ExecuteInstruction
from neuraxis_bridge.text import language_of
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan


def to_result(result: TaskResult) -> ExecuteInstruction.Result:
    """The action's result; the report holds the refusal for machines."""
    steps = [
        {
            "step": report.label,
            "attempts": report.attempts,
            "failure": report.failure.code if report.failure else None,
        }
        for report in result.steps
    ]
    report = {
        "replans": max(len(result.plans) - 1, 0),
        "steps": steps,
        "refusal": result.refusal(),
        "judged": result.details.get("judged"),
    }
    return ExecuteInstruction.Result(
        success=result.success,
        code=result.code,
        message=result.message,
        plan_json=result.plans[0].model_dump_json() if result.plans else "",
        report_json=json.dumps(report, ensure_ascii=False),
    )


def to_said(plan: Plan) -> ExecuteInstruction.Result:
    """The result of a plan that moves nothing: an answer or a refusal."""
    if plan.answer is not None:
        return to_result(TaskResult(True, "answered", plan.answer.text, (plan,)))
    said = plan.refusal
    details = {"suggestion": said.suggestion, "language": plan.language}
    return to_result(TaskResult(False, said.code, said.reason, (plan,), details=details))


def to_refused(refused: Rejected, instruction: str) -> ExecuteInstruction.Result:
    """The result of an instruction that was not even begun, in its language."""
    said = spoken(refused, language_of(instruction))
    return to_result(TaskResult(False, said.code, said.reason, details=said.details))
