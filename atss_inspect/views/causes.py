"""Causes in words a reader understands, the same in every view."""

CAUSE_WORDS = {
    "no_anchor_in_reach": "no anchor overlaps",
    "no_center_inside": "no anchor center inside",
    "outside_center_region": "outside center region",
    "outside_scale_range": "outside scale ranges",
    "under_threshold": "under mean + std",
    "under_bar": "best IoU under the bar",
    "lost_to_others": "lost to other objects",
}
