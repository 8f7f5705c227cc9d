"""What the workflow sandbox lets through, in one list for worker and tests.

`domain` and `activities` are passed through: they are pure or never run inside, and
CEL's native module cannot be imported twice. `workflows` itself never is: passed
through, a clock read in there would run uncaught.
"""

import compileall
from pathlib import Path

from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

PASSED_THROUGH = (
    "domain",
    "activities",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "cel_expr_python",
    "minijinja",
)


def workflow_runner(*, sandboxed: bool) -> WorkflowRunner:
    """The runner for workers and replays; unsandboxed costs half the CPU per incident."""
    if not sandboxed:
        return UnsandboxedWorkflowRunner()
    # The sandbox imports our modules anew for every incident. Where Python was told to write
    # no bytecode each would be compiled anew too; a folder we may not write to stays as it is.
    compileall.compile_dir(Path(__file__).parent, quiet=2)
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )
