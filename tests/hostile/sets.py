"""Settings, limits and axes, typed or in the environment, that cannot be meant."""

from tests.hostile.case import ANN, STATS, Case, Refusal
from tests.hostile.json_text import document

CLOSED = "anchors.strides: expected a list whose brackets are closed"
PAIR = "a height and a width, such as [16,16]"
RISING = "anchors.strides: expected numbers that increase"
RULES = (
    "mmdetection, truncated, efficientdet, detectron2, torchvision, official, "
    "stretch, letterbox, ultralytics-8.3, ultralytics, yolov5, "
    "none"
)
NO_RULE = f'resize.rule: expected one of {RULES}, got "mmdet"'
NOT_ITS_OWN = "assigner.positive_from: not a parameter of ..."
LISTED = "`atss-inspect config show` lists all settings"
WHOLE = "assigner.k: expected a whole number of at least 1, got"
SCALE = "expected a number from 0.0001 to 10000, got"
FINITE = "expected a finite number from"
SIZE = "resize.size: expected a list of 2 numbers, got"
NO_PAIR = "resize.pad_to: expected a height and a width, or an empty list, got"
ZEROS = "0" * 30

# what stands after --set, the message after "--set: ", the hint
SETS = (
    ("k", 'expected NAME=VALUE, got "k"', "for example --set k=15"),
    ("", 'expected NAME=VALUE, got ""', "for example --set k=15"),
    ("k" * 100_000 + "=1", "kkkk...", "..."),
    ("=", ": unknown key...", LISTED),
    ("kk=3", "kk: unknown key; did you mean k?", LISTED),
    ("\x1b[31mk=3", r"\x1b[31mk: unknown key...", LISTED),
    ("k\nhint: x=3", r"k\nhint: x: unknown key...", LISTED),
    *((f"k={text}", f"{WHOLE} {text}") for text in ("0", "-9")),
    *((f"k={text}", f'{WHOLE} "{text}"') for text in ("", "9.5", "nine", "nan")),
    *((f"k={text}", f'{WHOLE} "{text}"') for text in ("[9]", "true")),
    ("k=" + "9" * 5000, f"{WHOLE} ..."),
    (f"k=1{ZEROS}", "assigner.k: expected ..."),
    ("scale=0", f"anchors.scale: {SCALE} 0.0"),
    # What float32 cannot hold would be 0 there.
    ("scale=5e-324", f"anchors.scale: {SCALE} ..."),
    ("scale=-1e-300", f"anchors.scale: {SCALE} ..."),
    ("scale=inf", f"anchors.scale: {FINITE} 0.0001 to 10000, got inf"),
    ("scale=1e400", f"anchors.scale: {FINITE} 0.0001 to 10000, got inf"),
    # Work for seconds, and warnings of arithmetic, before there was a limit.
    ("scale=1e-30", f"anchors.scale: {SCALE} 1e-30"),
    ("scale=1e30", f"anchors.scale: {SCALE} 1e+30"),
    ("ratios=1e-320", f"anchors.ratios[0]: {SCALE} ..."),
    ("scale=nan", "anchors.scale: expected a ... got nan"),
    ("scales_per_octave=1000000000", "anchors.scales_per_octave: expected ..."),
    ("strides=", f"{RISING} from level to level, got []"),
    ("strides=8,8", f"{RISING} from level to level, got [8.0, 8.0]"),
    ("strides=16,8", f"{RISING} ..."),
    ("strides=8,0", "anchors.strides[1]: expected a number, or a pair ..."),
    ("strides=8,x", 'anchors.strides[1]: expected ... got "x"'),
    ("strides=[8,[16]]", "anchors.strides[1]: expected ... got [16]", PAIR),
    ("strides=[8,", f"{CLOSED}, got ..."),
    ("strides=" + "[" * 5000, f"{CLOSED}, got ..."),
    (f"strides=8,1{ZEROS}", "anchors.strides[1]: expected ..."),
    ("strides=" + ",".join(map(str, range(1, 2000))), "anchors.strides: expected ..."),
    ("ratios=", "anchors.ratios: expected a list of at least one number, ..."),
    ("ratios=1,-2", f"anchors.ratios[1]: {SCALE} -2.0"),
    ("ratios=0", f"anchors.ratios[0]: {SCALE} 0.0"),
    ("ratios=" + "1," * 5000, "anchors.ratios: expected ..."),
    ("classes=[1]", "data.classes[0]: expected text, got 1"),
    ("offset=2", "anchors.offset: expected a number from 0 to 1, got 2.0"),
    ("short_side=0", "resize.short_side: expected a whole number from 1 ..."),
    ("short_side=1000000000", "resize.short_side: expected a whole number from 1 ..."),
    ("size=1,2,3", f"{SIZE} [1, 2, 3]"),
    ("pad_divisor=0", "resize.pad_divisor: expected a whole number ..."),
    (f"pad_divisor=1{ZEROS}", "resize.pad_divisor: expected at most 100000, got ..."),
    ("pad_to=640", f"{NO_PAIR} [640]"),
    ("rule=mmdet", f"{NO_RULE}; did you mean mmdetection?"),
    ("drop_crowd=2", 'data.drop_crowd: expected true or false, got "2"'),
    ("min_box_side=-1", "data.min_box_side: expected a number of at least 0, got -1.0"),
    ("name=magic", 'assigner.name: expected one of ... got "magic"'),
    ("positive_from=0.5", NOT_ITS_OWN, "presets ..."),
    ("plus_one=yes", 'assigner.plus_one: expected true or false, got "yes"'),
    ("center_margin=inf", "assigner.center_margin: expected a finite number ..."),
    (
        "min_union=1e400",
        "assigner.min_union: expected a finite number of at least 0, got inf",
    ),
    ("std_ddof=2", "assigner.std_ddof: expected 0 or 1, got 2"),
)

CROSSED = "--set: assigner.negative_below: expected negative_below at most ..."
RANGES = "--set: assigner.scale_ranges: expected one scale range ... got 2 and 5"
BOUNDS = "--set: assigner.scale_ranges[0]: expected [low, high] ..."
# words after `stats`, the message, the hint
STATS_WORDS = (
    ("-p atss", 'unknown preset "atss"; did you mean atss-...?', "..."),
    ("-p ../../etc/passwd", 'unknown preset "../../etc/passwd"', "..."),
    ("-p \x1b[31m", r'unknown preset "\x1b[31m"', "..."),
    ("-p nowhere.toml", "nowhere.toml: no such file"),
    ("-p retinanet-mmdet -s positive_from=0.3 -s negative_below=0.6", CROSSED, "..."),
    ("-p fcos-mmdet -s scale_ranges=[[0,64],[64,128]]", RANGES, "..."),
    ("-p fcos-mmdet -s scale_ranges=[[2,1]]", BOUNDS),
    ("--limit 0", "invalid value for '--limit'...", "..."),
    ("--limit nine", "invalid value for '--limit'...", "..."),
    ("--jobs -1", "invalid value for '--jobs'...", "..."),
    ("--pad-to 1 99999999999", "--set: resize.pad_to[1]: expected ..."),
    ("--by \x1b[31m", r"invalid value for '--by'...\x1b[31m...", "..."),
    ("--class \x1b[31m", r"...\x1b[31m...", "..."),
    ("--image \x1b[31m", r"...\x1b[31m...", "..."),
    ("-o \x1b[31m.csv/x.csv", r"\x1b[31m.csv/x.csv: there is no folder ...", "..."),
)

# what stands after ATSS_INSPECT_SET_, the value, the message after both, the hint
VARIABLES = (
    ("K", "0", "assigner.k: expected ... got 0"),
    ("K", "\x1b[31m", "assigner.k: expected ..."),
    ("", "1", ": unknown key...", LISTED),
    ("KK", "15", "kk: unknown key; did you mean k?", LISTED),
    ("ANCHORS_K", "1", "anchors.k: unknown key; did you mean assigner.k?", LISTED),
    ("NOTHING", "1", "nothing: unknown key...", LISTED),
    ("ASSIGNER__NAME", "x", "..."),
)
# ATSS_INSPECT_PRESET and how it is quoted
PRESET = "ATSS_INSPECT_PRESET"
DEVICE = "::atss-mmdet:/dev/zero"
PRESETS = {"nope": "nope", "\x1b[31m": r"\x1b[31m", DEVICE: "/dev/zero"}

SHARE = "expected a percentage from 0% to 100%, or a fraction below 1, got ..."
# what stands after --max-unassigned, the message
LIMITS = (
    *(
        (text, f"--max-unassigned {text}: {SHARE}")
        for text in ("", "2", "101%", "-1%", "nan", "1e-3", "\u0663%")
    ),
    ("9" * 20_000, "--max-unassigned 99..."),
    ("0." + "9" * 20_000 + "x", "--max-unassigned 0.9..."),
    ("\x1b[31m=2%", r'...: no group "\x1b[31m"...'),
    ("=2%", '--max-unassigned =2%: no group ""...'),
    ("class:\x1b[31m=2%", r'...: no class "\x1b[31m" in ...'),
)
# words after `check`, the message
CHECKS = (
    ("--max-unassigned 1% --tolerance 1%", "--max-worse (--tolerance): expected ..."),
    (
        f"--baseline {ANN} --tolerance \x1b[31m",
        "--max-worse (--tolerance): expected ...",
    ),
)

STEPS = "expected START:STOP:STEP, got"
MANY = "expected at most 500 values in all, got"
LEVELS = "levels: expected levels such as P3-P7, got"
BRACKETS = "expected lists in brackets, got"
# the axes, the message after "sweep: "
AXES = (
    *((text, f'expected NAME=VALUES, got "{text}"') for text in ("k", "k=", "k=,,,")),
    *(
        (f"k={text}", f'k: {STEPS} "{text}"')
        for text in ("3:", "a:b", "1:2:3:4", "1:nan", "1:inf", "1:1e999999")
    ),
    ("k=0:9e999999:1e-999999", f"k: {STEPS} ..."),
    ("k=1e999998:1e999998", f"k: {STEPS} ..."),
    ("scale=1e-999998:1e-999998", f"scale: {STEPS} ..."),
    ("k=9e999999:9e999999:9e999999", "k: expected ..."),
    ("k=" + "2" * 20_000 + ":2", "k: expected ..."),
    ("k=" + "1" * 20_000, "assigner.k: expected ..."),
    ("k=1000000000", "assigner.k: expected ..."),
    ("k=0", f"{WHOLE} 0"),
    ("k=3:4:0.5", f'{WHOLE} "3.0"'),
    ("k=1.5:3", f"{WHOLE} ..."),
    ("k=9:1", 'k: expected START at most STOP, got "9:1"'),
    ("k=1:9:0", 'k: expected a step above 0, got "1:9:0"'),
    ("k=1:9:-1", 'k: expected a step above 0, got "1:9:-1"'),
    ("k=1:501", f"k: {MANY} 501"),
    ("k=1:1000000000", f"k: {MANY} 1000000000"),
    ("k=1:9:1e-30", f"k: {MANY} ..."),
    ("k=1:1e299", f"k: {MANY} 1.0...E+299"),
    ("k=1:30 scale=1:30", f"k and scale: {MANY} 900"),
    ("k=1 topk=2", "assigner.k: named twice"),
    ("levels=P3 strides=[8]", "anchors.strides: named twice"),
    ("kk=3", "kk: unknown key; did you mean k?"),
    ("=3", ": unknown key..."),
    ("\x1b[31m=3", r"\x1b[31m: unknown key..."),
    *((f"levels={text}", f'{LEVELS} "{text}"') for text in ("3", "P9-P3", "P3-P99")),
    ("levels=\u0663", f"{LEVELS} ..."),
    ("strides=8,16", f"strides: {BRACKETS} 8,16"),
    ("strides=[8", "anchors.strides: expected ..."),
    ("strides=[[8]]", "anchors.strides[0]: expected ... got [8]"),
    ("strides=" + "[" * 5000, f"{CLOSED}, got ..."),
    ("ratios=]", f"ratios: {BRACKETS} ]"),
    ("style=none", 'anchors.style: expected one of ... got "none"'),
    ("positive_from=0.5", NOT_ITS_OWN),
)


def _refused(
    words: tuple[str, ...], message: str, hint: str = "", **variables: str
) -> Case:
    """Make a case of a command on a sound file, with variables of the environment."""
    name = " ".join(word[:40] for word in words if word not in STATS[1:])
    environment = {f"ATSS_INSPECT_{key}": value for key, value in variables.items()}
    name += "".join(f" {key}={value}" for key, value in environment.items())
    return Case(name, Refusal(message, 2, hint), {ANN: document()}, words, environment)


WITHOUT_PRESET = STATS[:3]
CHECK = ("check", *STATS[1:3])
CASES = (
    *(
        _refused((*STATS, "--set", text), f"--set: {message}", *hint)
        for text, message, *hint in SETS
    ),
    *(
        _refused((*WITHOUT_PRESET, *words.split()), message, *hint)
        for words, message, *hint in STATS_WORDS
    ),
    *(
        _refused(
            WITHOUT_PRESET,
            f"ATSS_INSPECT_SET_{key}: {message}",
            *hint,
            **{f"SET_{key}": value},
        )
        for key, value, message, *hint in VARIABLES
    ),
    *(
        _refused(
            WITHOUT_PRESET, f'{PRESET}: unknown preset "{quoted}"', "...", PRESET=value
        )
        for value, quoted in PRESETS.items()
    ),
    *(
        _refused((*CHECK, "--max-unassigned", text), message, "...")
        for text, message in LIMITS
    ),
    *(_refused((*CHECK, *words.split()), message, "...") for words, message in CHECKS),
    *(
        _refused(("sweep", *STATS[1:3], *axes.split()), f"sweep: {message}", "...")
        for axes, message in AXES
    ),
)
