"""A Spark Connect server of this machine, for tests: needs Java 17, and pip's pyspark[connect] or SPARK_HOME."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

_SECONDS = 120  # to start on a busy machine
# What little data needs: no compiled code, one part of each shuffle, one Java compiler.
_CONF = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.leafNodeDefaultParallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.connect.grpc.binding.address": "127.0.0.1",
}


def home() -> Path:
    """Return the folder of a Spark. The test is skipped if there is none, or no Java, or no client."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java")
    if not (find_spec("pyspark") and find_spec("grpc")):
        pytest.skip("Spark's client is not installed: pip install 'pyspark[connect]'")
    found = Path(os.environ.get("SPARK_HOME") or Path(str(find_spec("pyspark").origin)).parent)  # type: ignore[union-attr]
    if not (found / "jars").is_dir():
        pytest.skip("Spark's server is not installed: pip install 'pyspark[connect]'")
    return found


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Yield the URL of a Spark Connect server, which ends afterwards. Its files are in the folder."""
    spark = home()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    conf = {**_CONF, "spark.connect.grpc.binding.port": str(port), "spark.local.dir": str(folder / "local")}
    conf["spark.sql.warehouse.dir"] = str(folder / "warehouse")
    words = [str(spark / "bin" / "spark-submit"), "--master", "local[2]", "--driver-memory", "1g"]
    words += ["--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"]
    words += [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    words += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
    env = {**os.environ, "SPARK_HOME": str(spark), "SPARK_LOCAL_IP": "127.0.0.1"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(words, cwd=folder, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(server, port, folder)
        yield f"sc://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait(server: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Wait until the server listens."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.2)
    raise AssertionError((folder / "server.log").read_text(errors="replace")[-2000:])
