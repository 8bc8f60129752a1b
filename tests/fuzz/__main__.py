"""``python -m tests.fuzz TARGET [SECONDS] [FOLDER]``: look for what crashes us.

TARGET is ``bytes`` (a file of any bytes), ``document`` (a JSON document of odd values),
``settings`` (TOML, ``--set``, the environment, sweep axes), ``labels`` (of YOLO),
``yaml`` (a data.yaml), ``voc`` (an XML file) or ``picture`` (its header). What is found
is written to FOLDER, where the inputs worth keeping live too; a find becomes a case of
``tests/hostile``. Needs the extra ``fuzz``.
"""

import subprocess
import sys
from pathlib import Path

import atheris

# Only what we wrote is worth instrumenting: the paths through it lead the fuzzer.
with atheris.instrument_imports(include=["atss_inspect"]):
    from tests.fuzz.targets import TARGETS

WORDS = Path(__file__).with_name("words.dict")
SLOWEST_S = 20
MOST_MB = 3000
# What atheris instruments takes some 60 kB more with every input, so that the limit
# above would end a long run; a new process starts afresh, from all that was kept.
ROUND_S = 300
LONGEST_INPUT = 4096


def main(target: str, seconds: str = "600", folder: str = "build/fuzz") -> None:
    """Fuzz one target for some seconds, in rounds, or until something is found."""
    left_s = int(seconds)
    warnings = [f"-W{option}" for option in sys.warnoptions]
    again = (sys.executable, *warnings, "-m", "tests.fuzz", target)
    while left_s > ROUND_S:
        code = subprocess.call([*again, str(ROUND_S), folder])
        if code:
            sys.exit(code)
        left_s -= ROUND_S
    fuzz(target, left_s, folder)


def fuzz(target: str, seconds: int, folder: str) -> None:
    inputs = Path(folder) / target
    inputs.mkdir(parents=True, exist_ok=True)
    check, seeds = TARGETS[target]
    for number, seed in enumerate(seeds):
        (inputs / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST_INPUT}",
        f"-timeout={SLOWEST_S}",
        f"-rss_limit_mb={MOST_MB}",
        f"-dict={WORDS}",
        f"-artifact_prefix={folder}/{target}-",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(inputs)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
