"""Positives of mmdetection's own training, run from its configs where it is installed.

Usage: python peer_configs.py < WORK.json; the work is ``{"annotations": FILE,
"configs": {NAME: FILE}, "answers": FOLDER}``. Each config gets ``NAME.npz`` with
``positives`` (P, 3) image id, object of the image, anchor of the image in all levels;
``boxes`` (G, 4) in input pixels and ``images`` (G,) their image ids; ``sizes`` (I, 3)
image id, padded height and width. What fails leaves ``NAME.txt``, the reason.

The config's own data set, pipeline, preprocessor, backbone, neck and head are built.
Pixels are blank, nothing is flipped, the largest of several sizes is taken, and layers
are run without numbers, for the sizes of their maps alone. Nothing of atss_inspect is
imported here.
"""

import json
import sys
import types
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np


class _Missing(types.ModuleType):
    """Stands in for compiled operations, which fill what was made for them."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_args, **_kwargs: None


warnings.simplefilter("ignore")
sys.modules["mmcv._ext"] = _Missing("mmcv._ext")
for _name in ("torchvision", "torchvision.ops", "torchvision.ops.boxes"):
    sys.modules[_name] = _Missing(_name)


def prepare() -> None:
    """Register what configs name, and a reader of images that are not there."""
    import torch
    from mmdet.models.dense_heads import atss_vlfusion_head
    from mmdet.utils import register_all_modules
    from mmengine.registry import TRANSFORMS

    register_all_modules(init_default_scope=True)

    def read(results: dict[str, Any]) -> dict[str, Any]:
        shape = (results["height"], results["width"])
        image = np.zeros((*shape, 3), dtype=np.uint8)
        return {**results, "img": image, "img_shape": shape, "ori_shape": shape}

    TRANSFORMS.register_module("BlankImage", module=lambda **_: read)
    # It reads a language model from the network, and assigns nothing.
    atss_vlfusion_head.VLFusionModule = lambda **_: torch.nn.Identity()


def without_chance(config: dict[str, Any]) -> None:
    """Take what is random out of a transform, and masks as they are written."""
    kind = config.get("type")
    if kind == "LoadImageFromFile":
        config["type"] = "BlankImage"
    elif kind == "LoadAnnotations":
        config.update(with_seg=False, poly2mask=False)  # other files, and slow
    elif kind in ("RandomFlip", "RandomFlip_GLIP"):
        config["prob"] = 0.0
    elif kind == "RandomChoiceResize":
        config["scales"] = [max(config["scales"], key=sorted)]
    elif kind == "RandomResize" and not isinstance(config["scale"][0], int):
        pairs = [sorted(pair) for pair in config["scale"]]
        config["scale"] = [tuple(map(max, zip(*pairs, strict=True)))[::-1]] * 2


def adapt(config: Any, annotations: Path) -> None:
    """Point a data set and all within it to a file, and take out what is random."""
    if isinstance(config, list | tuple):
        for each in config:
            adapt(each, annotations)
    if isinstance(config, dict):
        without_chance(config)
        if "ann_file" in config:
            prefix = {"img": ""}
            config.update(ann_file=f"{annotations}", data_root="", data_prefix=prefix)
        if config.get("type") == "V3DetDataset":  # its list of classes is a file
            config["label_file"] = f"{annotations.with_name('classes.txt')}"
        adapt(list(config.values()), annotations)


class Assigned(Exception):
    """An assigner has answered."""


class Head:
    """The head whose anchors are assigned, and what it decided about an image."""

    def __init__(self, model: Any) -> None:
        import torch
        from mmdet.registry import MODELS

        has_rpn = "rpn_head" in model
        words = model["rpn_head" if has_rpn else "bbox_head"]
        training = model.train_cfg.rpn if has_rpn else model.get("train_cfg")
        self._torch = torch
        self.head = MODELS.build({**words, "train_cfg": training, "test_cfg": None})
        # A configuration of V3Det has it for another FPN; it changes no size.
        neck = {**model.neck}
        neck.pop("force_grad_on_level", None)
        layers = map(MODELS.build, (model.backbone, neck))
        self._layers = torch.nn.Sequential(*layers).to("meta").eval()
        self.map_sizes = cache(self._map_sizes)
        self._inside: Any = None
        self._found: Any = None
        if hasattr(self.head, "assigner"):
            self._listen()

    def _map_sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """Run the layers without numbers."""
        image = self._torch.empty((1, 3, height, width), device="meta")
        return [tuple(each.shape[-2:]) for each in self._layers(image)]

    def positives(self, sample: Any, padded: tuple[int, int]) -> Any:
        """(P, 2): object and anchor of the image, of all levels."""
        from mmdet.models.dense_heads import AnchorHead

        is_anchors = isinstance(self.head, AnchorHead)
        found = (self._of_anchors if is_anchors else self._of_points)(
            sample, self.map_sizes(*padded)
        )
        anchors = self._torch.nonzero(found >= 0).ravel()
        return self._torch.stack([found[anchors], anchors], dim=1).numpy()

    def _of_anchors(self, sample: Any, maps: list[tuple[int, int]]) -> Any:
        """(A,): the object of each anchor, -1 for none, as the head's loss asks."""
        from mmdet.models.dense_heads import ATSSHead, VFNetHead

        metas = [sample.metainfo]
        anchors, flags = self.head.get_anchors(maps, metas, "cpu")
        objects, width = sample.gt_instances, self.head.feat_channels
        objects.positive_maps = self._torch.zeros(len(objects), width)  # of words
        arguments = (anchors, flags, [objects], metas)
        get_targets = type(self.head).get_targets
        if isinstance(self.head, VFNetHead):
            get_targets = ATSSHead.get_targets
        found = self._torch.full((sum(map(len, anchors[0])),), -1)
        ignored = [sample.ignored_instances]
        self._inside = slice(None)  # for heads that do not ask
        try:
            get_targets(self.head, *arguments, batch_gt_instances_ignore=ignored)
        except Assigned:
            found[self._inside] = self._found.gt_inds - 1
        except ValueError:  # of an image without anchors inside
            pass
        return found

    def _listen(self) -> None:
        """Keep which anchors take part, and what the assigner answers; end there."""
        from mmdet.models.task_modules.prior_generators import anchor_inside_flags

        assigner = self.head.assigner

        def inside(*args: Any) -> Any:
            self._inside = anchor_inside_flags(*args)
            return self._inside

        def assign(*args: Any, **kwargs: Any) -> Any:
            self._found = type(assigner).assign(assigner, *args, **kwargs)
            raise Assigned

        assigner.assign = assign
        for name, module in list(sys.modules.items()):
            is_head = name.startswith("mmdet.models.dense_heads.")
            if is_head and hasattr(module, "anchor_inside_flags"):
                module.anchor_inside_flags = inside

    def _of_points(self, sample: Any, maps: list[tuple[int, int]]) -> Any:
        """(A,): the same of FCOS, whose labels tell the object here."""
        head, torch = self.head, self._torch
        points = head.prior_generator.grid_priors(maps, torch.float32, "cpu")
        objects = sample.gt_instances
        objects.labels = torch.arange(len(objects))
        head.num_classes = len(objects)  # which is the label of background
        found = torch.cat(head.get_targets(points, [objects])[0])
        return torch.where(found == len(objects), -1, found)


def answer(path: str, annotations: Path) -> dict[str, Any]:
    """Run what a config says about images of a file, one image a batch."""
    from mmdet.registry import DATASETS, MODELS
    from mmengine.config import Config
    from mmengine.dataset import RepeatDataset

    config = Config.fromfile(path)
    adapt(config.train_dataloader.dataset, annotations)
    dataset = DATASETS.build(config.train_dataloader.dataset)
    if isinstance(dataset, RepeatDataset):
        dataset = dataset.dataset
    blank = {"mean": None, "std": None}
    preprocess = MODELS.build({**config.model.data_preprocessor, **blank})
    head = Head(config.model)
    positives, boxes, images, sizes = [], [], [], []
    for i in range(len(dataset)):
        batch = {key: [value] for key, value in dataset[i].items()}
        batch = preprocess(batch, training=True)
        [sample], padded = batch["data_samples"], tuple(batch["inputs"].shape[-2:])
        found = head.positives(sample, padded)
        number = np.full((len(found), 1), sample.img_id)
        positives.append(np.hstack([number, found]))
        boxes.append(sample.gt_instances.bboxes.numpy())
        images.append(np.full(len(boxes[-1]), sample.img_id))
        sizes.append((sample.img_id, *padded))
    return {
        "positives": np.vstack(positives),
        "boxes": np.vstack(boxes),
        "images": np.concatenate(images),
        "sizes": np.array(sizes),
    }


def main() -> None:
    """Answer for every config."""
    import torch

    torch.set_num_threads(1)
    prepare()
    work = json.load(sys.stdin)
    for name, path in work["configs"].items():
        target = Path(work["answers"], name)
        try:
            with torch.no_grad():
                found = answer(path, Path(work["annotations"]))
        except Exception as error:  # noqa: BLE001 - the test tells it
            target.with_suffix(".txt").write_text(f"{type(error).__name__}: {error}")
        else:
            np.savez(target.with_suffix(".npz"), **found)


if __name__ == "__main__":
    main()
