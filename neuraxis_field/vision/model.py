# SPDX-License-Identifier: Apache-2.0
"""The detector: a proposal net over the image, then a refining net over crops of the best places.

Both see raw pixels, so the refining net reads the shape of a 25 px part at full resolution while
the proposal net stays cheap at stride 8. ``DetectorNet`` joins them into the exported graph.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from neuraxis_field.vision.labels import COLORS, SHAPES

WIDTH, HEIGHT = 640, 480
STRIDE = 8
CROP = 64
MASK = CROP // 2
CONTEXT = 1.3
MARGIN_PX = 6.0
MAX_PARTS, MAX_CONTAINERS = 12, 4
# The score is at most this times the heat. Below MIN_HEAT it stays under one half whatever the crop
# shows, so the refining net, which costs most, need not look.
HEAT_GAIN = 4.0
MIN_HEAT = 0.5 / HEAT_GAIN
BOX_SCALE_PX = 32.0
# Heads regress log(size / SIZE_SCALE_M): near zero for parts.
SIZE_SCALE_M = 0.05


def _conv(inputs: int, outputs: int, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class _Residual(nn.Module):
    """Two 3x3 convolutions beside the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.first = _conv(width, width)
        self.second = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Run the net."""
        return functional.relu(x + self.second(self.first(x)))


class ProposalNet(nn.Module):
    """Where parts and containers are: heat and box per cell of 8 px.

    Input is a float image in [0, 1], shape (n, 3, h, w). Output are heat logits (n, 2, h/8, w/8),
    for parts and containers, and the distances (n, 8, h/8, w/8) from the cell's centre to the left,
    top, right and bottom sides of the part and then of the container that is centred there, in
    units of ``BOX_SCALE_PX``; a part may lie in the middle of its container.
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 16, 6, 4, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)
        )
        self.fine = nn.Sequential(_conv(16, 32, 2), _Residual(32))
        self.middle = nn.Sequential(_conv(32, 64, 2), _Residual(64))
        self.coarse = nn.Sequential(_conv(64, 96, 2), _Residual(96), _conv(96, 64, 1, 1))
        self.lateral = _conv(64, 64, 1, 1)
        self.join = nn.Sequential(_conv(64, 48))
        self.up = _conv(48, 32, 1, 1)
        self.head = _conv(32, 48)
        self.out = nn.Conv2d(48, 10, 1)
        nn.init.constant_(self.out.bias[:2], -4.0)
        nn.init.constant_(self.out.bias[2:], 0.7)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Run the net."""
        fine = self.fine(self.stem(image))
        middle = self.middle(fine)
        coarse = functional.interpolate(self.coarse(middle), scale_factor=2.0, mode="nearest")
        joined = self.join(functional.relu(self.lateral(middle) + coarse))
        wide = functional.interpolate(self.up(joined), scale_factor=2.0, mode="nearest")
        out = self.out(self.head(functional.relu(fine + wide)))
        return out[:, :2], functional.softplus(out[:, 2:])


class RefineNet(nn.Module):
    """What a crop shows.

    Input are crops (n, 3, 64, 64) in [0, 1] and where they lie (n, 3): centre x, y and side, each
    divided by the image width. Output is a dict of: ``shape`` logits (n, len(SHAPES) + 1) whose
    last class is "nothing", ``color`` logits (n, 8), ``box`` (n, 4) in crop units from the crop's
    centre (side length 1), ``size`` (n, 3) as log(size / SIZE_SCALE_M), ``mask`` logits
    (n, 32, 32) of the pixels of the crop that belong to what it shows.
    """

    def __init__(self):
        super().__init__()
        self.first = _conv(3, 24, 2)
        self.quarter = nn.Sequential(_conv(24, 40, 2), _Residual(40))
        self.eighth = nn.Sequential(_conv(40, 64, 2), _Residual(64))
        self.last = nn.Sequential(_conv(64, 96, 2), _conv(96, 96))
        self.lateral = nn.ModuleList([nn.Conv2d(width, 32, 1) for width in (96, 64, 40)])
        self.blend = nn.Sequential(_conv(32, 32), nn.Conv2d(32, 24, 1))
        self.mask = nn.Sequential(_conv(24, 16), nn.Conv2d(16, 1, 1))
        self.joint = nn.Sequential(
            nn.Linear(96 * (CROP // 16) ** 2 + 3, 160), nn.ReLU(inplace=True)
        )
        self.shape = nn.Linear(160, len(SHAPES) + 1)
        self.color = nn.Linear(160, len(COLORS))
        self.box = nn.Linear(160, 4)
        self.size = nn.Linear(160, 3)

    def _trunk(self, crop: Tensor, place: Tensor) -> tuple[Tensor, list[Tensor]]:
        first = self.first(crop)
        quarter = self.quarter(first)
        eighth = self.eighth(quarter)
        last = self.last(eighth)
        joint = self.joint(torch.cat([last.flatten(1), place], dim=1))
        return joint, [first, quarter, eighth, last]

    def centre(self, crop: Tensor, place: Tensor) -> Tensor:
        """Only the ``box`` of `forward`."""
        return self.box(self._trunk(crop, place)[0])

    def forward(self, crop: Tensor, place: Tensor) -> dict[str, Tensor]:
        """Run the net."""
        joint, (first, quarter, eighth, last) = self._trunk(crop, place)
        wide = self.lateral[0](last)
        for lateral, finer in zip(self.lateral[1:], (eighth, quarter), strict=True):
            wide = functional.relu(_double(wide) + lateral(finer))
        mask = self.mask(functional.relu(_double(self.blend(wide)) + first))
        return {
            "shape": self.shape(joint),
            "color": self.color(joint),
            "box": self.box(joint),
            "size": self.size(joint),
            "mask": mask[:, 0],
        }


def _double(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def crop_square(box: Tensor) -> Tensor:
    """Square (centre x, centre y, side) in pixels that holds a box (n, 4) with context."""
    centre = (box[:, :2] + box[:, 2:]) / 2
    extent = (box[:, 2:] - box[:, :2]).amax(dim=1, keepdim=True)
    return torch.cat([centre, extent * CONTEXT + 2 * MARGIN_PX], dim=1)


def uncrop(box: Tensor, square: Tensor) -> Tensor:
    """Boxes (n, 4) in pixels from boxes in units of their crops (n, 3)."""
    return box * square[:, 2:] + square[:, :2].repeat(1, 2)


def decode(box: Tensor) -> Tensor:
    """Boxes (n, 4, h, w) in pixels of the image from the proposal net's distances."""
    height, width = box.shape[2:]
    x = (torch.arange(width, dtype=box.dtype, device=box.device) + 0.5) * STRIDE
    y = (torch.arange(height, dtype=box.dtype, device=box.device) + 0.5) * STRIDE
    x, y = x.view(1, 1, 1, width), y.view(1, 1, height, 1)
    left, top, right, bottom = (box * BOX_SCALE_PX).split(1, dim=1)
    return torch.cat([x - left, y - top, x + right, y + bottom], dim=1)


class DetectorNet(nn.Module):
    """Image (480, 640, 3) uint8 to 1 to 16 candidates; the outputs of the exported file.

    The refining net runs twice: first to centre the crop, then to name what the crop shows.
    """

    def __init__(self, proposal: ProposalNet, refine: RefineNet):
        super().__init__()
        self.proposal = proposal
        self.refine = refine
        step = (torch.arange(CROP, dtype=torch.float32) + 0.5) / CROP - 0.5
        self.register_buffer("steps", step[None], persistent=False)

    def peaks(
        self, logits: Tensor, distances: Tensor, parts: int, containers: int
    ) -> tuple[Tensor, Tensor]:
        """Boxes (n, 4) in pixels and heat (n,) of the best local maxima of one image."""
        heat = torch.sigmoid(logits)
        peak = heat * (functional.max_pool2d(heat, 3, 1, 1) == heat)
        boxes, heats = [], []
        for channel, count in enumerate((parts, containers)):
            value, index = torch.topk(peak[0, channel].flatten(), count)
            flat = decode(distances[:, 4 * channel : 4 * channel + 4])[0].reshape(4, -1)
            boxes.append(flat[:, index].T)
            heats.append(value)
        return torch.cat(boxes), torch.cat(heats)

    def crops(self, image: Tensor, square: Tensor) -> Tensor:
        """Bilinear crops (n, 3, 64, 64) of the squares (n, 3) of an image (1, 3, 480, 640)."""
        count = square.shape[0]
        centre, side = square[:, :2], square[:, 2:]
        x = (centre[:, :1] + self.steps * side) * (2.0 / WIDTH) - 1.0
        y = (centre[:, 1:] + self.steps * side) * (2.0 / HEIGHT) - 1.0
        shape = (count, CROP, CROP)
        grid = torch.stack([x[:, None].expand(shape), y[:, :, None].expand(shape)], dim=-1)
        sampled = functional.grid_sample(
            image,
            grid.reshape(1, count * CROP, CROP, 2),
            mode="bilinear",
            padding_mode="zeros",
            align_corners=False,
        )
        return sampled.reshape(3, count, CROP, CROP).transpose(0, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Run the net."""
        image = image.permute(2, 0, 1)[None].float() / 255.0
        box, heat = self.peaks(*self.proposal(image), MAX_PARTS, MAX_CONTAINERS)
        likely = torch.nonzero(heat >= heat.amax().clamp(max=MIN_HEAT))[:, 0]
        box, heat = box[likely], heat[likely]
        square = crop_square(box)
        box = uncrop(self.refine.centre(self.crops(image, square), square / WIDTH), square)
        square = crop_square(box)
        out = self.refine(self.crops(image, square), square / WIDTH)
        shape_p = torch.softmax(out["shape"], dim=1)
        something = 1.0 - shape_p[:, -1]
        score = something * torch.clamp(heat * HEAT_GAIN, max=1.0)
        shape_p = shape_p[:, :-1] / torch.clamp(something[:, None], min=1e-6)
        return (
            uncrop(out["box"], square),
            score,
            shape_p,
            torch.softmax(out["color"], dim=1),
            SIZE_SCALE_M * torch.exp(out["size"]),
            torch.sigmoid(out["mask"]),
            square,
        )
