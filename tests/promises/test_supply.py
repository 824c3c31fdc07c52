"""Supply: what is installed is what was looked at, nothing is asked of a network, and a wheel holds what it needs and no more."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import battery
import pytest
from battery import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from segcli.cli import main
from segcli.interface.command import Command

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / ".ci" / "requirements.txt").read_text(encoding="utf-8")
SPARK = "".join((ROOT / ".ci" / name).read_text(encoding="utf-8") for name in ("spark-build.txt", "spark.txt"))
PYTHONS = ("3.11", "3.12", "3.13")


# ----------------------------------------------------------------------------------------- what it depends on
def locked(lock: str = LOCK) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Return what a lock pins, by name, each with its hashes."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    for text in re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE)).strip().splitlines():
        words = re.split(r"\s+--hash=", text.strip())
        pin = Requirement(words[0])
        found.setdefault(canonicalize_name(pin.name), []).append((pin, words[1:]))
    return found


def declared() -> list[Requirement]:
    """Return what pyproject.toml asks for: to run, to develop and to build."""
    project = PROJECT["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    return [Requirement(text) for text in (*project["dependencies"], *extras, *PROJECT["build-system"]["requires"])]


def version_of(pin: Requirement) -> str:
    ((operator, version),) = [(one.operator, one.version) for one in pin.specifier]
    assert operator == "==", pin
    assert "*" not in version, pin
    return version


def applies(pin: Requirement, python: str) -> bool:
    return pin.marker is None or pin.marker.evaluate(
        {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    )


def test_what_it_runs_on_has_both_bounds() -> None:
    for text in (*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["parquet"]):
        signs = {one.operator for one in Requirement(text).specifier}
        assert {">=", "<"} <= signs, text
    (typer,) = [one for one in declared() if one.name == "typer"]
    assert "0.28.0" in typer.specifier
    assert "0.29.0" not in typer.specifier  # which imports pydantic for every option


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_is_within_the_bounds(python: str) -> None:
    lock = locked()
    lock["pyspark-client"] = locked(SPARK)["pyspark"]  # which has the client in it, and a server to try it on
    assert {f"Programming Language :: Python :: {one}" for one in PYTHONS} <= set(PROJECT["project"]["classifiers"])
    for wanted in declared():
        (pin,) = [pin for pin, _ in lock[canonicalize_name(wanted.name)] if applies(pin, python)]
        assert version_of(pin) in wanted.specifier, (str(wanted), str(pin))


def test_the_lock_of_spark_pins_the_same() -> None:
    spark, lock = locked(SPARK), locked()
    shared = spark.keys() & lock.keys()
    assert {"pyarrow", "python-dateutil"} <= shared
    for name in shared:
        assert {version_of(pin) for pin, _ in spark[name]} == {version_of(pin) for pin, _ in lock[name]}
    assert all(hashes for pins in spark.values() for _, hashes in pins)


def test_every_pin_has_hashes_and_no_line_names_a_place() -> None:
    lock = locked()
    assert len(lock) > 30
    for pins in lock.values():
        for pin, hashes in pins:
            assert version_of(pin)
            assert pin.url is None
            assert hashes
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), pin
    assert not re.search(r"https?:|index-url|extra-index|find-links|trusted-host|\.(?:org|com|io|net)\b", LOCK)


def test_the_lock_is_closed() -> None:
    """Whatever a locked release asks for is locked too: for those that are installed here in the very release."""
    lock, seen = locked(), 0
    for name, pins in lock.items():
        try:
            installed = metadata.distribution(name)
        except (
            metadata.PackageNotFoundError
        ):  # for another system or Python, or newer in the lock than the environment is
            continue
        if installed.version not in {version_of(pin) for pin, _ in pins}:
            continue
        seen += 1
        for text in installed.requires or ():
            wanted = Requirement(text)
            if applies(wanted, f"{sys.version_info.major}.{sys.version_info.minor}"):
                versions = [version_of(pin) for pin, _ in lock[canonicalize_name(wanted.name)]]
                assert any(version in wanted.specifier for version in versions), (name, text)
    assert seen


def test_ci_installs_the_lock_by_its_hashes_and_asks_no_index_after() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    install, evaluated = text.index("--require-hashes --only-binary :all: -r .ci/requirements.txt"), text.index("eval ")
    assert install < text.index("export PIP_NO_INDEX=1") < evaluated


# ----------------------------------------------------------------------------------------- no network, no other programs
# Refuses what has to do with a network or another program, by the interpreter's own account of what it does.
GUARD = """
import sys
def _guard(event, found):
    if event.startswith(("socket.", "http.", "urllib.", "smtplib.", "ftplib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork")):
        sys.stderr.write(f"GUARD {event} {found}\\n")
        raise RuntimeError(event)
sys.addaudithook(_guard)
"""


def test_the_guard_would_say_so(tmp_path: Path) -> None:
    for code, event in (
        ("import socket; socket.socket()", "socket.__new__"),
        ("import os; os.system('true')", "os.system"),
    ):
        done = subprocess.run([sys.executable, "-c", GUARD + code], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert f"GUARD {event}" in done.stderr


def test_nothing_is_asked_of_a_network_or_another_program(example: Path) -> None:
    """What only reads runs under the same guard in the test of Python's moods below."""
    lines = battery.writing()
    done = battery.child(lines, before=GUARD)
    assert done.returncode == 0, done.stderr.decode()
    assert b"GUARD" not in done.stderr
    assert battery.statuses(done.stdout) == {" ".join(words): 0 for words in lines}, done.stderr.decode()


def test_no_option_takes_a_secret() -> None:
    """What stands on a command line is there for all to see who list the processes."""
    for words in battery.nodes(main.root()):
        node: object = main.root()
        for word in words:
            node = node.find(word)  # type: ignore[attr-defined]
        if isinstance(node, Command):
            names = " ".join(flag for one in node.every_parameter for flag in (one.name, *one.flags))
            assert not re.search(r"passw|secret|token|credential|api.?key", names, re.IGNORECASE), words
    settings = re.sub(r"#.*", "", (ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    settings = settings.replace("password_command", "")  # a command, which prints it
    assert not re.search(r"passw|secret|token|api.?key", settings, re.IGNORECASE)


# ----------------------------------------------------------------------------------------- Pythons of another mood
@pytest.mark.repeats
def test_every_mood_of_python_says_the_same(example: Path, tmp_path: Path) -> None:
    """Nothing hangs on asserts and docstrings (-OO), warnings (-W error), bytes as text (-bb) or the order of sets (PYTHONHASHSEED).

    The same is said and the same files are written, to the byte; and no network is asked.
    """
    lines = [*battery.helps(), *battery.reading()]
    moods = {"plain": (), "odd": ("-W", "error", "-bb", "-OO")}
    done, files = {}, {}
    for seed, (name, flags) in enumerate(moods.items(), 1):
        done[name] = battery.child(
            lines, *flags, before=GUARD, PYTHONHASHSEED=str(seed), PYTHONPYCACHEPREFIX=str(tmp_path / "cache" / name)
        )
        files[name] = {path.name: path.read_bytes() for path in Path().glob("out.*")}
    assert [one.returncode for one in done.values()] == [0, 0], done["odd"].stderr.decode()
    assert b"GUARD" not in done["plain"].stderr
    assert done["odd"].stderr.decode() == done["plain"].stderr.decode()
    assert done["odd"].stdout == done["plain"].stdout
    assert files["odd"] == files["plain"]
    assert len(files["plain"]) > 8
    ends = list(battery.statuses(done["plain"].stdout).values())
    assert len(ends) - ends.count(0) == 2  # the two lines that are wrong


def test_no_bytecode_is_written_where_none_is_wanted(example: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "segcli", tmp_path / "segcli", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("schema.sql", "config.example.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    done = battery.child(
        [["show", "debtor-ageing", "-f", "xlsx", "-o", "a.xlsx"]], PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(tmp_path)
    )
    assert done.stderr == b""
    assert not list(tmp_path.rglob("__pycache__"))


# ----------------------------------------------------------------------------------------- what is shipped
@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a wheel and an sdist."""
    pytest.importorskip("hatchling", reason="hatchling is not here")
    folder = tmp_path_factory.mktemp("built")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=ROOT, capture_output=True, check=True)
    return folder


def test_the_sdist_is_the_checkout(built: Path) -> None:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("this is no checkout")
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        inside = {name.split("/", 1)[1] for name in sdist.getnames()}
    tracked = {name for name in found.stdout.split("\0") if name and (ROOT / name).is_file()}
    assert inside == tracked | {"PKG-INFO"}


def test_a_wheel_of_the_sdist_is_the_same(built: Path, tmp_path: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        sdist.extractall(tmp_path, filter="data")
    (source,) = tmp_path.glob("segcli-*")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(words, cwd=source, capture_output=True, check=True)
    (one,), (other,) = built.glob("*.whl"), tmp_path.glob("*.whl")
    contents = []
    for wheel in (one, other):
        with zipfile.ZipFile(wheel) as found:
            contents.append({name: found.read(name) for name in found.namelist()})
    assert contents[0] == contents[1]


@pytest.mark.repeats
def test_a_wheel_in_an_environment_of_its_own(built: Path, tmp_path: Path) -> None:
    """It makes the example and answers, far from the checkout; only what it depends on is lent to it."""
    (wheel,) = built.glob("*.whl")
    fresh = tmp_path / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(fresh)], check=True)
    install = [
        "-m",
        "pip",
        "--python",
        str(fresh / "bin" / "python"),
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    (site,) = fresh.glob("lib/python*/site-packages")
    lent = Path(metadata.distribution("rich").locate_file(""))
    (site / "lent.pth").write_text(f"{lent}\n")  # of which no .pth is read: the checkout is not on the path
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    segcli, database = str(fresh / "bin" / "segcli"), str(tmp_path / "far.db")

    def answer(*words: str) -> str:
        done = subprocess.run(
            [segcli, "--database", database, *words], capture_output=True, text=True, check=False, env=environ, cwd="/"
        )
        assert (done.returncode, done.stderr) == (0, ""), words
        return done.stdout

    answer("init", "--example")
    module = subprocess.run(
        [str(fresh / "bin" / "python"), "-c", "import segcli; print(segcli.__file__)"],
        capture_output=True, text=True, check=True, env=environ, cwd="/",
    )  # fmt: skip
    assert module.stdout.startswith(str(site))
    ageing = ("show", "debtor-ageing", "--as-of", "2026-06-30")
    assert json.loads(answer(*ageing, "--group-by", "class1", "-f", "json"))
    answer(*ageing, "--country", "NL", "-o", str(tmp_path / "ageing.pdf"))  # whose fonts lie in reportlab
    answer(*ageing, "-o", str(tmp_path / "ageing.html"))  # whose style lies in the wheel
    assert answer("config", "show")
    answer("check")
