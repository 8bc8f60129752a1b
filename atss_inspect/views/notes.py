"""What the words and numbers of tables mean: the same sentence below every table."""

SIZES_NOTE = (
    "Sizes go by area in original pixels (the file's area, else width x height): tiny "
    "below 16x16, small below 32x32, medium below 96x96, large from there."
)
RATIOS_NOTE = "Ratios are width : height in original pixels."
MEAN_AND_NONE_NOTE = (
    "mean: positives per object; none: share of the objects without a positive."
)
SHARED_NOTE = "Compared are the objects that every preset keeps."
