"""What a reader who does not know assigners needs to be told."""

# Cause -> what it means, and what may help; in the rule order of CAUSES.
CAUSE_MEANINGS = {
    "no_anchor_in_reach": (
        "No anchor overlaps the box at all.",
        "The box is far from every anchor, mostly at the border or tiny: larger input "
        "images or a finer level (P2) bring anchors near.",
    ),
    "no_center_inside": (
        "No anchor center, or no point, lies inside the box: it fits between the cells "
        "of the finest level.",
        "Larger input images or a finer level (P2). Raising k or lowering thresholds "
        "does nothing.",
    ),
    "outside_center_region": (
        "Points lie inside the box, but none near enough to its center.",
        "A larger center sampling radius, or none.",
    ),
    "outside_scale_range": (
        "On every level that has a point inside, the box is too large or too small for "
        "the scale range of the level.",
        "Scale ranges that meet, and begin lower.",
    ),
    "under_threshold": (
        "Candidates have their centers inside, but none reaches the object's own "
        "threshold, the mean plus the standard deviation of its candidates' IoUs.",
        "Another k, or anchors nearer to the shape of the object.",
    ),
    "under_bar": (
        "The best IoU with any anchor stays under the bar for positives, and "
        "low-quality matches do not step in.",
        "Smaller anchors, more ratios, low-quality matches, or a lower bar.",
    ),
    "lost_to_others": (
        "Anchors qualified, but other objects took all of them: an anchor serves one "
        "object only.",
        "More anchors per cell, a larger k, larger input images; often it is the data: "
        "boxes in boxes, duplicates.",
    ),
}

# Term -> meaning.
GLOSSARY = {
    "Anchor": (
        "A reference box (or, for FCOS, a point) that the detector makes one "
        "prediction from. Each cell of each level has one or several."
    ),
    "Assignment": (
        "The rule that decides, in training, which anchors are to predict which object."
    ),
    "Positive": (
        "An anchor that is assigned to an object and learns its box and class. Other "
        "anchors are negative (background) or ignored."
    ),
    "Starved": (
        "An object without a positive. Nothing in training tells the detector that it "
        "is there."
    ),
    "Level, stride": (
        "P3 to P7 are feature maps; neighboring cells of P3 lie 8 input pixels apart, "
        "of P4 16, and so on. Small objects live on fine levels."
    ),
    "Input pixels": (
        "Pixels of the resized image, which the network sees. Original pixels are "
        "those of the file; sizes (tiny to large) go by them, as in COCO."
    ),
    "ATSS": (
        "Takes the k nearest anchors of each level as candidates; those whose IoU "
        "reaches mean + standard deviation, with their center inside the box, are "
        "positive."
    ),
    "IoU rule": (
        "Anchors with an IoU above a fixed bar are positive (RetinaNet, RPN). A "
        "low-quality match gives an object its best anchor even below the bar."
    ),
    "FCOS": (
        "Points inside the box, on the level whose scale range fits the box, are "
        "positive."
    ),
    "Gini": (
        "How unevenly positives are shared among objects: 0 is the same for all, near "
        "1 is all for one."
    ),
    "Tied, fragile": (
        "Objects whose positives are decided by exactly equal values, or by the last "
        "digit of a float: other versions of a framework may answer differently there."
    ),
}
