"""Shares of poorly assigned objects on COCO val2017, preset by preset.

Measured on all 36,780 boxes of val2017 that have an extent, crowds among them, with
corners rounded down to whole pixels.
"""

# Of all objects, and of tiny, small, medium and large ones.
USUAL = {
    "atss-mmdet": (0.0090, 0.0610, 0.0028, 0.0005, 0.0020),
    "atss-mmdet-dyhead": (0.0082, 0.0564, 0.0020, 0.0007, 0.0016),
    "atss-mmdet-glip": (0.0083, 0.0567, 0.0020, 0.0007, 0.0016),
    "atss-official": (0.0137, 0.0980, 0.0036, 0.0005, 0.0017),
    "atss-official-9a": (0.0111, 0.0880, 0.0006, 0.0000, 0.0001),
    "fcos-detectron2": (0.0105, 0.0423, 0.0061, 0.0038, 0.0079),
    "fcos-mmdet": (0.0095, 0.0408, 0.0036, 0.0031, 0.0078),
    "fcos-mmdet-center": (0.0104, 0.0423, 0.0061, 0.0038, 0.0078),
    "fcos-official": (0.0150, 0.0834, 0.0041, 0.0034, 0.0079),
    "fcos-official-imprv": (0.0159, 0.0851, 0.0057, 0.0044, 0.0080),
    "fcos-torchvision": (0.0110, 0.0445, 0.0057, 0.0051, 0.0075),
    "retinanet-detectron2": (0.1199, 0.6676, 0.0593, 0.0451, 0.0280),
    "retinanet-mmdet": (0.1197, 0.6672, 0.0590, 0.0451, 0.0279),
    "retinanet-official": (0.1328, 0.7424, 0.0738, 0.0481, 0.0280),
    "retinanet-torchvision": (0.1188, 0.6609, 0.0584, 0.0447, 0.0280),
    "rpn-detectron2": (0.6413, 0.8901, 0.6438, 0.5656, 0.6260),
    "rpn-mmdet": (0.6416, 0.8904, 0.6438, 0.5653, 0.6269),
    "rpn-torchvision": (0.6406, 0.8860, 0.6472, 0.5639, 0.6252),
}
