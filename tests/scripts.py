"""Python code that runs in a process of its own, such as one that signals stop."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence

# Forks once for each of the cases and runs the code there; prints how they ended.
IN_FORKS = """
import json, os, sys
code, imports, cases = sys.argv[1:]
exec(imports)
codes = []
for case in json.loads(cases):
    child = os.fork()
    if not child:
        exec(compile(code, "script", "exec"), {"case": case, "__name__": "__main__"})
        sys.exit()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(json.dumps(codes))
"""


def run_script(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def run_in_forks(
    script: str, cases: Sequence[object], *, imports: str = ""
) -> tuple[list[int], str, str]:
    """Run Python code once for each case, in forks of one process.

    Parameters
    ----------
    script : the code, for which the variable ``case`` is one of the cases
    cases : what JSON can hold
    imports : code that is run once, ahead of the forks, to save time

    Returns
    -------
    the exit codes, negative for signals that killed, and all of stdout and stderr
    """
    done = run_script(IN_FORKS, textwrap.dedent(script), imports, json.dumps(cases))
    assert done.returncode == 0, done.stderr
    *printed, codes = done.stdout.splitlines(keepends=True)
    return json.loads(codes), "".join(printed), done.stderr
