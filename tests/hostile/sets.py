"""Settings on the command line and in the environment that cannot be meant."""

from tests.hostile.case import ANN, STATS, Case, Refusal
from tests.hostile.json_text import document

FILES = {ANN: document()}
RISING = "anchors.strides: expected whole numbers that increase"
RULES = "mmdetection, detectron2, torchvision, official, stretch, letterbox"
LISTED = "`atss-inspect config show` lists all settings"

# what stands after --set, the message after "--set: ", the hint
ROWS = (
    ("k", 'expected NAME=VALUE, got "k"', "for example --set k=15"),
    ("", 'expected NAME=VALUE, got ""', "for example --set k=15"),
    ("k" * 100_000 + "=1", "kkkk...", "..."),
    ("=", ": unknown key...", LISTED),
    ("kk=3", "kk: unknown key; did you mean k?", LISTED),
    ("\x1b[31mk=3", r"\x1b[31mk: unknown key...", LISTED),
    ("k\nhint: x=3", r"k\nhint: x: unknown key...", LISTED),
    ("k=", 'assigner.k: expected a whole number of at least 1, got ""'),
    ("k=0", "assigner.k: expected a whole number of at least 1, got 0"),
    ("k=-9", "assigner.k: expected a whole number of at least 1, got -9"),
    ("k=9.5", 'assigner.k: expected a whole number of at least 1, got "9.5"'),
    ("k=nine", 'assigner.k: expected a whole number of at least 1, got "nine"'),
    ("k=nan", 'assigner.k: expected a whole number of at least 1, got "nan"'),
    ("k=[9]", 'assigner.k: expected a whole number of at least 1, got "[9]"'),
    ("k=true", 'assigner.k: expected a whole number of at least 1, got "true"'),
    ("k=" + "9" * 5000, "assigner.k: expected a whole number of at least 1, got ..."),
    ("k=1" + "0" * 30, "assigner.k: expected ..."),
    ("scale=0", "anchors.scale: expected a number of at least 0.0001, got 0.0"),
    # What float32 cannot hold would be 0 there.
    ("scale=5e-324", "anchors.scale: expected a number of at least 0.0001, got ..."),
    (
        "scale=inf",
        "anchors.scale: expected a finite number of at least 0.0001, got inf",
    ),
    ("scale=nan", "anchors.scale: expected a ... got nan"),
    (
        "scale=1e400",
        "anchors.scale: expected a finite number of at least 0.0001, got inf",
    ),
    ("scale=-1e-300", "anchors.scale: expected a number of at least 0.0001, got ..."),
    ("scales_per_octave=1000000000", "anchors.scales_per_octave: expected ..."),
    ("strides=", f"{RISING} from level to level, got []"),
    ("strides=8,8", f"{RISING} from level to level, got [8, 8]"),
    ("strides=16,8", f"{RISING} ..."),
    ("strides=8,0", "anchors.strides[1]: expected a whole number of at least 1, got 0"),
    ("strides=8,x", 'anchors.strides[1]: expected ... got "x"'),
    ("strides=[8,[16]]", "anchors.strides[1]: expected ... got [16]"),
    ("strides=[8,", "anchors.strides: expected a list, got ..."),
    ("strides=" + "[" * 5000, "anchors.strides: expected a list, got ..."),
    ("strides=8,1" + "0" * 30, "anchors.strides[1]: expected ..."),
    ("strides=" + ",".join(map(str, range(1, 2000))), "anchors.strides: expected ..."),
    ("ratios=", "anchors.ratios: expected a list of at least one number, got []"),
    (
        "ratios=1,-2",
        "anchors.ratios[1]: expected a number of at least 0.0001, got -2.0",
    ),
    ("classes=[1]", "data.classes[0]: expected text, got 1"),
    ("ratios=0", "anchors.ratios[0]: expected a number of at least 0.0001, got 0.0"),
    ("ratios=" + "1," * 5000, "anchors.ratios: expected ..."),
    ("offset=2", "anchors.offset: expected a number from 0 to 1, got 2.0"),
    ("short_side=0", "resize.short_side: expected a whole number from 1 ..."),
    ("short_side=1000000000", "resize.short_side: expected a whole number from 1 ..."),
    ("size=640", "resize.size: expected a list of 2 numbers, got [640]"),
    ("size=1,2,3", "resize.size: expected a list of 2 numbers, got [1, 2, 3]"),
    ("pad_divisor=0", "resize.pad_divisor: expected a whole number ..."),
    (
        "pad_divisor=1" + "0" * 30,
        "resize.pad_divisor: expected at most 100000, got ...",
    ),
    (
        "pad_to=640",
        "resize.pad_to: expected a height and a width, or an empty list, got [640]",
    ),
    (
        "rule=mmdet",
        f'resize.rule: expected one of {RULES}, got "mmdet"; did you mean mmdetection?',
    ),
    ("drop_crowd=2", 'data.drop_crowd: expected true or false, got "2"'),
    ("min_box_side=-1", "data.min_box_side: expected a number of at least 0, got -1.0"),
    ("name=magic", 'assigner.name: expected one of ... got "magic"'),
    (
        "positive_from=0.5",
        "assigner.positive_from: not a parameter of ...",
        "presets ...",
    ),
    ("plus_one=yes", 'assigner.plus_one: expected true or false, got "yes"'),
    ("center_margin=inf", "assigner.center_margin: expected a finite number ..."),
    (
        "min_union=1e400",
        "assigner.min_union: expected a finite number of at least 0, got inf",
    ),
    ("std_ddof=2", "assigner.std_ddof: expected 0 or 1, got 2"),
)
SETS = tuple(
    Case(
        f"--set {text[:32]}",
        Refusal(f"--set: {message}", 2, *hint),
        FILES,
        (*STATS, "--set", text),
    )
    for text, message, *hint in ROWS
)

# words after `stats`, the message, the hint
OTHER_WORDS = (
    (("-p", "atss"), 'unknown preset "atss"; did you mean atss-...?', "..."),
    (("-p", "../../etc/passwd"), 'unknown preset "../../etc/passwd"', "..."),
    (("-p", "\x1b[31m"), r'unknown preset "\x1b[31m"', "..."),
    (("-p", "nowhere.toml"), "nowhere.toml: no such file", ""),
    (
        (
            "-p",
            "retinanet-mmdet",
            "-s",
            "positive_from=0.3",
            "-s",
            "negative_below=0.6",
        ),
        "--set: assigner.negative_below: expected negative_below at most ...",
        "",
    ),
    (
        ("-p", "fcos-mmdet", "-s", "scale_ranges=[[0,64],[64,128]]"),
        "--set: assigner.scale_ranges: expected one scale range ... got 2 and 5",
        "",
    ),
    (
        ("-p", "fcos-mmdet", "-s", "scale_ranges=[[2,1]]"),
        "--set: assigner.scale_ranges[0]: expected [low, high] ...",
        "",
    ),
    (("--limit", "0"), "invalid value for '--limit'...", "..."),
    (("--limit", "nine"), "invalid value for '--limit'...", "..."),
    (("--jobs", "-1"), "invalid value for '--jobs'...", "..."),
    (("--pad-to", "1", "99999999999"), "--set: resize.pad_to[1]: expected ...", ""),
    (("--by", "\x1b[31m"), r"invalid value for '--by'...\x1b[31m...", "..."),
    (("--class", "\x1b[31m"), r"...\x1b[31m...", "..."),
    (("--image", "\x1b[31m"), r"...\x1b[31m...", "..."),
    (
        ("-o", "\x1b[31m.csv/x.csv"),
        r"\x1b[31m.csv/x.csv: there is no folder ...",
        "...",
    ),
)
WORDS = tuple(
    Case(
        f"stats {' '.join(words)[:40]}",
        Refusal(message, 2, hint),
        FILES,
        ("stats", "--ann", ANN, *words),
    )
    for words, message, hint in OTHER_WORDS
)

# variable, value, the message
VARIABLES = (
    ("SET_K", "0", "ATSS_INSPECT_SET_K: assigner.k: expected ... got 0", ""),
    ("SET_K", "\x1b[31m", r"ATSS_INSPECT_SET_K: assigner.k: expected ...", ""),
    ("SET_", "1", "ATSS_INSPECT_SET_: : unknown key...", LISTED),
    ("SET_KK", "15", "ATSS_INSPECT_SET_KK: kk: unknown key; did you mean k?", LISTED),
    (
        "SET_ANCHORS_K",
        "1",
        "ATSS_INSPECT_SET_ANCHORS_K: anchors.k: unknown key; did you mean assigner.k?",
        LISTED,
    ),
    ("SET_NOTHING", "1", "ATSS_INSPECT_SET_NOTHING: nothing: unknown key...", LISTED),
    ("SET_ASSIGNER__NAME", "x", "ATSS_INSPECT_SET_ASSIGNER__NAME: ...", ""),
    ("PRESET", "nope", 'unknown preset "nope"', "..."),
    ("PRESET", "\x1b[31m", r'unknown preset "\x1b[31m"', "..."),
    ("PRESET", "::atss-mmdet:/dev/zero", 'unknown preset "/dev/zero"', "..."),
)
ENVIRONMENT = tuple(
    Case(
        f"ATSS_INSPECT_{name}={value}",
        Refusal(message, 2, hint),
        FILES,
        ("stats", "--ann", ANN),
        {f"ATSS_INSPECT_{name}": value},
    )
    for name, value, message, hint in VARIABLES
)
# what stands after --max-unassigned, or other words of `check`; the message
SHARE = "expected a percentage from 0% to 100%, or a fraction below 1, got ..."
LIMITS = (
    (("--max-unassigned", ""), f"--max-unassigned : {SHARE}"),
    (("--max-unassigned", "2"), f"--max-unassigned 2: {SHARE}"),
    (("--max-unassigned", "101%"), f"--max-unassigned 101%: {SHARE}"),
    (("--max-unassigned", "-1%"), f"--max-unassigned -1%: {SHARE}"),
    (("--max-unassigned", "nan"), f"--max-unassigned nan: {SHARE}"),
    (("--max-unassigned", "1e-3"), f"--max-unassigned 1e-3: {SHARE}"),
    (("--max-unassigned", "\u0663%"), f"--max-unassigned \u0663%: {SHARE}"),
    (("--max-unassigned", "9" * 20_000), "--max-unassigned 99..."),
    (("--max-unassigned", "0." + "9" * 20_000 + "x"), "--max-unassigned 0.9..."),
    (("--max-unassigned", "\x1b[31m=2%"), r'...: no group "\x1b[31m"...'),
    (("--max-unassigned", "=2%"), '--max-unassigned =2%: no group ""...'),
    (("--max-unassigned", "class:\x1b[31m=2%"), r'...: no class "\x1b[31m" in ...'),
    (("--tolerance", "1%"), "check: no limit named; expected ..."),
    (("--max-unassigned", "1%", "--tolerance", "1%"), "--tolerance: expected ..."),
    (("--baseline", ANN, "--tolerance", "\x1b[31m"), rf"--tolerance: {SHARE}"),
)
CHECKS = tuple(
    Case(
        f"check {' '.join(words)[:40]}",
        Refusal(message, 2, "..."),
        FILES,
        ("check", "--ann", ANN, *words),
    )
    for words, message in LIMITS
)
CASES = (*SETS, *WORDS, *ENVIRONMENT, *CHECKS)
