# SPDX-License-Identifier: Apache-2.0
"""What a vision-language model is told, the schema it is held to, and the plan in what it says."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from neuraxis_bridge.chat import WHO_ORDERS, Question
from neuraxis_bridge.genai_folder import Folder, Layout
from neuraxis_common.errors import Rejected
from neuraxis_common.plan import Plan

_TASK = (
    "You plan for a robot. Answer with one JSON plan and nothing else: either the steps in order, "
    "or a refusal if it cannot be done exactly as said, or the answer if it is a question about "
    f"the scene or the job. {WHO_ORDERS} A box is [left, top, right, bottom] in {{unit}}."
)
_UNITS = {
    "pixel": "pixels of the image, which has {width} x {height}",
    "grid_pixel": "pixels of the image, which has {width} x {height}",
    "thousandth": "thousandths of the image's width and height, 0 to 1000",
}
_BOX = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 9999},
    "minItems": 4,
    "maxItems": 4,
}
_MAX_SAID_CHARS, _MAX_THINGS = 300, 16


def schema() -> dict[str, Any]:
    """What decoding is held to: `Plan`, as narrow as a model needs it.

    Steps, a refusal or an answer, and one of them, every field said, whole numbers, short reasons,
    no blanks between tokens: each of these is one way less for a model never to come to an end.
    """
    plan = Plan.model_json_schema()
    defs = plan["$defs"]
    for part in defs.values():
        part["required"] = list(part["properties"])
        if "box" in part["properties"]:
            part["properties"]["box"] = _BOX
    for kind, name in (("Refusal", "reason"), ("Refusal", "suggestion"), ("Answer", "text")):
        defs[kind]["properties"][name]["maxLength"] = _MAX_SAID_CHARS
    defs["Answer"]["properties"]["things"] |= {"maxItems": _MAX_THINGS}
    fields = plan["properties"]
    language, steps = fields["language"], fields["steps"] | {"minItems": 1}
    steps.pop("default", None)
    others = ({name: {"$ref": f"#/$defs/{name.title()}"}} for name in ("refusal", "answer"))
    wanted = ({"steps": steps}, *others)
    return {
        "$defs": defs,
        "anyOf": [_exactly({"language": language} | part) for part in wanted],
        # An option of llguidance, which does the decoding.
        "x-guidance": {"whitespace_flexible": False},
    }


def _exactly(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def fitted(width: int, height: int, folder: Folder, max_px: int) -> tuple[int, int]:
    """The size to bring an image to: (width, height), whole cells, at most `max_px` pixels.

    The model's own processor then finds nothing to resize, and its boxes are in known pixels.
    """
    cell_px = folder.cell_px or 1
    least, most = (px / cell_px**2 for px in folder.image_px)
    most = max(min(most, max_px / cell_px**2), least, 1.0)
    area = width * height / cell_px**2
    factor = (min(max(area, least), most) / area) ** 0.5 / cell_px
    columns, rows = (max(1, round(side * factor)) for side in (width, height))
    # Cell by cell along the longer side, where one matters least.
    while columns * rows > most:
        columns, rows = (columns - 1, rows) if columns > rows else (columns, rows - 1)
    while columns * rows < least:
        columns, rows = (columns + 1, rows) if columns > rows else (columns, rows + 1)
    return columns * cell_px, rows * cell_px


def png(rgb: NDArray[np.uint8], size_px: tuple[int, int]) -> bytes:
    """An image, shape (h, w, 3), as PNG of another size (width, height)."""
    image = Image.fromarray(rgb)
    if image.size != size_px:
        image = image.resize(size_px, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def box_scale(layout: Layout, sent_px: tuple[int, int], image_px: tuple[int, int]) -> np.ndarray:
    """What to multiply the model's boxes with to get pixels of the robot's image, shape (4,).

    Args:
        layout: Says what boxes are measured in.
        sent_px: (width, height) that the model was given.
        image_px: (width, height) of the robot's image.
    """
    unit = (1000, 1000) if layout.box_unit == "thousandth" else sent_px
    return np.array([image_px[0] / unit[0], image_px[1] / unit[1]] * 2)


def messages(
    folder: Folder,
    question: Question,
    sent_px: tuple[int, int],
    scale: np.ndarray,
) -> list[dict[str, str]]:
    """The conversation, for the model's own chat template.

    Args:
        folder: The model's.
        question: What the person said, and what the robot knows; marks of the model's own in the
            sentence are broken.
        sent_px: (width, height) of the image that goes along.
        scale: Of `box_scale`.
    """
    width, height = sent_px
    unit = _UNITS[folder.layout.box_unit].format(width=width, height=height)
    told = [_TASK.format(unit=unit)]
    if question.measured:
        things = question.measured
        rows = [thing.model_dump() | {"box": _box(thing.box, 1.0 / scale)} for thing in things]
        told.append(f"Things that the robot's depth camera measured: {json.dumps(rows)}")
    if question.job:
        steps = [f"{step.object.label} into {step.target.label}" for step in question.job]
        told.append(f"The job under way or just ended: {json.dumps(steps)}")
        if any(step.again for step in question.job):
            told.append("It was the plan for this very order; plan only what is not done of it.")
    asked = folder.layout.image_mark + question.instruction.replace("<|", "< |")
    return [
        {"role": "system", "content": "\n".join(told)},
        {"role": "user", "content": asked},
    ]


def plan_of(text: str, scale: np.ndarray) -> Plan | Rejected:
    """The plan that a model said, boxes in pixels of the robot's image, or why it is none."""
    try:
        plan = Plan.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError) as error:
        kind = type(error).__name__
        return Rejected("model_bad_answer", f"what the model said is no plan: {kind}")
    steps = []
    for step in plan.steps:
        ends = {name: getattr(step, name, None) for name in ("object", "target")}
        moved = {
            name: end.model_copy(update={"box": _box(end.box, scale)})
            for name, end in ends.items()
            if end is not None
        }
        steps.append(step.model_copy(update=moved))
    answer = plan.answer
    if answer is not None:
        things = [t.model_copy(update={"box": _box(t.box, scale)}) for t in answer.things]
        answer = answer.model_copy(update={"things": tuple(things)})
    return plan.model_copy(update={"steps": tuple(steps), "answer": answer})


def _box(box: Sequence[float], scale: np.ndarray) -> tuple[float, ...]:
    return tuple(round(float(value), 1) for value in np.asarray(box) * scale)
