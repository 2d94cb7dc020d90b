# SPDX-License-Identifier: Apache-2.0
"""A vision-language model in onnxruntime-genai: loaded, its provider asserted, asked.

onnxruntime-genai keeps Python's lock while it computes, so that a model needs a process of its own:
`genai_worker`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from neuraxis_bridge import genai_prompt
from neuraxis_bridge.chat import Question
from neuraxis_bridge.genai_folder import Folder, read_folder
from neuraxis_common.errors import ConfigError

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
Placement = dict[str, dict[str, int]]


@dataclass(frozen=True)
class GenaiConfig:
    """One model and what it may spend.

    Attributes:
        folder: Model folder.
        provider: Where it must run: a name in `PROVIDERS`.
        max_tokens: Longest answer.
        max_image_px: Larger images are made smaller before the model sees them. The default is
            1280 tokens of Qwen2.5-VL.
        guided: Whether decoding is held to the plan's schema, where the library can do that.
    """

    folder: Path
    provider: str = "cpu"
    max_tokens: int = 512
    max_image_px: int = 1_003_520
    guided: bool = True

    def __post_init__(self) -> None:
        """Reject what could not work."""
        if self.provider not in PROVIDERS:
            known = ", ".join(PROVIDERS)
            raise ConfigError(f"provider must be one of {known}, got '{self.provider}'")
        if not 16 <= self.max_tokens <= 8192:
            raise ConfigError(f"max_tokens must be in [16, 8192], got {self.max_tokens}")
        if not 50_176 <= self.max_image_px <= 4_194_304:
            bound = "[50176, 4194304]"
            raise ConfigError(f"max_image_px must be in {bound}, got {self.max_image_px}")


@dataclass(frozen=True)
class Said:
    """What a model said, and why it stopped: by itself, at its bound, or at the deadline."""

    text: str
    stop: Literal["end", "length", "deadline"]
    prompt_tokens: int = 0
    tokens: int = 0


class GenaiModel:
    """One loaded model; one question at a time.

    Args:
        config: Which model, where.
        clock_s: Monotonic time, the one of deadlines.

    Attributes:
        placement: Of each graph, how many nodes run on which provider.
        guided: Whether decoding is held to the schema.

    Raises:
        ConfigError: The folder is not whole, its graphs do not load, they do not run on the
            provider asked for, or they do not fit together.
    """

    def __init__(self, config: GenaiConfig, clock_s: Callable[[], float]) -> None:
        self.folder = read_folder(config.folder)
        self._og = _library()
        self._config = config
        self._clock_s = clock_s
        self._schema = json.dumps(genai_prompt.schema())
        try:
            self._model, self.placement = _load(self._og, self.folder, config.provider)
            require(config.provider, self.placement)
            self._tokenizer = self._og.Tokenizer(self._model)
            self._processor = self._model.create_multimodal_processor()
            self.guided = config.guided and self._can_guide()
            self._warm_up()
        except RuntimeError as error:
            raise ConfigError(f"model folder '{self.folder.path}': {error}") from error

    def _can_guide(self) -> bool:
        """Whether the library was built with guided decoding and takes the schema."""
        try:
            self._generator(64, guided=True)
        except RuntimeError:
            return False
        return True

    def _warm_up(self) -> None:
        """Answer once, so that the first robot does not pay for what is set up by then."""
        side_px = int(self._config.max_image_px**0.5)
        size = genai_prompt.fitted(side_px, side_px, self.folder, self._config.max_image_px)
        rgb = np.zeros((*size[::-1], 3), np.uint8)
        image = genai_prompt.png(rgb, size)
        asked = genai_prompt.messages(self.folder, Question(rgb, "go"), size, np.ones(4))
        self._say(self._inputs(asked, image, size), self._clock_s() + 600.0, most=1)

    def ask(
        self, asked: list[dict[str, str]], image: bytes, size_px: tuple[int, int], until_s: float
    ) -> Said:
        """Answer, token by token until the deadline.

        Args:
            asked: Conversation as `genai_prompt.messages` makes it.
            image: PNG.
            size_px: Its (width, height).
            until_s: When to stop, by the model's clock.

        Raises:
            RuntimeError: The library failed.
        """
        if self._clock_s() >= until_s:
            return Said("", "deadline")
        return self._say(self._inputs(asked, image, size_px), until_s, self._config.max_tokens)

    def _inputs(self, asked: list[dict[str, str]], image: bytes, size_px: tuple[int, int]) -> Any:
        template = {"template_str": self.folder.template} if self.folder.template else {}
        prompt = self._tokenizer.apply_chat_template(
            messages=json.dumps(asked), add_generation_prompt=True, **template
        )
        inputs = self._processor(prompt, images=self._og.Images.open_bytes(image))
        if self.folder.cell_px:
            rows, columns = inputs["image_grid_thw"].as_numpy().ravel()[1:]
            patch_px = self.folder.cell_px // self.folder.layout.merge
            seen_px = (int(columns) * patch_px, int(rows) * patch_px)
            if seen_px != tuple(size_px):
                raise RuntimeError(f"the processor makes {seen_px} pixels of {tuple(size_px)}")
        return inputs

    def _generator(self, length: int, guided: bool) -> Any:
        params = self._og.GeneratorParams(self._model)
        params.set_search_options(max_length=length, do_sample=False)
        if guided:
            params.set_guidance("json_schema", self._schema)
        return self._og.Generator(self._model, params)

    def _say(self, inputs: Any, until_s: float, most: int) -> Said:
        given = int(np.prod(inputs["input_ids"].shape()))
        length = min(given + most, self.folder.context_tokens)
        if length <= given:
            raise RuntimeError(f"the prompt's {given} tokens fill the model's context")
        if self._clock_s() >= until_s:
            return Said("", "deadline", given)
        generator = self._generator(length, self.guided)
        generator.set_inputs(inputs)
        tokens: list[int] = []
        ends = set(np.ravel(self._tokenizer.eos_token_ids).tolist())
        stop: Literal["end", "length", "deadline"] = "end"
        while not generator.is_done():
            if self._clock_s() >= until_s:
                stop = "deadline"
                break
            generator.generate_next_token()
            tokens.append(int(generator.get_next_tokens()[0]))
        if stop == "end" and not (tokens and tokens[-1] in ends):
            stop = "length"
        words = [token for token in tokens if token not in ends]
        text = self._tokenizer.decode(np.array(words, np.int32)) if words else ""
        return Said(text, stop, given, len(tokens))


def _library() -> Any:
    try:
        import onnxruntime_genai
    except ImportError as error:
        raise ConfigError(
            f"onnxruntime-genai is missing: pip install 'neuraxis[genai]' ({error})"
        ) from error
    return onnxruntime_genai


def _load(og: Any, folder: Folder, provider: str) -> tuple[Any, Placement]:
    """The model, and where onnxruntime says that it placed its nodes."""
    config = og.Config(str(folder.path))
    config.clear_providers()
    if provider != "cpu":
        config.append_provider(provider)
    # Sections without options of their own take the decoder's.
    loud = {"session_options": {"log_severity_level": 0}}
    stored = json.loads((folder.path / "genai_config.json").read_text(encoding="utf-8"))["model"]
    own = [name for name in folder.sections if "session_options" in stored[name]]
    config.overlay(json.dumps({"model": dict.fromkeys({*own, "decoder"}, loud)}))
    try:
        with _captured_stderr() as written:
            model = og.Model(config)
    except RuntimeError as error:
        has = ", ".join(name for name in PROVIDERS if name == "cpu" or og.is_cuda_available())
        raise ConfigError(
            f"model folder '{folder.path}' does not load on provider '{provider}' "
            f"(this onnxruntime-genai has {has}): {error}"
        ) from error
    return model, placed(written(), folder.sections)


def placed(log: str, sections: tuple[str, ...]) -> Placement:
    """Of each graph, how many nodes run on which provider, from onnxruntime's verbose log.

    Raises:
        ConfigError: The log does not tell.
    """
    found: list[dict[str, int]] = []
    for line in log.splitlines():
        if line.endswith("Node placements"):
            found.append({})
        said = re.search(r"placed on \[(\w+)\]\. Number of nodes: (\d+)", line)
        if said and found:
            found[-1][said[1]] = found[-1].get(said[1], 0) + int(said[2])
    if len(found) != len(sections) or not all(found):
        raise ConfigError("onnxruntime does not tell which execution provider the model is on")
    return dict(zip(sections, found, strict=True))


def require(provider: str, placement: Placement) -> None:
    """Raise ConfigError, naming what was got, unless most of each graph is on the provider.

    Not all: onnxruntime keeps the arithmetic of shapes on the CPU.
    """
    wanted = PROVIDERS[provider]
    if any(2 * nodes.get(wanted, 0) < sum(nodes.values()) for nodes in placement.values()):
        got = "; ".join(f"{name} on {said(nodes)}" for name, nodes in placement.items())
        raise ConfigError(f"provider '{provider}' was asked for, but the model got {got}")


def said(nodes: dict[str, int]) -> str:
    """Providers and node counts in words."""
    return ", ".join(f"{name} ({count} nodes)" for name, count in sorted(nodes.items()))


@contextmanager
def _captured_stderr() -> Iterator[Callable[[], str]]:
    """What C++ code writes to the process's standard error meanwhile."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
        text: list[str] = []
        try:
            yield lambda: text[0]
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            text.append(file.read().decode(errors="replace"))
