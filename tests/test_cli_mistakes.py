"""What no command can do: one line that names it, a hint, and the exit code."""

import errno
import json
import os
from pathlib import Path

import pytest

from tests.command_line import ask
from tests.saved_sweeps import saved_sweep
from tests.test_cli_stats import YARD
from tests.tiny_coco import coco, street, write_coco

WRONG = "invalid value for"
TABLES = "'positives|candidates|objects|left-out|coco|fixed'"
UNASSIGNED = "check --ann yard.json --max-unassigned"
CHECK = "check --ann yard.json"
EXPLAIN = "explain --ann yard.json"
IMAGE = "plot image --ann images.json"
REACH = "plot reach"
PLOT_SWEEP = "plot sweep --ann street.json"
ONE_OF_TWO = "expected either --ann-id ID, or --image ID with --box X,Y,W,H\nhint: "
NO_BOXES = (
    "there are no boxes to choose from\nhint: name annotations with --ann, without "
    "--no-data, or leave it out\n"
)
SHARE = "expected a percentage from 0% to 100%, or a fraction below 1"
SEVERAL = "-p atss-mmdet -p fcos-mmdet"
TWICE = "-p atss-mmdet -p atss-mmdet"
LONG = "x" * 300
TOO_LONG = f"cannot be written: {os.strerror(errno.ENAMETOOLONG).lower()}\n"
NO_FOLDER = "cannot be written: " + os.strerror(errno.ENOTDIR).lower()
NO_ADDRESS = "expected an address such as tcp://host:8786"

# All that share their work.
SHARING = (
    *("stats", "worst", "compare", "sweep k=5,9", "check --max-unassigned 2%"),
    *("export objects", "plot positives", "plot levels", "plot threshold"),
    *("plot size", "plot compare", "plot sweep k=5,9"),
)

# What is typed, and how the line on stderr goes on after "error: ".
USAGE = {
    # Of every command.
    "confg": "unknown command confg; did you mean config?\n"
    "hint: `atss-inspect --help` lists the commands\n",
    "config lst": "unknown command lst; did you mean list?\n"
    "hint: `atss-inspect config --help` lists the commands\n",
    "config show --set kk=3": "--set: kk: unknown key; did you mean k?\n"
    "hint: `atss-inspect config show` lists all settings\n",
    "stats --pad-to 0 800": "--pad-to 0 800: expected two sizes of at least 1",
    "stats": "no annotations named; expected FILE or --ann FILE\n"
    "hint: `atss-inspect demo` shows the answers on data of its own\n",
    # Annotations without --ann.
    **dict.fromkeys(
        (
            *("stats yard.json --ann street.json", "stats yard.json street.json"),
            *("stats --ann=street.json yard.json", "compare yard.json street.json"),
        ),
        "annotations are named twice, yard.json and street.json\n"
        "hint: one file may stand without --ann; `--ann A --ann B` takes both as one",
    ),
    # What an option is missing before.
    "explain yard.json 5": "unexpected argument 5; did you mean --ann-id 5?\n",
    "explain 5": "unexpected argument 5; did you mean --ann-id 5?\n",
    "report --ann yard.json 42": "unexpected argument 42; did you mean --image 42?\n",
    "convert yard.json folder": "unexpected argument folder\n",
    "plot image --worst --ann yard.json": "invalid value for '--worst': '--ann' is "
    "not one of 'poorly', ",
    "stats --limit --ann yard.json": "invalid value for '--limit': expected a whole "
    "number, got --ann\n",
    "compare yard.json atss-mmdet": "compare: expected two presets or more, got ",
    "export yard.json": f"missing argument {TABLES}. Choose from: "
    "positives, candidates, objects, left-out, coco, fixed\nhint: ",
    # A file that is read is not written.
    "stats yard.json -o yard.json --force": "yard.json: is read by this command; "
    "expected another file\n",
    "stats --ann link.json -o ./yard.json --force": "./yard.json: is read by this ",
    "export objects yard.json -o yard.json --force -f csv": "yard.json: is read by ",
    "config init yard.json -o yard.json --force": "yard.json: is read by this command",
    "check yard.json --baseline street.json -o street.json --force": "street.json: is ",
    "stats yard.json -c a/mine.toml -o a/mine.toml --force -f md": "a/mine.toml: is ",
    "export yard.json all": f"{WRONG} {TABLES}: 'all' is not one ",
    "export --ann yard.json all": f"{WRONG} {TABLES}: 'all' is ",
    "yard.json": "unknown command yard.json\n"
    "hint: a command comes first, as in `atss-inspect stats yard.json`\n",
    "plot yard.json": "unknown command yard.json\nhint: a command comes first, ",
    # Choices and numbers, in words of our own.
    "stats --jobs 0": f"{WRONG} '--jobs' / '-j': expected at least 1, got 0\n",
    "stats -j0": f"{WRONG} '--jobs' / '-j': expected at least 1, got 0\n",
    "stats --limit=x": f"{WRONG} '--limit': expected a whole number, got x\n",
    "stats --pad-to 3 x": f"{WRONG} '--pad-to': expected a whole number, got x\n",
    "browse --port 70000": f"{WRONG} '--port': expected at most 65535, got 70000\n",
    "browse --worst x": f"{WRONG} '--worst': 'x' is not one of 'poorly', ",
    "report --max-mb x": f"{WRONG} '--max-mb': expected a number, got x\n",
    "stats --by size --by x": f"{WRONG} '--by': 'x' is not one of 'size', "
    "'level', 'class', 'ratio'\n",
    "export all": f"{WRONG} {TABLES}: 'all' is not one of "
    "'positives', 'candidates', 'objects', 'left-out', 'coco', 'fixed'\n",
    "plot size --theme neon": f"{WRONG} '--theme': 'neon' is not one of ",
    # Which images and objects.
    "stats --ann yard.json --class cta": '--class: no class "cta" in the annotations; '
    "did you mean cat?\nhint: the classes are cat, dog, owl\n",
    "stats --ann yard.json --image 17": "image 17: no image has this id or file name; "
    "the nearest id is 2\nhint: the first image is 1, yard.jpg\n",
    "stats --ann yard.json --image yrad.jpg": "image yrad.jpg: no image has this id or "
    "file name; did you mean yard.jpg?\nhint: the first image is 1, yard.jpg\n",
    "stats --ann yard.json --image 'z*'": "image z*: no file name fits this pattern\n"
    "hint: the first image is 1, yard.jpg\n",
    # Conventions.
    "compare --ann yard.json atss-mmdet": "compare: expected two presets or more, got "
    "atss-mmdet\nhint: ",
    "compare --ann yard.json atss-mmdet atss-mmdet": "expected different "
    "presets, got atss-mmdet twice\nhint: a settings file is known by its name: each "
    "needs one of its own\n",
    "stats --ann yard.json --config a/mine.toml -c a/mine.toml": "expected different "
    "presets, got mine twice\n",
    "compare --ann yard.json atss-mmdet fcos-mmdt": 'unknown preset "fcos-mmdt"; did '
    "you mean fcos-mmdet?\nhint: ",
    f"config show {SEVERAL} -f toml": "--format toml: expected one preset or file, got "
    "atss-mmdet, fcos-mmdet\n",
    "config init --preset atss": 'unknown preset "atss"; did you mean atss-mmdet?\n'
    "hint: `atss-inspect config list` shows all\n",
    f"worst --ann yard.json {SEVERAL}": "worst: expected one preset, got atss-mmdet, "
    "fcos-mmdet\nhint: name one with --preset; `atss-inspect compare` puts several ",
    f"sweep --ann yard.json k=3 {SEVERAL}": "sweep: expected one preset, got "
    "atss-mmdet, fcos-mmdet\n",
    f"export positives --ann street.json {SEVERAL}": "export positives: expected one "
    "preset, got atss-mmdet, fcos-mmdet\nhint: choose one, such as --preset "
    "atss-mmdet\n",
    f"plot levels --ann street.json {TWICE}": "expected different presets, got "
    "atss-mmdet twice\n",
    f"report --ann yard.json {TWICE}": "expected different presets, got "
    "atss-mmdet twice\n",
    "plot threshold --ann broken.json -p fcos-mmdet": "plot threshold: expected an "
    "ATSS preset, got fcos-mmdet",
    "plot compare --ann street.json atss-mmdet": "plot compare: expected exactly two "
    "presets, got atss-mmdet\n",
    "plot compare --ann street.json atss-mmdet fcos-mmdet rpn-mmdet": "plot compare: "
    "expected exactly two presets, got atss-mmdet, fcos-mmdet, rpn-mmdet\n",
    "plot compare --ann street.json atss-mmdet atss-mmdet": "expected different "
    "presets, got atss-mmdet twice\n",
    # Limits.
    f"{CHECK} --max gini": "--max gini: a value is missing; expected gini=VALUE\n",
    f"{CHECK} --max num_tied=0.05": "--max num_tied=0.05: 5% of the objects, or 0.05 "
    "objects?",
    f"{CHECK} --max ginny=0.6": '--max ginny=0.6: no statistic "ginny"; did you mean '
    "gini?",
    f"{CHECK} --min gini:tiny=0.6": "--min gini:tiny=0.6: gini is known of all objects "
    "only",
    f"{CHECK} --max gini=many": "--max gini=many: expected a number that is not "
    'negative, got "many"',
    f"{CHECK} --max unassigned_share=2": f'--max unassigned_share=2: {SHARE}, got "2"',
    f"{CHECK} --min num_objects:class:cta=2": 'limits: no class "cta" in the '
    "annotations; did you mean cat?",
    f"{UNASSIGNED} 2": f'--max-unassigned 2: {SHARE}, got "2"',
    f"{UNASSIGNED} 2% --tolerance 1": "--max-worse (--tolerance): expected "
    "--baseline with it",
    # One object, one cause.
    f"{EXPLAIN} --ann-id 77": "--ann-id 77: no annotation has this id; the nearest id "
    "is 6\nhint: there are 6 annotations\n",
    f"{EXPLAIN} --ann-id cat": "--ann-id cat: no annotation has this id\n",
    EXPLAIN: ONE_OF_TWO,
    f"{EXPLAIN} --image 1": ONE_OF_TWO,
    f"{EXPLAIN} --ann-id 1 --box 1,2,3,4": ONE_OF_TWO,
    f"{EXPLAIN} --image 1 --box 1,2,3": "--box: expected four numbers X,Y,W,H, got",
    f"{EXPLAIN} --image 1 --box 1,2,0,4": "--box: expected a positive width",
    f"{EXPLAIN} --image 43 --box 1,2,3,4": "image 43: no image has this id",
    "worst --ann yard.json --cause lost-to-other": "--cause: unknown cause "
    '"lost-to-other"; did you mean lost-to-others?\n'
    "hint: the causes are no-anchor-in-reach, no-center-inside, ",
    # Sweeps.
    "sweep --ann yard.json k": 'sweep: expected NAME=VALUES, got "k"\n',
    "sweep --ann yard.json k=9:3": 'sweep: k: expected START at most STOP, got "9:3"\n',
    "sweep --ann yard.json k=3,x": "sweep: assigner.k: expected a whole number of at "
    "least 1",
    "plot sweep": "plot sweep: expected NAME=VALUES or --from FILE, got neither\n",
    "plot sweep k=3 --from a.json": "plot sweep: expected NAME=VALUES or --from FILE, "
    "got both k=3 and --from\n",
    "plot sweep --from a.json --class car -p fcos-mmdet --limit 3": "plot sweep: "
    "--from --preset --limit --class: the sweep is done already\nhint: ",
    "plot sweep --from a.json --need 5": "plot sweep: --from --need: the sweep is done "
    "already\n",
    "plot sweep k=3 scale=4 levels=P3-P7 --ann missing.json": "plot sweep: expected "
    "one or two settings, got 3\n",
    "plot sweep --from three.json": "plot sweep: expected one or two settings, got 3\n",
    f"{PLOT_SWEEP} k": 'plot sweep: expected NAME=VALUES, got "k"\nhint: for example',
    f"{PLOT_SWEEP} {SEVERAL} offset=0,0.5": "plot sweep: expected one preset, got "
    "atss-mmdet, fcos-mmdet\nhint: ",
    f"{PLOT_SWEEP} k=3,9 --pad-to 0 9": "--pad-to 0 9: expected",
    # Boxes that are not there cannot be chosen.
    f"{REACH} --class cat": f"plot reach: --class: {NO_BOXES}",
    f"{REACH} --image 1": f"plot reach: --image: {NO_BOXES}",
    f"{REACH} --size tiny": f"plot reach: --size: {NO_BOXES}",
    f"{REACH} --limit 3": f"plot reach: --limit: {NO_BOXES}",
    f"{REACH} --ann yard.json --no-data --size tiny": f"plot reach: --size: {NO_BOXES}",
    # One image.
    IMAGE: "plot image: expected the id or file name of an image\n",
    f"{IMAGE} *.jpg": "plot image: expected one image, got 3 (7, 9, 42)\n",
    f"{IMAGE} 43": "image 43: no image has this id or file name; the nearest id is 42",
    f"{IMAGE} 42 --zoom 5": "--zoom 5: image 42 has no annotation of this id",
    f"{IMAGE} --zoom 101": "--zoom 101: no annotation has this id; the nearest ids "
    "are 100 and 103\nhint: `atss-inspect export objects` lists the annotation ids\n",
    f"{IMAGE} --candidates x": "--candidates x: no annotation has this id\n",
    f"{IMAGE} --zoom none": "plot image: expected the id or file name of an image\n",
    f"{IMAGE} 42 --with-picture": "--with-picture: none of these images has a picture\n"
    "hint: --images names the folder of pictures\n",
    f"{IMAGE} --gallery 3 --with-picture": "--with-picture: none of these images has ",
    f"{IMAGE} 9 --candidates 5": "--candidates 5: image 9 has no annotation of this id",
    f"{IMAGE} 42 --levels P3,P9": '--levels: no level "P9"\n',
    f"{IMAGE} 42 --k 3,x": "--k: expected positive whole numbers such as 3,9,15",
    f"{IMAGE} 42 --k 3 -p fcos-mmdet": "--k: fcos-mmdet has no k",
    f"{IMAGE} 42 --by level --k 3,9": "--by level: expected one convention, got 2\n",
    f"{IMAGE} 42 --k {','.join(map(str, range(1, 20)))}": "--k: expected at most 12 "
    "panels, got 19\n",
    f"{IMAGE} --gallery 2 --mask": "--gallery: small pictures take no option of what "
    "is drawn\n",
    f"{IMAGE} --gallery 2 --k 3,9": "--gallery: expected one convention, got 2\n",
    f"{IMAGE} --worst lost": "--worst lost: no image has such objects under "
    "atss-mmdet\n",
    "view --ann street.json": "view: expected the id or file name of an image\n",
    "view --ann street.json 11": "image 11: no image has this id or file name",
    "browse --ann street.json --image 11": "image 11: no image has this id",
    "browse --ann none.json": "browse: the annotations hold no usable image\n",
    "report --ann yard.json --image 3": "image 3: no image has this id or file name",
    "report --ann yard.json --no-viewer --worst 3": "--no-viewer: the page shows no "
    "images, but some are asked for\n",
    "report --ann yard.json --no-viewer --sample 3": "--no-viewer: the page shows no ",
    "report --ann yard.json --no-viewer --image 3": "--no-viewer: the page shows no ",
    # Targets, refused before anything is read.
    "stats --ann missing.json -o mine.json": "mine.json: exists already\n"
    "hint: replace it with --force\n",
    "explain --ann missing.json --ann-id 3 -o mine.json": "mine.json: exists already\n",
    "export objects --ann missing.json -o mine.csv": "mine.csv: exists already\n",
    "export objects --ann missing.json -o out.xlsx": "out.xlsx: unknown suffix .xlsx; "
    "expected .csv",
    "export fixed --ann street.json -o a.json.gz": "a.json.gz: unknown suffix .gz; "
    "expected .json\nhint: nothing is compressed here",
    "export coco folder": "unexpected argument folder: it is no file of annotations\n"
    "hint: annotations stand first, or after --ann",
    "export objects --ann missing.json -o nowhere/out.csv": "nowhere/out.csv: there is "
    "no folder",
    "export objects --ann street.json --rows-per-part 4": "stdout cannot take a folder",
    "plot levels --ann missing.json -o levels.gif": "levels.gif: unknown suffix .gif; ",
    "plot levels --ann missing.json -o mine.png": "mine.png: exists already\n",
    f"{IMAGE} 42 -o x.jpg": "x.jpg: unknown suffix .jpg; expected ",
    "view --ann missing.json 10 -o page.png": "page.png: unknown suffix .png; expected "
    ".html",
    "view --ann missing.json 10 -o page.xyz": "page.xyz: unknown suffix .xyz; expected "
    ".html",
    "view --ann missing.json 10 -o street.json": "street.json: unknown suffix .json",
    "view --ann missing.json 10 -o none/page.html": "none/page.html: there is no ",
    "view --ann missing.json 10 -o mine.html": "mine.html: exists already\n",
    "report --ann missing.json -o report.pdf": "report.pdf: unknown suffix .pdf; "
    "expected .html",
    "report --ann missing.json -o mine.html": "mine.html: exists already\n",
    "config init -o mine.toml": "mine.toml: exists already\n"
    "hint: replace it with --force\n",
    "convert --ann street.json": "no folder to write named; expected -o FOLDER\n",
    "demo -o full": "full: is not empty\n"
    "hint: --force replaces the files of the same names there, and no others\n",
    "demo -o mine.csv --force": "mine.csv: is a file; expected a folder",
    "demo -o mine.csv/below": f"mine.csv/below: {NO_FOLDER}\n",
    **{
        f"{command} -o {LONG}{suffix}": f"{LONG}{suffix}: {TOO_LONG}"
        for command, suffix in (
            ("stats", ".json"),
            ("export positives", ".csv"),
            ("export objects --rows-per-part 9", ""),
            ("convert", ""),
            ("plot levels", ".png"),
            ("report", ".html"),
            ("view 1", ".html"),
            ("demo", ""),
        )
    },
    # Folders of pictures.
    **{
        f"{command} --images {folder}": f"--images {folder}: no such folder\n"
        for folder in ("nowhere", "yard.json", LONG)
        for command in (f"{IMAGE} 42", "view 42", "report", "browse")
    },
    # Who does the work.
    **{
        f"{command} --ann missing.json {words}": message
        for command in SHARING
        for words, message in (
            ("--dask foo", f"--dask foo: {NO_ADDRESS}"),
            ("--jobs 2 --dask tcp://h:1", "--jobs and --dask: expected one of them"),
        )
    },
    # Addresses of a cluster.
    **{
        f"stats --ann street.json --dask '{address}'": f"--dask {address}: {NO_ADDRESS}"
        for address in ("tcp://host", "http://host:80/x", "ftp://host:1", ":1", "")
    },
}
NO_SWEEP = "hint: save one with `atss-inspect sweep"
UNREADABLE = {
    "export objects --ann missing.json": "missing.json: no such file",
    **{
        f"{command} missing.json": "missing.json: no such file"
        for command in ("", "stats", "compare", "sweep", "plot", "plot image", "export")
    },
    "compare atss-mmdet missing.JSON.gz": "missing.JSON.gz: no such file",
    "stats yrad.json": "yrad.json: no such file\nhint: did you mean yard.json",
    "browse --ann missing.json": "missing.json: no such file",
    # Where a command has no other arguments, a word is a file.
    "stats nowhere": "nowhere: no such file\n",
    "worst full": "full: is a folder; expected a JSON file, pictures with YOLO labels, "
    "VOC files, or what `convert` wrote\n",
    f"{CHECK} --baseline missing.json": "missing.json: no such file",
    f"{CHECK} --baseline yard.json": "yard.json: expected what `atss-inspect stats "
    "--json` writes",
    f"{CHECK} --baseline list.json": "list.json: expected a JSON object",
    f"{CHECK} --baseline broken.json": "broken.json: is not valid JSON at byte 0 (line "
    '1): "no JSON"',
    f"{CHECK} --baseline earlier.json -p fcos-mmdet": "earlier.json: no result of "
    "preset fcos-mmdet; it has atss-mmdet",
    "plot sweep --from street.json": "street.json: expected a saved sweep, got no "
    f'"sweep"\n{NO_SWEEP}',
    "plot sweep --from unknown": f"unknown: no such file\n{NO_SWEEP}",
}
CASES = [(2, *case) for case in USAGE.items()]
CASES += [(3, *case) for case in UNREADABLE.items()]
TEXTS = {
    "list.json": "[1]",
    "broken.json": "no JSON",
    "three.json": json.dumps(saved_sweep({"k": [3], "scale": [4.0], "levels": [[8]]})),
    **dict.fromkeys(("mine.json", "mine.csv", "mine.png", "mine.html"), "mine"),
    **dict.fromkeys(("mine.toml", "full/mine.txt"), "# mine"),
    **dict.fromkeys(("a/mine.toml", "b/mine.toml"), 'extends = "atss-mmdet"'),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files that the commands name."""
    made = tmp_path_factory.mktemp("mistakes")
    box = (30, 40, 60, 60)
    write_coco(made / "yard.json", YARD)
    write_coco(made / "street.json", street())
    write_coco(
        made / "images.json", coco({42: [(101, 101, 4, 4), box], 7: [box], 9: []})
    )
    write_coco(made / "none.json", {"images": [], "annotations": [], "categories": []})
    (made / "link.json").symlink_to("yard.json")
    for name in ("full", "a", "b"):
        (made / name).mkdir()
    for name, text in TEXTS.items():
        (made / name).write_text(text, encoding="utf-8")
    saved = made / "earlier.json"
    ask(f"-q stats --ann {made / 'yard.json'} -o {saved} -p atss-mmdet")
    return made


@pytest.mark.parametrize(("code", "command", "message"), CASES, ids=str)
def test_a_mistake_is_one_line_that_names_it(
    code: int, command: str, message: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    out, err = ask(f"-q {command}", code=code)
    assert out == ""
    assert err.startswith(f"atss-inspect: error: {message}")
    assert err.count("\n") <= 2
    assert sorted(folder.iterdir()) == before
