"""The worker finds Temporal, refuses what cannot work, and says the mend."""

from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from cli.engine.server import find_engine
from settings import Settings
from worker import WorkerError, connection, require_search_attributes


@pytest.fixture(autouse=True)
def no_temporal_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of Temporal's own variables, and an empty place for its file."""
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))


def test_embedded_engine_is_meant_without_temporals_own_settings(settings: Settings) -> None:
    config = connection(settings)

    assert config["target_host"] == f"127.0.0.1:{settings.temporal_port}"
    assert config["namespace"] == "default"


def test_temporals_own_variables_win(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "incidents")

    config = connection(settings)

    assert (config["target_host"], config["namespace"]) == ("temporal.example:7233", "incidents")


def test_unknown_key_in_temporals_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    """Ignored, it would connect somewhere else than meant."""
    (tmp_path / "temporal.toml").write_text('[profile.default]\naddres = "x:7233"\n')

    with pytest.raises(WorkerError, match="configuration"):
        connection(settings)


@pytest.mark.engine
async def test_namespace_with_our_search_attributes_is_taken(temporal_client: Client) -> None:
    await require_search_attributes(temporal_client)


@pytest.mark.engine
async def test_namespace_without_them_is_refused_with_the_command_that_mends_it() -> None:
    program = find_engine(Settings(), print)
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(program), dev_server_log_level="error"
    ) as bare:
        with pytest.raises(WorkerError, match="temporal operator search-attribute create") as said:
            await require_search_attributes(bare.client)

    assert "--name IncidentSeverity --type Keyword" in str(said.value)
