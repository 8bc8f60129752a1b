"""Shares of poorly assigned objects on COCO val2017, preset by preset.

Measured on all 36,780 boxes of val2017 that have an extent, crowds among them, with
corners rounded down to whole pixels.
"""

# Boxes of each size: tiny, small, medium and large.
NUM_BOXES = (4606, 6866, 12828, 12480)
# Share of all objects with fewer candidates than the quota, of gates.
USUAL_BELOW_QUOTA = {
    "rtmdet-mmdet": 0.23535,
    "ultralytics": 0.15871,
    "ultralytics-8.3": 0.18346,
    "ultralytics-8.4.100": 0.17746,
    "yolox-mmdet": 0.19837,
}
# Shares of objects without a candidate, of gates: of poorly assigned ones, of others.
# Of all objects, and of tiny, small, medium and large ones.
USUAL = {
    "atss-mmdet": (0.00903, 0.06101, 0.00277, 0.00055, 0.00200),
    "atss-mmdet-dyhead": (0.00824, 0.05645, 0.00204, 0.00070, 0.00160),
    "atss-mmdet-glip": (0.01382, 0.09930, 0.00306, 0.00062, 0.00184),
    "atss-official": (0.01368, 0.09800, 0.00364, 0.00055, 0.00168),
    "atss-official-9a": (0.01112, 0.08798, 0.00058, 0.00000, 0.00008),
    "efficientdet-d0": (0.00984, 0.05580, 0.01398, 0.00047, 0.00024),
    "efficientdet-d1": (0.00519, 0.03126, 0.00670, 0.00000, 0.00008),
    "efficientdet-d2": (0.00313, 0.02041, 0.00262, 0.00008, 0.00016),
    "efficientdet-d3": (0.00228, 0.01650, 0.00073, 0.00000, 0.00024),
    "efficientdet-d4": (0.00120, 0.00760, 0.00044, 0.00023, 0.00024),
    "efficientdet-d5": (0.00092, 0.00608, 0.00044, 0.00000, 0.00024),
    "efficientdet-d6": (0.00092, 0.00608, 0.00044, 0.00000, 0.00024),
    "efficientdet-d7": (0.00076, 0.00499, 0.00015, 0.00008, 0.00024),
    "fcos-adelaidet": (0.01041, 0.04234, 0.00612, 0.00382, 0.00777),
    "fcos-detectron2": (0.01047, 0.04234, 0.00612, 0.00382, 0.00793),
    "fcos-mmdet": (0.00952, 0.04082, 0.00364, 0.00312, 0.00777),
    "fcos-mmdet-center": (0.01041, 0.04234, 0.00612, 0.00382, 0.00777),
    "fcos-official": (0.01501, 0.08341, 0.00408, 0.00335, 0.00785),
    "fcos-official-imprv": (0.01594, 0.08515, 0.00568, 0.00437, 0.00801),
    "fcos-torchvision": (0.01098, 0.04451, 0.00568, 0.00514, 0.00753),
    "nwd-rka-rpn": (0.00416, 0.00239, 0.00306, 0.00281, 0.00681),
    "nwd-rpn": (0.91441, 0.99522, 0.61098, 0.96640, 0.99808),
    "picodet-warmup": (0.03331, 0.21233, 0.00947, 0.00780, 0.00657),
    "ppyoloe-warmup": (0.06561, 0.20908, 0.01267, 0.08318, 0.02372),
    "retinanet-detectron2": (0.11993, 0.66761, 0.05928, 0.04514, 0.02804),
    "retinanet-mmdet": (0.11974, 0.66717, 0.05899, 0.04506, 0.02788),
    "retinanet-official": (0.13281, 0.74238, 0.07384, 0.04810, 0.02804),
    "retinanet-torchvision": (0.11879, 0.66088, 0.05840, 0.04475, 0.02804),
    "rfla-fcos": (0.00644, 0.01129, 0.00539, 0.00382, 0.00793),
    "rfla-rpn": (0.00321, 0.00239, 0.00218, 0.00210, 0.00521),
    "rpn-detectron2": (0.64133, 0.89014, 0.64375, 0.56556, 0.62604),
    "rpn-mmdet": (0.64157, 0.89036, 0.64375, 0.56533, 0.62692),
    "rpn-torchvision": (0.64059, 0.88602, 0.64725, 0.56392, 0.62516),
    "rtmdet-mmdet": (0.03143, 0.24273, 0.00553, 0.00000, 0.00000),
    "ssd300-mmdet": (0.01645, 0.07208, 0.02855, 0.00483, 0.00120),
    "ssd300-torchvision": (0.02026, 0.09944, 0.03029, 0.00499, 0.00120),
    "ssdlite320-torchvision": (0.09850, 0.30634, 0.21060, 0.05901, 0.00072),
    "tood-warmup-mmdet": (0.00903, 0.06101, 0.00277, 0.00055, 0.00200),
    "ultralytics": (0.00000, 0.00000, 0.00000, 0.00000, 0.00000),
    "ultralytics-8.3": (0.01485, 0.11944, 0.00073, 0.00000, 0.00000),
    "ultralytics-8.4.100": (0.00052, 0.00398, 0.00015, 0.00000, 0.00000),
    "yolov5": (0.00501, 0.03052, 0.00160, 0.00109, 0.00168),
    "yolov6-warmup": (0.05853, 0.26276, 0.01879, 0.03734, 0.02845),
    "yolox-mmdet": (0.02121, 0.16630, 0.00204, 0.00000, 0.00000),
}
