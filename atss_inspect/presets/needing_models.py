"""Rules that look at predictions: why they are none here, and what can be said."""

PREDICTIONS = "decides by predictions, which need a model"
QUERIES = "matches queries to objects by predictions, which need a model"
SOME_PREDICTIONS = "takes half of its positives by predictions, which need a model"
KEYPOINTS = "draws heat maps of corners or centers; nothing is assigned to anchors"
WITHOUT_MODEL = (
    "without a model: `atss-inspect stats` tells which objects the data rules leave "
    "out, and `atss-inspect plot size` the sizes after the resize"
)
_GATE = "what stands before its choice needs none: -p"
# By what is true of them: names of rules, and of models that are known by one, in small
# letters, without signs between.
_NAMES = {
    QUERIES: "detr deformabledetr conditionaldetr dabdetr dndetr dino groundingdino "
    "ddq ddqdetr rtdetr rtdetrv2 rfdetr dfine deim codetr yolos maskformer mask2former "
    "mask2formertrack sparsercnn queryinst embeddingrpn hungarian topkhungarian "
    "maskhungarian rtdetrdecoder",
    PREDICTIONS: "ota paa lad ddod autoassign freeanchor freeanchorretina fsaf "
    "mutualguide rtmdetrotated",
    f"{PREDICTIONS}; the choice is among the anchors of -p yolov5": "yolov7 idetect "
    "iauxdetect",
    SOME_PREDICTIONS: "yolof uniform",
    KEYPOINTS: "centernet centernetupdate cornernet corner centripetalnet centripetal "
    "ttfnet",
    f"{PREDICTIONS}; {_GATE} yolox-mmdet": "simota posesimota yoloxpose pico",
    f"{PREDICTIONS}; {_GATE} rtmdet-mmdet": "dynamicsoftlabel batchdynamicsoftlabel",
    f"{PREDICTIONS}; {_GATE} ultralytics": "tal taskaligned batchtaskaligned",
}
_REASONS = {name: why for why, names in _NAMES.items() for name in names.split()}


def why_none(name: object) -> str | None:
    """Tell why a rule or model of this name is none here; None for other names."""
    plain = "".join(filter(str.isalnum, str(name).lower()))
    plain = plain.removesuffix("assigner").removesuffix("head")
    return _REASONS.get(plain)


def is_about_models(reason: str) -> bool:
    """Whether a reason is that predictions decide, or that nothing is assigned."""
    return any(reason.startswith(why) for why in _NAMES)
