# SPDX-License-Identifier: Apache-2.0
"""A folder with a vision-language model for onnxruntime-genai: whether it is whole, and its layout.

Such a folder holds ``genai_config.json``, the three graphs that it names, the tokenizer and
``processor_config.json``; onnxruntime-genai's model builder writes it. Here it is only read, so
that a mistake is named before gigabytes are loaded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from neuraxis_common.errors import ConfigError

# The order in which onnxruntime-genai opens them.
_SECTIONS = ("vision", "speech", "embedding", "decoder")


@dataclass(frozen=True)
class Layout:
    """What one family of models wants and says.

    Attributes:
        image_mark: Text that the processor replaces by the image's tokens.
        box_unit: What a box that the model says is measured in: pixels of the image that it was
            given, pixels after its own resizing, or thousandths of the image's sides.
        merge: Patches along each side that become one token; 0 where the layout has no such grid.
    """

    image_mark: str
    box_unit: Literal["pixel", "grid_pixel", "thousandth"]
    merge: int = 0


_QWEN_MARK = "<|vision_start|><|image_pad|><|vision_end|>"
# Box units by the makers: github.com/QwenLM/Qwen3-VL issues 676 (2.5: after resizing) and 1486
# (3: 0 to 1000). Phi was not taught boxes and is told the image's size.
LAYOUTS = {
    "qwen2_5_vl": Layout(_QWEN_MARK, "grid_pixel", merge=2),
    "qwen3_vl": Layout(_QWEN_MARK, "thousandth", merge=2),
    "phi3v": Layout("<|image_1|>\n", "pixel"),
}


@dataclass(frozen=True)
class Folder:
    """A folder that has all its files.

    Attributes:
        kind: Model type, a name in `LAYOUTS`.
        sections: Graphs in the order in which they are opened.
        context_tokens: Most tokens of prompt and answer together.
        cell_px: Side of the square of pixels behind one image token; 0 where there is no grid.
        image_px: Fewest and most pixels of an image that its processor leaves as it is.
        template: Chat template; empty for the one in ``tokenizer_config.json``.
    """

    path: Path
    kind: str
    sections: tuple[str, ...]
    context_tokens: int
    cell_px: int
    image_px: tuple[int, int]
    template: str

    @property
    def layout(self) -> Layout:
        """What this family wants."""
        return LAYOUTS[self.kind]


def read_folder(path: Path) -> Folder:
    """Look a model folder through. Raises ConfigError naming what is missing or unfit."""
    if not path.is_dir():
        raise ConfigError(f"model folder '{path}' is not a folder")
    model = _json(path, "genai_config.json").get("model")
    kind = model.get("type") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(kind, str) or kind not in LAYOUTS:
        known = ", ".join(sorted(LAYOUTS))
        raise ConfigError(f"model type '{kind}' in '{path}' is unknown, known are {known}")
    sections = tuple(name for name in _SECTIONS if _named(model, name, "filename"))
    for name in ("vision", "embedding", "decoder"):
        if name not in sections:
            raise ConfigError(f"genai_config.json in '{path}' names no file for model.{name}")
    for name in sections:
        _whole(path, _named(model, name, "filename"))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        _json(path, name)
    processor = _json(path, _named(model, "vision", "config_filename") or "processor_config.json")
    patch_px = _int(path, model["vision"].get("patch_size", 0), "model.vision.patch_size")
    merge = LAYOUTS[kind].merge
    if merge and not patch_px:
        raise ConfigError(f"model.vision.patch_size in '{path}' is missing")
    template = path / "chat_template.jinja"
    return Folder(
        path=path,
        kind=kind,
        sections=sections,
        context_tokens=_int(path, model.get("context_length"), "model.context_length"),
        cell_px=merge * patch_px,
        image_px=_bounds(processor),
        template=template.read_text(encoding="utf-8") if template.is_file() else "",
    )


def _bounds(processor: dict[str, Any]) -> tuple[int, int]:
    """Of the step that resizes; any size where there is none."""
    try:
        steps = [row["operation"] for row in processor["processor"]["transforms"]]
        attributes = next((step["attrs"] for step in steps if step["type"] == "Resize"), {})
        return int(attributes.get("min_pixels", 1)), int(attributes.get("max_pixels", 2**31))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"processor_config.json has no list of steps: {error}") from error


def _named(model: dict[str, Any], section: str, key: str) -> str:
    part = model.get(section)
    value = part.get(key) if isinstance(part, dict) else None
    return value if isinstance(value, str) else ""


def _int(path: Path, value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError(f"{name} in '{path}' must be a whole number, got {value!r}")
    return value


def _whole(path: Path, name: str) -> Path:
    file = path / name
    if not file.is_file():
        raise ConfigError(f"model folder '{path}' lacks '{name}'")
    if not file.stat().st_size:
        raise ConfigError(f"'{file}' is empty")
    return file


def _json(path: Path, name: str) -> dict[str, Any]:
    try:
        data = json.loads(_whole(path, name).read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"'{path / name}' is not whole JSON: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"'{path / name}' is not a JSON object")
    return data
