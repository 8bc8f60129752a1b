"""What frameworks' own loaders make of all configs of a folder; runs beside them.

``python oracles.py KIND FOLDER ANSWER`` writes a pickle: path -> (values or None where
the loader fails, seconds). Values are plain Python, classes ``("class", NAME)``,
anything else ``("other",)``. The configs are run: only those of the wheels are meant.
"""

import importlib.machinery
import importlib.util
import logging
import pickle
import random
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Load = Callable[[str], Any]
# In the place of a path: what detectron2 has where a YAML says nothing.
DEFAULTS = "defaults"


def plain(value: Any) -> Any:
    """Make a value plain Python."""
    kind = type(value).__name__
    if isinstance(value, dict) or kind == "DictConfig":
        return {key: _held(value, key) for key in value}
    if kind in ("ListConfig", "TupleConfig"):
        made = [_held(value, i) for i in range(len(value))]
        return made if kind == "ListConfig" else tuple(made)
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    if isinstance(value, type | types.FunctionType):
        return ("class", value.__name__)
    is_plain = value is None or isinstance(value, bool | int | float | str)
    return value if is_plain else ("other",)


def _held(value: Any, key: Any) -> Any:
    try:
        return plain(value[key])
    except Exception:  # noqa: BLE001 - an interpolation of OmegaConf that leads nowhere
        return ("other",)


def mmengine(_: Path) -> Load:
    """Load with ``Config.fromfile``, without importing what a config asks to import."""
    from mmengine.config import Config

    def load(path: str) -> Any:
        read = Config.fromfile(
            path, import_custom_modules=False, format_python_code=False
        )
        return read.to_dict()

    return load


def yacs(folder: Path) -> Load:
    """Load with fvcore over detectron2's own defaults, which are run."""
    from fvcore.common.config import CfgNode

    package = types.ModuleType("d2config")
    package.__path__ = [str(folder / "detectron2" / "config")]
    node = types.ModuleType("d2config.config")
    node.CfgNode = CfgNode  # type: ignore[attr-defined]
    sys.modules |= {"d2config": package, "d2config.config": node}
    from d2config import defaults

    def load(path: str) -> Any:
        # What `get_cfg` of detectron2 gives, which needs more than this folder.
        merged = vars(defaults)["_C"].clone()
        if path != DEFAULTS:
            merged.set_new_allowed(True)  # projects have keys of their own
            values = CfgNode.load_yaml_with_base(path, allow_unsafe=True)
            merged.merge_from_other_cfg(CfgNode(values))
        return merged

    return load


class Stubs:
    """Finds a module without content for all that detectron2's configs import."""

    ROOTS = ("torch", "torchvision", "detectron2", "timm", "point_rend", "densepose")
    BRANCHES = ("fvcore.nn",)  # it imports torch for itself

    def find_spec(self, name: str, _path: Any, _target: Any = None) -> Any:
        """Find any module below the roots."""
        if name.partition(".")[0] in self.ROOTS or name.startswith(self.BRANCHES):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        """Make a module whose names are classes."""
        return Stub(spec.name)

    def exec_module(self, _module: types.ModuleType) -> None:
        """Run nothing."""


class Stub(types.ModuleType):
    """A module that has a class of every name, and modules of the usual ones."""

    __path__: list[str] = []  # noqa: RUF012
    MODULES = ("nn", "functional", "data", "utils", "transforms", "optim", "models")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        whole = f"{self.__name__}.{name}"
        made = sys.modules.get(whole)
        if made is None:
            made = Stub(whole) if name in self.MODULES else _stub_class(name)
        setattr(self, name, made)
        return made


def _stub_class(name: str) -> Any:
    class Meta(type):
        def __getattr__(cls, inner: str) -> Any:
            if inner.startswith("__"):
                raise AttributeError(inner)
            return _stub_class(inner)

    def init(_self: Any, *_args: Any, **_kwargs: Any) -> None:
        pass

    return Meta(name, (), {"__init__": init})


def lazy(folder: Path) -> Load:
    """Load with detectron2's own LazyConfig; what the configs import is stubs."""
    sys.meta_path.insert(0, Stubs())
    import detectron2
    import torch
    from iopath.common.file_io import PathManager

    torch.__version__ = "2.0"
    files = types.ModuleType("detectron2.utils.file_io")
    files.PathManager = PathManager()  # type: ignore[attr-defined]
    sys.modules[files.__name__] = files
    path = folder / "detectron2" / "config" / "lazy.py"
    spec = importlib.util.spec_from_file_location("detectron2.config.lazy", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    config = types.ModuleType("detectron2.config")
    config.LazyCall, config.LazyConfig = module.LazyCall, module.LazyConfig  # type: ignore[attr-defined]
    zoo = types.ModuleType("detectron2.model_zoo")

    def load(path: str) -> Any:
        return module.LazyConfig.load(path)

    zoo.get_config = lambda name: load(str(folder / "configs" / name))  # type: ignore[attr-defined]
    config.__path__ = []
    sys.modules |= {config.__name__: config, zoo.__name__: zoo, spec.name: module}
    detectron2.model_zoo = zoo
    return load


def flatten(folder: Path, number: int = 80) -> Path:
    """Write configs drawn at random as a run leaves them, in three formats."""
    from mmengine.config import Config

    target = folder.parents[3] / "flattened"
    target.mkdir(exist_ok=True)
    paths = sorted(folder.rglob("*.py"))
    random.Random(13).shuffle(paths)
    for i, path in enumerate(paths[:number]):
        try:
            read = Config.fromfile(str(path), import_custom_modules=False)
        except Exception:  # noqa: BLE001 - mmengine refuses some
            continue
        for suffix in (".py", ".yaml", ".json"):
            read.dump(target / f"{i}{suffix}")
    return target


def answers(load: Load, paths: list[str]) -> Iterator[tuple[str, tuple[Any, float]]]:
    """Load each config."""
    for path in paths:
        begin = time.perf_counter()
        try:
            values = plain(load(path))
        except BaseException:  # noqa: BLE001 - scripts among the configs may exit
            values = None
        yield path, (values, time.perf_counter() - begin)


def main(kind: str, folder: Path, answer: Path) -> None:
    """Let one loader read one folder."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if kind == "flattened":
        folder = flatten(folder)
    suffixes = {"yacs": [".yaml"], "flattened": [".py", ".yaml", ".json"]}
    loaders = {"mmengine": mmengine, "yacs": yacs, "lazy": lazy, "flattened": mmengine}
    detectron2 = [folder / "configs", *(folder / "projects").glob("*/configs")]
    roots = detectron2 if kind in ("yacs", "lazy") else [folder]
    paths = [DEFAULTS] if kind == "yacs" else []
    paths += [
        str(path)
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.suffix in suffixes.get(kind, [".py"])
    ]
    found = dict(answers(loaders[kind](folder), paths))
    answer.write_bytes(pickle.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
