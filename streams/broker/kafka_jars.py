"""Where the embedded broker's jars and Java come from, and how they are fetched once."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import click

from streams import machine

POM = Path(__file__).parents[2] / "deploy" / "kafka" / "pom.xml"
# Kafka 4 brokers are compiled for it.
OLDEST_JAVA = 17
# Some 43 MB on a slow line; without a limit a dead proxy would hang the build for ever.
FETCH_TIMEOUT_S = 600
OTHER_WAY = (
    "or bring a broker of your own: `docker compose up --wait kafka`, then set KAFKA_BOOTSTRAP_SERVERS "
    "(127.0.0.1:9092 by default)"
)


class EmbeddedKafkaError(click.ClickException):
    """The embedded broker cannot be had or does not run; the message says what to do."""


def cache_folder() -> Path:
    """Name the folder for jars and for what a background broker is remembered by.

    In a checkout it is `.cache/kafka` there; installed elsewhere, it is in the user's cache folder.
    """
    checkout = POM.parents[2]
    if (checkout / "pyproject.toml").exists():
        return checkout / ".cache" / "kafka"
    environment = machine.environment()
    home_cache = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home_cache) / "headwater" / "kafka"


def jar_folder() -> Path:
    """Name the folder of the jars; another `pom.xml` has another folder."""
    return cache_folder() / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def java() -> str:
    """Find a Java that can run the broker.

    Raises:
        EmbeddedKafkaError: There is none, or it is too old.
    """
    home = machine.environment().get("JAVA_HOME", "")
    candidates = ([str(Path(home) / "bin" / "java")] if home else []) + ["java"]
    found = next((path for each in candidates if (path := shutil.which(each))), None)
    needed = f"install Java {OLDEST_JAVA} or newer (for example the package openjdk-17-jre-headless)"
    if found is None:
        raise EmbeddedKafkaError(f"there is no Java on the PATH or in JAVA_HOME: {needed}, {OTHER_WAY}")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    # "1.8.0_402" for Java 8, "17.0.15" since Java 9.
    version = re.search(r'version "(?:1\.)?(\d+)', told)
    if version is None or int(version[1]) < OLDEST_JAVA:
        first_line = told.splitlines()[0] if told else "nothing"
        raise EmbeddedKafkaError(f"{found} says {first_line}: {needed}, {OTHER_WAY}")
    return found


def fetch() -> Path:
    """Get the folder with the jars, fetching them with Maven if they are not there yet.

    An interrupted fetch leaves nothing that could be taken for a complete one, and several processes
    may fetch at once.

    Raises:
        EmbeddedKafkaError: Maven is missing or fails.
    """
    folder = jar_folder()
    if folder.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise EmbeddedKafkaError(
            f"Kafka's jars are not in {folder} and there is no Maven on the PATH to fetch them: install "
            f"Maven (for example the package maven), {OTHER_WAY}"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as temporary:
        jars = Path(temporary) / "jars"
        _copy_jars(maven, jars)
        try:
            jars.rename(folder)
        except OSError:
            # Another process was faster; a folder that has its final name is complete.
            if not folder.exists():
                raise
    return folder


def _copy_jars(maven: str, target: Path) -> None:
    command = [
        *(maven, "--quiet", "--batch-mode", "--file", str(POM)),
        *("dependency:copy-dependencies", f"-DoutputDirectory={target}"),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise EmbeddedKafkaError(
            f"Maven did not fetch Kafka's jars in {FETCH_TIMEOUT_S} s: check the network or proxy and try "
            f"again, {OTHER_WAY}"
        ) from None
    if done.returncode or not target.is_dir():
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise EmbeddedKafkaError(
            f"Maven could not fetch Kafka's jars with {POM}: see its last lines below, {OTHER_WAY}\n{last}"
        )
