# SPDX-License-Identifier: Apache-2.0
"""Score a detector on a rendered set: ``python -m neuraxis_field.vision.score --data DIR``."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from neuraxis_field.vision import dataset
from perception_node.detector import Detection, Detector, box_iou

MIN_IOU = 0.5
# Between the two a detection is neither right nor a false alarm.
DOUBTFUL_IOU = 0.3


@dataclass
class Score:
    """Counts over images; things are parts and containers alike.

    Attributes:
        missed: Name, visible share and image of every clearly visible thing not found.
        wrong: Truth and answer of every wrong attribute among clearly visible things.
        extra: Labels of detections that lie on nothing.
    """

    found: int = 0
    clear: int = 0
    clear_found: int = 0
    right: int = 0
    iou: list[float] = field(default_factory=list)
    size_error: list[float] = field(default_factory=list)
    missed: list[tuple] = field(default_factory=list)
    wrong: list[tuple] = field(default_factory=list)
    extra: list[tuple] = field(default_factory=list)

    def add(
        self, index: int, objects: list[dict], detections: tuple[Detection, ...], min_visible: float
    ) -> None:
        """Take in one image."""
        seen = [item for item in objects if item["box_px"] is not None]
        iou = box_iou(
            np.array([item.box_px for item in detections]).reshape(-1, 4),
            np.array([item["box_px"] for item in seen]).reshape(-1, 4),
        )
        matched: set[int] = set()
        for row, column in _matches(iou, detections, seen):
            item, answer = seen[column], detections[row]
            self.found += 1
            self.iou.append(float(iou[row, column]))
            matched.add(row)
            if item["visible"] < min_visible:
                continue
            self.clear_found += 1
            truth = (item["kind"], item["shape"], item["color"])
            given = (answer.kind, answer.shape, answer.color)
            self.right += truth == given
            if truth != given:
                self.wrong.append((index, *truth[1:], *given[1:], item["visible"]))
            ratio = np.array(answer.size_m) / np.array(item["size_m"])
            self.size_error.append(abs(float(np.log(np.prod(ratio)))) / 3)
            item["_found"] = True
        for item in seen:
            if item["visible"] >= min_visible:
                self.clear += 1
                if not item.pop("_found", False):
                    self.missed.append((index, item["name"], item["visible"]))
        overlap = iou.max(axis=1, initial=0.0)
        self.extra += [
            (index, answer.label, round(answer.score, 2))
            for row, answer in enumerate(detections)
            if row not in matched and overlap[row] < DOUBTFUL_IOU
        ]

    def summary(self) -> dict[str, Any]:
        """Rates in [0, 1]; precision leaves out doubtful overlaps of 0.3 to 0.5."""
        return {
            "things": self.clear,
            "recall": round(self.clear_found / max(self.clear, 1), 5),
            "precision": round(self.found / max(self.found + len(self.extra), 1), 5),
            "attributes_right": round(self.right / max(self.clear_found, 1), 5),
            "mean_iou": round(float(np.mean(self.iou or [0.0])), 4),
            "median_size_error": round(float(np.median(self.size_error or [0.0])), 4),
        }


def _matches(iou: np.ndarray, detections: tuple[Detection, ...], seen: list[dict]) -> list[tuple]:
    """Pairs of equal kind with overlap of at least `MIN_IOU`, best first, each used once."""
    pairs = [
        (iou[i, j], i, j)
        for i, j in zip(*np.nonzero(iou >= MIN_IOU), strict=True)
        if detections[i].kind == seen[j]["kind"]
    ]
    chosen, rows, columns = [], set(), set()
    for _, i, j in sorted(pairs, reverse=True):
        if i not in rows and j not in columns:
            chosen.append((i, j))
            rows.add(i)
            columns.add(j)
    return chosen


def score(
    detector: Detector, data: dataset.VisionData, min_visible: float
) -> tuple[Score, dict[str, Score]]:
    """Run the detector over the whole set; the score of all, and of each place in it."""
    total, places = Score(), {}
    for index, label in enumerate(data.labels):
        detections = detector.detect(np.asarray(data.images[index]))
        place = places.setdefault(label.get("scene", "sorting_bench"), Score())
        for tally in (total, place):
            tally.add(index, label["objects"], detections, min_visible)
    return total, places


def main() -> None:
    """Print one JSON object per set; optionally write the results into the model's card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--model", type=Path, default=Path("models/detector.onnx"))
    parser.add_argument("--min-visible", type=float, default=0.6)
    parser.add_argument("--errors", action="store_true", help="list every error")
    parser.add_argument("--card", action="store_true", help="write the result into the card")
    args = parser.parse_args()
    detector, results = Detector(args.model), {}
    for folder in args.data:
        data = dataset.load(folder)
        start = time.process_time()
        total, places = score(detector, data, args.min_visible)
        seeds = [label["seed"] for label in data.labels]
        results[folder.name] = {
            "images": len(data), "scene_seeds": [min(seeds), max(seeds)],
            "min_visible": args.min_visible, **total.summary(),
            "cpu_ms_per_image": round(1e3 * (time.process_time() - start) / len(data), 1),
            "places": {name: places[name].summary() for name in sorted(places)},
        }  # fmt: skip
        print(json.dumps({folder.name: results[folder.name]}))
        if args.errors:
            print(json.dumps({key: getattr(total, key) for key in ("missed", "wrong", "extra")}))
    if args.card:
        path = args.model.with_suffix(".json")
        card = json.loads(path.read_text(encoding="utf-8"))
        card["held_out"] = results
        path.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
