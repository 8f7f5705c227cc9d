"""Downloads the dev server with the SDK's own mechanism; run as a process of its own.

`python -m cli.engine.download FOLDER` leaves the program in FOLDER. It is a process so
that a download that hangs can be ended.
"""

import asyncio
import sys

from temporalio.testing import WorkflowEnvironment


async def download(folder: str) -> None:
    """Start the SDK's server once, which puts its program into `folder`."""
    environment = await WorkflowEnvironment.start_local(download_dest_dir=folder)
    await environment.shutdown()


if __name__ == "__main__":
    asyncio.run(download(sys.argv[1]))
