"""Start-up: what a piped overview costs in CPU against `python -c pass`, in one run. Prints, judges nothing.

python tests/benchmarks/startup.py [RUNS]
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "show outstanding-items --class1 N": ["show", "outstanding-items", "--class1", "N"],
    "show debtor-ageing --help": ["show", "debtor-ageing", "--help"],
    "--help": ["--help"],
    "__complete show debtor-ageing --class1": ["__complete", "show", "debtor-ageing", "--class1", ""],
}


def cpu(command: list[str], environ: dict[str, str]) -> float:
    """Return the CPU seconds of a command, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main(runs: int) -> None:
    """Run the commands in turn and print the median of each and its ratio to the first."""
    script = str(Path(sys.executable).with_name("segcli"))
    with tempfile.TemporaryDirectory() as folder:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ["SEGCLI_DATABASE"] = f"{folder}/example.db"
        subprocess.run([script, "init", "--example"], env=environ, check=True)
        commands = {name: line if line[0] == sys.executable else [script, *line] for name, line in COMMANDS.items()}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs + 1):
            for name, line in commands.items():
                times[name].append(cpu(line, environ))
    medians = {name: sorted(found[1:])[runs // 2] for name, found in times.items()}
    for name, median in medians.items():
        print(f"{median * 1000:7.1f} ms  {median / medians['python -c pass']:5.1f} x  {name}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
