"""The whole system through its program, on real PostgreSQL, a real broker and two small deployables."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest

from crm_runtime.bootstrap import Owner, claim
from crm_runtime.errors import RuntimeProblem
from crm_runtime.processes import ProcessIdentity
from crm_runtime.run_state import RunState

from .support import DEADLINE_SECONDS, Crm, wait_until


def test_up_until_ctrl_c(crm: Crm) -> None:
    up = crm.start("--no-story", FAKE_LAUNCHER="1")
    names = {record["name"] for record in crm.state()["processes"]}
    assert names == {"postgres", "broker", "launcher", "front", "front-worker", "alpha-svc", "alpha-svc-worker"}
    identities = crm.identities()
    status = crm.run("status")
    assert status.returncode == 0
    assert all(name in status.stdout for name in names)

    up.send_signal(signal.SIGINT)
    assert up.wait(DEADLINE_SECONDS) == 0, crm.output
    output = crm.output
    assert f"http://127.0.0.1:{crm.ports[0]}/docs" in output
    assert "story=False" in output
    assert "Traceback" not in output
    assert not any(identity.lives() for identity in identities)
    assert crm.state() == {}
    stops = [line for line in crm.journal if line.startswith("stop")]
    assert stops[:2] == ["stop serve front", "stop serve alpha-svc"]
    assert set(stops[2:]) == {"stop work front", "stop work alpha-svc"}
    assert crm.run("status").returncode == 1


def killed_and_ready_again(crm: Crm, *names: str) -> None:
    before = len(crm.output)
    killed = {name: crm.process(name) for name in names}
    for record in killed.values():
        ProcessIdentity(**record["identity"]).signal(signal.SIGKILL)
    wait_until(lambda: all(f"{name} is ready again" in crm.output[before:] for name in names), what="readiness")
    for name, record in killed.items():
        assert f"{name} ended unexpectedly (killed by signal 9)" in crm.output
        assert crm.process(name)["identity"] != record["identity"]
        assert crm.process(name)["restarts"] == record["restarts"] + 1


@pytest.mark.parametrize("launcher", ["0", "1"])
def test_killed_processes_are_restarted(crm: Crm, launcher: str) -> None:
    crm.start(FAKE_LAUNCHER=launcher)
    killed_and_ready_again(crm, "alpha-svc-worker", "postgres", "broker")
    assert crm.run("status").returncode == 0


def test_a_killed_launcher_is_restarted_with_all_that_it_started(crm: Crm) -> None:
    crm.start(FAKE_LAUNCHER="1")
    killed_and_ready_again(crm, "launcher")
    wait_until(lambda: crm.output.count("is ready again") == 5, what="readiness of all programs")
    assert len(crm.journal) == 10 + 4  # each was started and ended and started again; both migrations ran once


@pytest.mark.parametrize("launcher", ["0", "1"])
def test_kill_9_of_the_supervisor_leaves_nothing_running(crm: Crm, launcher: str) -> None:
    up = crm.start(FAKE_LAUNCHER=launcher)
    identities = crm.identities()
    up.kill()
    up.wait(DEADLINE_SECONDS)
    if sys.platform == "linux":
        wait_until(lambda: not any(identity.lives() for identity in identities), what="children gone")
    assert "The supervisor has crashed" in crm.invoke("status")
    assert "the supervisor crashed" in crm.invoke("doctor")
    assert crm.start().poll() is None
    assert not any(identity.lives() for identity in identities)


def test_only_the_recorded_process_itself_is_ever_stopped(crm: Crm, pg_admin_url: str, kafka_bootstrap: str) -> None:
    """An orphan that its record names is stopped; a process that merely got a recorded id is not."""
    up = crm.start("--postgres-url", pg_admin_url, "--kafka", kafka_bootstrap)
    up.kill()
    up.wait(DEADLINE_SECONDS)
    sleeper = [sys.executable, "-S", "-c", "import signal; signal.pause()"]
    with (
        subprocess.Popen(sleeper) as orphan,  # noqa: S603 - this project's own interpreter
        subprocess.Popen(sleeper) as stranger,  # noqa: S603 - the same
    ):
        state = RunState.read(crm.data_dir)
        identity = ProcessIdentity.of(orphan.pid)
        assert state is not None
        assert identity is not None
        first, second, *_ = state.processes
        RunState(
            **{
                **vars(state),
                "processes": [
                    type(first)(**{**vars(first), "identity": identity, "stop_signal": signal.SIGTERM}),
                    type(second)(**{**vars(second), "identity": ProcessIdentity(stranger.pid, "another time")}),
                ],
            }
        ).write(crm.data_dir)
        assert "The last run had crashed" in crm.run("down").stdout
        assert orphan.wait(10) == -signal.SIGTERM
        assert stranger.poll() is None
        stranger.kill()
    assert crm.state() == {}


@pytest.mark.parametrize(("part", "launcher"), [("migrate", "1"), ("serve", "0"), ("work", "1")])
def test_a_deployable_that_fails_shows_its_last_words(
    crm: Crm, part: str, launcher: str, pg_admin_url: str, kafka_bootstrap: str
) -> None:
    external = ("--postgres-url", pg_admin_url, "--kafka", kafka_bootstrap)
    done = crm.run("up", *external, FAKE_BROKEN=f"{part} alpha-svc", FAKE_LAUNCHER=launcher)
    assert done.returncode == 1
    assert "alpha-svc" in done.stderr
    assert "the reason, in its own words" in done.stderr
    assert "Traceback" not in done.stderr
    assert crm.state() == {}


def test_a_taken_port_is_named_before_anything_starts(crm: Crm) -> None:
    with socket.create_server(("127.0.0.1", crm.ports[2])):
        done = crm.run("up")
    assert done.returncode == 1
    assert f"Port {crm.ports[2]}, which alpha-svc wants, is taken by" in done.stderr
    assert f"pid {os.getpid()}" in done.stderr
    assert "--port-offset" in done.stderr
    assert not (crm.data_dir / "postgres").exists()


def test_detached_with_all_other_commands(crm: Crm) -> None:
    up = crm.run("up", "--detach", "--port-offset", "0")
    assert up.returncode == 0, up.stderr
    assert "in the background" in up.stdout
    assert "demo@example.com" in up.stdout
    again = crm.run("up")
    assert again.returncode == 1
    assert "running already" in again.stderr
    assert "alpha-svc-worker" in crm.invoke("status")
    letters = crm.invoke("events", "dead-letters")
    assert "thing.made" in letters
    assert "[odd]" in letters
    assert "of front is handled again" in crm.invoke("events", "redrive", "7")
    assert "no pending dead letter 8" in crm.invoke("events", "redrive", "8")
    assert "2 dead letters" in crm.invoke("events", "redrive", "--all", "--service", "front")
    assert "either" in crm.invoke("events", "redrive")
    assert "given up" in crm.invoke("events", "discard", "7", "--service", "front")
    replay = ("events", "replay", "--service")
    replayed = crm.invoke(*replay, "alpha-svc", "--topic", "crm.x.v1", "--from", "2026-01-31")
    assert '"topic": "crm.x.v1", "from": "2026-01-31T00:00:00Z"' in replayed
    assert '"snapshot": true' in crm.invoke(*replay, "front", "--aggregate-type", "thing", "--snapshot")
    assert "no service 'beta'" in crm.invoke(*replay, "beta", "--topic", "x")
    assert "Say what to replay" in crm.invoke(*replay, "front")
    assert "nothing has been published" in crm.invoke("events", "tail", "--all")
    assert "Name the topics" in crm.invoke("events", "tail")
    doctor = crm.invoke("doctor")
    assert "running now" in doctor
    assert "all ours" in doctor
    assert "there are: alpha-svc" in crm.invoke("logs", "nothing")
    assert "Everything has stopped" in crm.run("down").stdout
    assert "Nothing runs" in crm.invoke("down")
    assert "database system is shut down" in crm.invoke("logs", "postgres", "-n", "1")


def test_detached_start_that_fails_says_why(crm: Crm) -> None:
    done = crm.run("up", "--detach", "--kafka", "127.0.0.1:9")
    assert done.returncode == 1
    assert "No Kafka broker answers" in done.stderr


async def test_external_servers_and_the_settings_of_a_process(
    crm: Crm, pg_admin_url: str, kafka_bootstrap: str
) -> None:
    up = crm.start("--postgres-url", pg_admin_url, "--kafka", kafka_bootstrap, CRM_LOG__LEVEL="DEBUG")
    names = [record["name"] for record in crm.state()["processes"]]
    assert sorted(names) == ["alpha-svc", "alpha-svc-worker", "front", "front-worker"]
    async with httpx.AsyncClient() as client:
        settings = (await client.get(f"http://127.0.0.1:{crm.ports[2]}/environment")).json()
        worker = (await client.get(f"http://127.0.0.1:{crm.ports[3]}/environment")).json()
    connection = await asyncpg.connect(settings["CRM_DB__URL"])
    assert (
        await connection.fetchval("SELECT current_database() || '/' || current_schema()") == f"crm/alpha_{crm.ports[0]}"
    )
    await connection.close()
    assert settings["CRM_SERVICE"] == "alpha-svc"
    assert settings["CRM_HTTP__PORT"] == str(crm.ports[2])
    assert settings["CRM_KAFKA__BOOTSTRAP"] == kafka_bootstrap
    assert settings["CRM_AUTH__JWKS_URL"] == f"http://127.0.0.1:{crm.ports[0]}/.well-known/jwks.json"
    assert settings["CRM_AUDIT__CHECKPOINT_DIR"] == str(crm.data_dir / "audit")
    assert settings["CRM_AUDIT__SIGNING_KEY"].startswith("-----BEGIN PRIVATE KEY-----")
    assert settings["CRM_LOG__LEVEL"] == "DEBUG"
    assert {**worker, "CRM_HTTP__PORT": settings["CRM_HTTP__PORT"]} == settings
    assert (crm.data_dir / "secrets.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(RuntimeProblem, match="Another running system uses that PostgreSQL server"):
        await claim(pg_admin_url, [Owner(f"{name}_{crm.ports[0]}", "x") for name in ("alpha", "front")])
    up.terminate()
    assert up.wait(DEADLINE_SECONDS) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--postgres-url", "postgresql://admin:x@127.0.0.1:9/postgres"],
            "PostgreSQL at 127.0.0.1:9 cannot be reached",
        ),
        (["--kafka", "127.0.0.1:9"], "No Kafka broker answers at 127.0.0.1:9"),
        (["--postgres-url", "nonsense"], "looks like postgresql://user"),
    ],
)
def test_unreachable_external_servers(crm: Crm, arguments: list[str], sentence: str) -> None:
    done = crm.run("up", *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_used(open_folder: Path) -> None:
    blocker = open_folder / "file"
    blocker.touch()
    done = Crm(blocker).run("up")
    assert done.returncode == 1
    assert "cannot be used (Not a directory)" in done.stderr
    assert os.linesep not in done.stderr.strip()


def test_data_without_its_secrets_is_opened_again(crm: Crm) -> None:
    crm.start()
    assert "Everything has stopped" in crm.run("down").stdout
    (crm.data_dir / "secrets.json").unlink()
    assert crm.start().poll() is None


def test_damaged_files_get_a_sentence(crm: Crm) -> None:
    crm.data_dir.mkdir(mode=0o711)
    (crm.data_dir / "secrets.json").write_text("{", encoding="utf-8")
    done = crm.run("up")
    assert done.returncode == 1
    assert "secrets.json is damaged" in done.stderr
    assert "Traceback" in crm.run("up", CRM_DEBUG="1").stderr
    (crm.data_dir / "run.json").write_text("{", encoding="utf-8")
    assert "run.json cannot be read" in crm.invoke("status")
    (crm.data_dir / "run.json").unlink()
