"""Input sizes (height, width) at short side 800, long side 1333, by framework.

off: the long side limits where 800 * long / short > 1333; then short = round half-even
(1333 * short / long). Long = truncated short' * long / short.
mm: one factor, int(x + 0.5). d2: to the short side, then down to 1333, int(x + 0.5).
tv: one factor, floored.
"""

FRAMEWORKS = ("official", "mmdetection", "detectron2", "torchvision")
RESIZED = {
    # 800 * 640 / 480 = 1066.67: cut by off and tv, rounded up by mm and d2.
    (480, 640): ((800, 1066), (800, 1067), (800, 1067), (800, 1066)),
    # 800 * 640 / 426 = 1201.88
    (426, 640): ((800, 1201), (800, 1202), (800, 1202), (800, 1201)),
    # 800 * 640 / 427 = 1199.06
    (427, 640): ((800, 1199), (800, 1199), (800, 1199), (800, 1199)),
    # 800 * 500 / 375 = 1066.67
    (375, 500): ((800, 1066), (800, 1067), (800, 1067), (800, 1066)),
    # 1422.2 is too long: 1333 * 1080 / 1920 = 749.81. off: round to 750, and the long
    # side 750 * 1920 / 1080 = 1333.33. tv cuts the short side.
    (1080, 1920): ((750, 1333), (750, 1333), (750, 1333), (749, 1333)),
    # 800 * 120 / 97 = 989.69. tv: 97 * (800 / 97) is 799.9999... in double.
    (97, 120): ((800, 989), (800, 990), (800, 990), (799, 989)),
    # 1333 * 105 / 310 = 451.5 exactly. off: half-even 452, long 452 * 310 / 105 =
    # 1334.48. mm: 105 * 4.3 + 0.5 = 452. d2: two factors lose the half: 451.4999...
    (105, 310): ((452, 1334), (452, 1333), (451, 1333), (451, 1333)),
    # 1333 * 901 / 2666 = 450.5 exactly. off: half-even 450, long 450 * 2666 / 901 =
    # 1331.52. mm: 901 * 0.5 + 0.5 = 451, and 1333.5 cut to 1333; d2 alike.
    (901, 2666): ((450, 1331), (451, 1333), (451, 1333), (450, 1333)),
    # Square: 1333 is no limit.
    (400, 400): ((800, 800), (800, 800), (800, 800), (800, 800)),
    (20, 20): ((800, 800), (800, 800), (800, 800), (800, 800)),
}
