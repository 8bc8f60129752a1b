"""YOLOv3's rule: the best anchors in the cells that hold an object's center."""

from atss_inspect.assigners.grid_cell.assign import assign_grid_cell
from atss_inspect.assigners.grid_cell.params import GridCellParams
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Configs, Family, Rule, Words

_FAMILIES = {
    "yolov3": Family(
        ("#8a3b3b", "#5c2323", "#b06a6a"), ("#d69494", "#b36c6c", "#eec4c4"), "d"
    )
}


def _describe(params: GridCellParams, _pyramid: Pyramid) -> str:
    """Describe the bar, and from where the best anchors need none."""
    bar, floor = params.positive_above, params.forced_above
    forced = f"best anchor above {floor:g}" if floor else "best anchor always"
    return f"YOLOv3, cells with a center, positive above {bar:g}, {forced}"


def _configs(params: GridCellParams, _pyramid: Pyramid) -> Configs:
    """Its bars, as mmdetection's ``GridAssigner`` has them."""
    return {
        "mmdetection": {
            "positive_above": {"{assigner}.pos_iou_thr": params.positive_above},
            "ignored_above": {"{assigner}.neg_iou_thr": params.ignored_above},
            "forced_above": {"{assigner}.min_pos_iou": params.forced_above},
        }
    }


GRID_CELL = Rule(
    name="grid_cell",
    params=GridCellParams,
    assign=assign_grid_cell,
    about="the best anchors in the cells that hold a center",
    words=Words(
        title="YOLOv3",
        meaning=(
            "Only anchors in cells that hold the center of an object are positive: "
            "each object's best one, whatever its IoU, and those above a bar. Of two "
            "objects with one best anchor, only the last keeps it."
        ),
        describe=_describe,
        configs=_configs,
        families=_FAMILIES,
    ),
    steps=f"{__name__}.steps",
    bar=lambda params: params.positive_above,
)
