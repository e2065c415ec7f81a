"""A launcher with stand-ins for the API and a worker, and little patience, in a process that can be killed."""

import sys
from pathlib import Path

import click

from adapters.embedded.launcher import Plan
from adapters.embedded.nats import Nats
from adapters.embedded.postgres import Postgres
from adapters.embedded.program import Child, Program
from adapters.embedded.supervisor import Patience
from adapters.embedded.valkey import Valkey
from adapters.settings import load_settings
from api.cli.up import run_or_explain


def main(data: str, port: str = "0") -> None:
    Nats.patience = Valkey.patience = Program.patience = 1.0
    Postgres.patience = 2.0
    plan = Plan(
        before=(Child(name="migrate", arguments=("-c", "print('migrated')")),),
        children=(
            Child(name="api", arguments=("-m", "tests.adapters.embedded.child"), health_path="/livez"),
            Child(
                name="worker", arguments=("-m", "tests.adapters.embedded.child"), health_path="/livez", own_port=True
            ),
        ),
        afterwards=(Child(name="example", arguments=("-c", "print('made'); print('now ask for it')")),),
        port=int(port),
        patience=Patience(between_questions=0.1, to_answer=0.5, to_stop_failing=0.2),
    )
    try:
        run_or_explain(plan, load_settings(data=Path(data)))
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
