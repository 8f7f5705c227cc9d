"""The long-running processes, one command each: `watchbill api` and `watchbill worker`.

What they do is `api.app` and `worker`; `watchbill up` starts both beside an engine.
"""

import os
import sys

import typer

from cli.environment import ApiPort, DataDir, Playbooks, TemporalPort, UiPort, settings_from
from cli.logs import configure_logging


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("api")(run_api)
    app.command("worker")(run_worker)


def run_api(
    data_dir: DataDir = None,
    playbooks: Playbooks = None,
    api_port: ApiPort = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Serve the HTTP API until SIGINT or SIGTERM."""
    settings = settings_from(
        data_dir=data_dir,
        playbooks=playbooks,
        api_port=api_port,
        temporal_port=temporal_port,
        ui_port=ui_port,
    )
    configure_logging(settings.log_format)
    from api.app import serve

    serve(settings)


def run_worker(
    data_dir: DataDir = None,
    playbooks: Playbooks = None,
    api_port: ApiPort = None,
    temporal_port: TemporalPort = None,
    ui_port: UiPort = None,
) -> None:
    """Run incidents, pages and notices until SIGINT or SIGTERM."""
    settings = settings_from(
        data_dir=data_dir,
        playbooks=playbooks,
        api_port=api_port,
        temporal_port=temporal_port,
        ui_port=ui_port,
    )
    configure_logging(settings.log_format)
    import worker

    status = worker.main(settings)
    # Everything is shut down. Going through the interpreter's own end with the SDK's threads
    # still winding up sometimes aborts it, and a clean stop would look like a crash.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
