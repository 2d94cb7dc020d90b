# SPDX-License-Identifier: Apache-2.0
"""Films of recorded runs: a log of states becomes an MP4 that browsers play, and stills."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import mujoco
import numpy as np
from numpy.typing import NDArray

from neuraxis_common.errors import ConfigError
from neuraxis_sim.render import Renderer
from neuraxis_sim.scene_build import OVERVIEW_CAMERA

Image = NDArray[np.uint8]

_STILL_SIZE = (1280, 720)
_INSET_SHARE = 0.27
_INSET_RATE_HZ = 5.0
_MARGIN_PX = 14


@dataclass(frozen=True)
class Caption:
    """A line at the bottom of the film from `start_s` on; an empty text ends it."""

    start_s: float
    text: str


@dataclass(frozen=True)
class StateLog:
    """Recorded states of one model.

    Attributes:
        time_s: Simulated time, shape (n,), rising.
        qpos: Full position vectors, shape (n, nq).
    """

    time_s: NDArray[np.float64]
    qpos: NDArray[np.float64]

    def at(self, time_s: float) -> NDArray[np.float64]:
        """The last state at or before a time; the first one before the log begins."""
        return self.qpos[max(int(np.searchsorted(self.time_s, time_s, side="right")) - 1, 0)]


class StateRecorder:
    """Collects states at no more than a given rate and saves them.

    Args:
        rate_hz: States per second of simulated time to keep.
    """

    def __init__(self, rate_hz: float = 50.0) -> None:
        self._period_s = 1.0 / rate_hz
        self._times: list[float] = []
        self._states: list[NDArray[np.float32]] = []

    def add(self, time_s: float, qpos: NDArray[np.float64]) -> None:
        """Keep a state unless one was kept less than a period ago."""
        if not self._times or time_s - self._times[-1] >= self._period_s * 0.999:
            self._times.append(time_s)
            self._states.append(qpos.astype(np.float32))

    def save(self, path: Path) -> None:
        """Write an .npz with `time_s` and `qpos`. Raises ValueError when nothing was recorded."""
        if not self._times:
            raise ValueError("no state was recorded")
        np.savez_compressed(path, time_s=np.array(self._times), qpos=np.stack(self._states))


def load_log(path: Path, model: mujoco.MjModel) -> StateLog:
    """Read a state log. Raises ConfigError when it is not one or belongs to another model."""
    try:
        with np.load(path) as arrays:
            time_s, qpos = arrays["time_s"], arrays["qpos"].astype(np.float64)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"state log {path} is not readable: {error}") from error
    if qpos.ndim != 2 or qpos.shape != (len(time_s), model.nq) or not len(time_s):
        raise ConfigError(
            f"state log {path} has positions of shape {qpos.shape}, "
            f"need ({len(time_s)}, {model.nq})"
        )
    return StateLog(time_s, qpos)


@dataclass(frozen=True)
class FilmOptions:
    """How a film looks.

    Attributes:
        size: Width and height in pixels, even.
        fps: Frames per second of film.
        speed: Simulated seconds per second of film.
        title: Line at the top, the sentence the robot was given.
        captions: Lines at the bottom, in order of time.
        inset_camera: Camera drawn small in a corner, "" for none.
        insets: Recorded pictures (time_s, rgb) for the corner in place of a drawn one.
    """

    camera: str = OVERVIEW_CAMERA
    size: tuple[int, int] = (960, 540)
    fps: int = 25
    speed: float = 1.0
    title: str = ""
    captions: Sequence[Caption] = field(default_factory=tuple)
    inset_camera: str = ""
    insets: Sequence[tuple[float, Image]] = field(default_factory=tuple)


def render_video(
    model: mujoco.MjModel,
    log: StateLog,
    path: Path,
    options: FilmOptions | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Film a log into an H.264 MP4.

    Args:
        model: What the log was recorded from.
        log: States to film, from the first to the last.
        path: File to write.
        options: How it looks.
        progress: Called with (frames done, frames in all) after every frame.

    Returns:
        Number of frames.
    """
    options = options or FilmOptions()
    step_s = options.speed / options.fps
    start_s = float(log.time_s[0])
    count = int((float(log.time_s[-1]) - start_s) / step_s) + 1
    width, height = options.size
    with (
        Renderer(model, options.camera, width, height, style="soft") as renderer,
        _Inset(model, options) as inset,
        av.open(str(path), "w", options={"movflags": "faststart"}) as container,
    ):
        stream = container.add_stream("libx264", rate=Fraction(options.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "22"}
        dress = _Dressing(options)
        for index in range(count):
            now_s = start_s + index * step_s
            qpos = log.at(now_s)
            image = renderer.view(qpos, options.camera)
            dress.put(image, now_s, inset.at(now_s, qpos))
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
            if progress is not None:
                progress(index + 1, count)
        for packet in stream.encode():
            container.mux(packet)
    return count


def render_still(
    model: mujoco.MjModel,
    qpos: NDArray[np.float64],
    path: Path,
    camera: str = OVERVIEW_CAMERA,
    size: tuple[int, int] = _STILL_SIZE,
    style: str = "shadows",
) -> None:
    """Draw one state into an image file, by default with cast shadows and smooth edges."""
    with Renderer(model, camera, *size, style=style) as renderer:
        image = renderer.view(qpos, camera)
    if not cv2.imwrite(str(path), image[..., ::-1]):
        raise OSError(f"could not write {path}")


class _Inset:
    """The small picture of a film: a recorded one, or one drawn now and then."""

    def __init__(self, model: mujoco.MjModel, options: FilmOptions) -> None:
        width = int(options.size[0] * _INSET_SHARE) // 2 * 2
        self._size = (width, width * 3 // 4)
        self._recorded = sorted(options.insets, key=lambda entry: entry[0])
        self._camera = options.inset_camera
        self._period_s = options.speed / _INSET_RATE_HZ
        self._drawn_s = -np.inf
        self._image: Image | None = None
        self._renderer: Renderer | None = None
        if self._camera and not self._recorded:
            self._renderer = Renderer(model, self._camera, *self._size)

    def __enter__(self) -> _Inset:
        return self

    def __exit__(self, *_: object) -> None:
        if self._renderer is not None:
            self._renderer.close()

    def at(self, now_s: float, qpos: NDArray[np.float64]) -> Image | None:
        """The picture to show at a time."""
        while self._recorded and self._recorded[0][0] <= now_s:
            rgb = self._recorded.pop(0)[1]
            self._image = cv2.resize(rgb, self._size, interpolation=cv2.INTER_AREA)
        if self._renderer is not None and now_s - self._drawn_s >= self._period_s * 0.999:
            self._image = self._renderer.view(qpos, self._camera)
            self._drawn_s = now_s
        return self._image


class _Dressing:
    """Title, caption and inset over a picture; text is drawn once per change."""

    def __init__(self, options: FilmOptions) -> None:
        self._options = options
        self._font = cv2.FontFace("uni")
        self._text_px = max(options.size[1] // 24, 12)
        self._title = self._line(options.title)
        self._caption_text = ""
        self._caption: Image | None = None

    def put(self, image: Image, now_s: float, inset: Image | None) -> None:
        """Draw onto a picture in place."""
        shown = [item.text for item in self._options.captions if item.start_s <= now_s]
        text = shown[-1] if shown else ""
        if text != self._caption_text:
            self._caption_text, self._caption = text, self._line(text)
        height, width = image.shape[:2]
        if self._title is not None:
            _blend(image[: self._title.shape[0]], self._title)
        if self._caption is not None:
            _blend(image[height - self._caption.shape[0] :], self._caption)
        if inset is not None:
            top = _MARGIN_PX + (self._title.shape[0] if self._title is not None else 0)
            rows, columns = inset.shape[:2]
            left = width - columns - _MARGIN_PX
            image[top - 2 : top + rows + 2, left - 2 : left + columns + 2] = 235
            image[top : top + rows, left : left + columns] = inset

    def _line(self, text: str) -> Image | None:
        """A strip as wide as the film with one line of text, shortened to fit."""
        if not text:
            return None
        size, width = self._text_px, self._options.size[0]
        strip = np.zeros((size * 2, width, 3), np.uint8)
        room = int((width - 2 * _MARGIN_PX) / (size * 0.5))
        wide = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
        if wide > room:
            text = text[: max(room * len(text) // wide - 1, 1)] + "…"
        base = (_MARGIN_PX, int(size * 1.4))
        cv2.putText(strip, text, base, (255, 255, 255), self._font, size)
        return strip


def _blend(region: Image, strip: Image) -> None:
    """Darken a region under a strip and add its text."""
    np.copyto(region, cv2.add(region // 3, strip))
