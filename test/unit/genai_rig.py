# SPDX-License-Identifier: Apache-2.0
"""Model folders in the layouts of onnxruntime-genai, some 60 kB each, that say what a test wants.

The three graphs are joined as the real ones are: pixels go through ``vision.onnx``, its features
take the places of the image's tokens in ``embedding.onnx``, and ``text.onnx`` keeps a cache of all
that came. The decoder counts its own steps in that cache and says one of three texts: the first for
a dark image, the second for a bright one, the third when the prompt holds a ``#``. Random weights
add a little to each logit, so that what is not scripted is arbitrary.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HIDDEN = 8
QWEN_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PHI_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@dataclass(frozen=True)
class Shape:
    """What tells one layout from another.

    Attributes:
        mark: Token that begins an answer; `lead` tokens, it included, precede the first said one.
    """

    specials: tuple[str, ...]
    end: str
    mark: str
    lead: int
    template: str
    patch_px: int = 0


_QWEN = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
_PHI = ("<|endoftext|>", "<|end|>", "<|user|>", "<|system|>", "<|assistant|>")
SHAPES = {
    "qwen2_5_vl": Shape(_QWEN, "<|im_end|>", "<|im_start|>", 11, QWEN_TEMPLATE, 14),
    "qwen3_vl": Shape(_QWEN, "<|im_end|>", "<|im_start|>", 11, QWEN_TEMPLATE, 16),
    "phi3v": Shape(_PHI, "<|end|>", "<|assistant|>", 2, PHI_TEMPLATE),
}


def build(folder, kind="qwen2_5_vl", dark="dark", bright="bright", marked="marked", seed=0):
    """Write a whole model folder and return it. A text of None never ends."""
    shape = SHAPES[kind]
    folder.mkdir(parents=True, exist_ok=True)
    vocab = _tokenizer(folder, shape)
    _vision(folder, shape)
    _embedding(folder, shape, vocab)
    _decoder(folder, shape, vocab, [dark, bright, marked], np.random.default_rng(seed))
    _configs(folder, kind, shape, vocab)
    return folder


def _byte_letters():
    """The printable letter that byte-level BPE writes for each byte (GPT-2's table)."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    letters = {byte: chr(byte) for byte in shown}
    return letters | {byte: chr(256 + k) for k, byte in enumerate(hidden)}


def _tokenizer(folder, shape):
    letters = _byte_letters()
    vocab = {letters[byte]: byte for byte in range(256)}
    ids = {name: 256 + k for k, name in enumerate(shape.specials)}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    added = [{"id": i, "content": name, "special": True} | flags for name, i in ids.items()]
    bytes_ = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": None, "pre_tokenizer": bytes_ | {"use_regex": False}, "decoder": bytes_,
        "post_processor": None,
        "model": {"type": "BPE", "vocab": vocab, "merges": [], "unk_token": None,
                  "continuing_subword_prefix": "", "end_of_word_suffix": "", "dropout": None,
                  "fuse_unk": False, "byte_fallback": False},
    }  # fmt: skip
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    config = {
        "tokenizer_class": "Qwen2Tokenizer", "model_max_length": 4096, "unk_token": None,
        "bos_token": None, "eos_token": shape.end, "pad_token": "<|endoftext|>",
        "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "added_tokens_decoder": {str(row["id"]): row for row in added},
        "chat_template": shape.template,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return ids


class _Graph:
    """Nodes with names of their own."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def __call__(self, op, *inputs, out=None, **attributes):
        out = out or f"{op.lower()}_{len(self.nodes)}"
        names = [x if isinstance(x, str) else self.constant(x) for x in inputs]
        self.nodes.append(helper.make_node(op, names, [out], **attributes))
        return out

    def constant(self, value):
        array = np.asarray(value)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def save(self, path, inputs, outputs):
        graph = helper.make_graph(
            self.nodes, path.stem, _values(inputs), _values(outputs), self.constants
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def _values(table):
    return [helper.make_tensor_value_info(*row) for row in table]


_F, _I = TensorProto.FLOAT, TensorProto.INT64
_FEATURES = ("image_features", _F, ["image_tokens", HIDDEN])


def _vision(folder, shape):
    """Each feature is (0, brightness, 1, 0, ...)."""
    g = _Graph()
    if shape.patch_px:
        width = 3 * 2 * shape.patch_px**2
        merged = g("Reshape", "pixel_values", np.array([-1, 4 * width]))
        mean = g("ReduceMean", merged, axes=[1], keepdims=1)
        inputs = [
            ("pixel_values", _F, ["patches", width]),
            ("image_grid_thw", _I, ["images", 3]),
        ]
    else:
        tiles = g("Div", "image_sizes", np.array([336]))
        rows = g("Gather", tiles, np.array(0), axis=1)
        crops = g("Mul", rows, g("Gather", tiles, np.array(1), axis=1))
        # 12 x 12 tokens for each crop and the whole, one to part them, one at each row's end.
        whole = g("Mul", g("Add", crops, np.array([1])), np.array([144]))
        ends = g("Mul", g("Add", rows, np.array([1])), np.array([12]))
        count = g("Add", g("Add", whole, ends), np.array([1]))
        mean = g("ReduceMean", "pixel_values", axes=[1, 2, 3, 4], keepdims=0)
        mean = g("Expand", g("Unsqueeze", mean, np.array([1])), g("Concat", count, [1], axis=0))
        inputs = [
            ("pixel_values", _F, ["images", "crops", 3, 336, 336]),
            ("image_sizes", _I, ["images", 2]),
        ]
    lifted = g("MatMul", mean, [[0.0, 1.0] + [0.0] * (HIDDEN - 2)])
    g("Add", lifted, [0.0, 0.0, 1.0] + [0.0] * (HIDDEN - 3), out="image_features")
    g.save(folder / "vision.onnx", inputs, [_FEATURES])


def _embedding(folder, shape, vocab):
    """A token is (begins an answer, 0, 0, is ``#``, 0, ...); an image's is its feature."""
    table = np.zeros((256 + len(vocab), HIDDEN), np.float32)
    table[vocab[shape.mark], 0] = 1.0
    table[ord("#"), 3] = 1.0
    g = _Graph()
    image = vocab.get("<|image_pad|>")
    if image is not None:
        is_image = g("Equal", "input_ids", np.array(image))
    else:
        is_image = g("Less", "input_ids", np.array(0))
    words = g("Gather", table, g("Max", "input_ids", np.array(0)))
    count = g("CumSum", g("Cast", is_image, to=_I), np.array(1))
    padded = g("Concat", np.zeros((1, HIDDEN), np.float32), "image_features", axis=0)
    features = g("Gather", padded, g("Mul", count, g("Cast", is_image, to=_I)))
    g("Where", g("Unsqueeze", is_image, np.array([2])), features, words, out="inputs_embeds")
    ids = ("input_ids", _I, ["batch", "length"])
    embeds = ("inputs_embeds", _F, ["batch", "length", HIDDEN])
    g.save(folder / "embedding.onnx", [ids, _FEATURES], [embeds])


def _decoder(folder, shape, vocab, texts, rng):
    size = 256 + len(vocab)
    ends = [vocab[shape.end]]
    said = [[*text.encode(), *ends] if text is not None else [ord("x")] for text in texts]
    script = np.zeros((3, max(map(len, said)), size), np.float32)
    for k, tokens in enumerate(said):
        for at in range(script.shape[1]):
            script[k, at, tokens[min(at, len(tokens) - 1)]] = 10.0
    g = _Graph()
    new = g("Unsqueeze", "inputs_embeds", np.array([1]))
    g("Concat", "past_key_values.0.key", new, axis=2, out="present.0.key")
    g("Concat", "past_key_values.0.value", new, axis=2, out="present.0.value")
    seen = g("Squeeze", "present.0.value", np.array([0, 1]))
    begun, brightness, image, sharp = (g("Gather", seen, np.array(k), axis=1) for k in range(4))
    count = g("CumSum", begun, np.array(0))
    last = g("Equal", count, g("ReduceMax", count))
    since = g("ReduceSum", g("Cast", last, to=_I), keepdims=0)
    step = g("Min", g("Sub", since, np.array(shape.lead)), np.array(script.shape[1] - 1))
    share = g("Div", g("ReduceSum", brightness, keepdims=0),
              g("Max", g("ReduceSum", image, keepdims=0), 1.0))  # fmt: skip
    lit = g("Cast", g("Greater", share, 0.0), to=_I)
    marked = g("Greater", g("ReduceMax", sharp, keepdims=0), 0.0)
    which = g("Where", marked, np.array(2), lit)
    row = g("Gather", g("Gather", script, which, axis=0), step, axis=0)
    noise = g("MatMul", "inputs_embeds", rng.normal(0.0, 0.05, (HIDDEN, size)))
    base = g("Add", noise, rng.normal(0.0, 0.05, size))
    g("Add", base, row, out="logits")
    rows = ("key", "value")
    inputs = [
        ("inputs_embeds", _F, ["batch", "length", HIDDEN]),
        ("attention_mask", _I, ["batch", "total"]),
        *([("position_ids", _I, [3, "batch", "length"])] if shape.patch_px else []),
        *[(f"past_key_values.0.{row}", _F, ["batch", 1, "past", HIDDEN]) for row in rows],
    ]
    outputs = [
        ("logits", _F, ["batch", "length", size]),
        *[(f"present.0.{row}", _F, ["batch", 1, "total", HIDDEN]) for row in rows],
    ]
    g.save(folder / "text.onnx", inputs, outputs)


def _configs(folder, kind, shape, vocab):
    qwen = bool(shape.patch_px)
    past = {f"past_{row}_names": f"past_key_values.%d.{row}" for row in ("key", "value")}
    present = {f"present_{row}_names": f"present.%d.{row}" for row in ("key", "value")}
    vision_in = {"pixel_values": "pixel_values"}
    vision_in |= {"image_grid_thw": "image_grid_thw"} if qwen else {"image_sizes": "image_sizes"}
    decoder_in = {"inputs_embeds": "inputs_embeds", "attention_mask": "attention_mask"}
    decoder_in |= {"position_ids": "position_ids"} if qwen else {}
    options = {"log_id": "genai", "provider_options": [], "intra_op_num_threads": 1}
    model = {
        "type": kind, "context_length": 4096, "vocab_size": 256 + len(vocab),
        "bos_token_id": vocab["<|endoftext|>"], "pad_token_id": vocab["<|endoftext|>"],
        "eos_token_id": [vocab[shape.end]],
        "decoder": {
            "session_options": options, "filename": "text.onnx", "head_size": HIDDEN,
            "hidden_size": HIDDEN, "num_attention_heads": 1, "num_hidden_layers": 1,
            "num_key_value_heads": 1,
            "inputs": decoder_in | past,
            "outputs": {"logits": "logits"} | present,
        },
        "embedding": {
            "filename": "embedding.onnx",
            "inputs": {"input_ids": "input_ids", "image_features": "image_features"},
            "outputs": {"inputs_embeds": "inputs_embeds"},
        },
        "vision": {
            "filename": "vision.onnx", "config_filename": "processor_config.json",
            "inputs": vision_in, "outputs": {"image_features": "image_features"},
        },
    }  # fmt: skip
    if qwen:
        model |= {
            "image_token_id": vocab["<|image_pad|>"], "video_token_id": vocab["<|video_pad|>"],
            "vision_start_token_id": vocab["<|vision_start|>"],
        }  # fmt: skip
        model["vision"] |= {"spatial_merge_size": 2, "patch_size": shape.patch_px}
        model["vision"] |= {"tokens_per_second": 2.0, "window_size": 4 * shape.patch_px}
    search = {"do_sample": False, "max_length": 4096, "past_present_share_buffer": False}
    _write(folder / "genai_config.json", {"model": model, "search": search})
    _write(folder / "processor_config.json", _processor(shape, kind))


def _processor(shape, kind):
    """How pixels are prepared; names and attributes are those of the released models."""
    first = [("DecodeImage", {"color_space": "RGB"}), ("ConvertRGB", {})]
    if not shape.patch_px:
        steps = [*first, ("Phi3ImageTransform", {"num_crops": 4, "num_img_tokens": 144})]
    else:
        patch = {"patch_size": shape.patch_px, "merge_size": 2}
        resize = {"width": 540, "height": 360, "smart_resize": 1, "min_pixels": 3136,
                  "max_pixels": 12845056}  # fmt: skip
        norm = {"mean": [0.5] * 3, "std": [0.5] * 3, kind: 1}
        steps = [
            *first, ("Resize", resize | patch), ("Rescale", {"rescale_factor": 1 / 255}),
            ("Normalize", norm), ("PatchImage", patch | {"temporal_patch_size": 2}),
        ]  # fmt: skip
    rows = [{"operation": {"name": op.lower(), "type": op, "attrs": a}} for op, a in steps]
    return {"processor": {"name": "image", "transforms": rows}}


def _write(path, data):
    path.write_text(json.dumps(data, indent=1))
