import os
from pathlib import Path

import pytest

from streams.broker import kafka_jars
from streams.broker.kafka_jars import EmbeddedKafkaError, fetch, java


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, so that a test says which programs the machine has."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(kafka_jars, "cache_folder", lambda: tmp_path / "cache")
    return folder


def install(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


# "${6#*=}" is the folder named by -DoutputDirectory.
COPIES_ONE_JAR = '/bin/mkdir -p "${6#*=}"; : > "${6#*=}/kafka.jar"'


@pytest.mark.usefixtures("programs")
def test_without_java_the_error_says_what_to_install_and_the_other_way() -> None:
    with pytest.raises(EmbeddedKafkaError, match=r"install Java 17.*docker compose.*KAFKA_BOOTSTRAP_SERVERS"):
        java()


def test_an_old_java_is_refused_with_what_it_says_of_itself(programs: Path) -> None:
    install(programs, "java", "echo 'openjdk version \"1.8.0_402\"' >&2")
    with pytest.raises(EmbeddedKafkaError, match=r"1\.8\.0_402.*install Java 17"):
        java()


def test_a_new_java_is_taken(programs: Path) -> None:
    install(programs, "java", "echo 'openjdk version \"21.0.2\" 2024-01-16' >&2")
    assert java() == str(programs / "java")


@pytest.mark.usefixtures("programs")
def test_without_maven_the_error_says_what_to_install() -> None:
    with pytest.raises(EmbeddedKafkaError, match="install Maven"):
        fetch()


def test_jars_are_fetched_once(programs: Path) -> None:
    install(programs, "mvn", COPIES_ONE_JAR)
    folder = fetch()
    assert [each.name for each in folder.iterdir()] == ["kafka.jar"]
    install(programs, "mvn", "exit 1")
    assert fetch() == folder


def test_a_fetch_that_fails_half_way_leaves_nothing_that_looks_complete(programs: Path) -> None:
    install(programs, "mvn", f"{COPIES_ONE_JAR}; echo 'no route to host'; exit 1")
    with pytest.raises(EmbeddedKafkaError, match="no route to host"):
        fetch()
    assert list(kafka_jars.cache_folder().iterdir()) == []
    install(programs, "mvn", COPIES_ONE_JAR)
    assert fetch().exists()
