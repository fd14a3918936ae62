"""The commands of `corpusmill engine`: try a run on Flink or Prism, and check it for Dataflow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from corpusmill.config import ConfigError, load_config

engine_app = typer.Typer(no_args_is_help=True, help="Try a run on Flink or Prism, or check it for Dataflow.")
flink_app = typer.Typer(no_args_is_help=True, help="Run a Flink cluster on this machine, without containers.")
prism_app = typer.Typer(no_args_is_help=True, help="Use Prism, Beam's own local runner.")
dataflow_app = typer.Typer(no_args_is_help=True, help="Check a run for Dataflow.")
engine_app.add_typer(flink_app, name="flink")
engine_app.add_typer(prism_app, name="prism")
engine_app.add_typer(dataflow_app, name="dataflow")

_EXIT_FAILED, _EXIT_USAGE = 1, 2


@contextlib.contextmanager
def _errors_for_people() -> Iterator[None]:
    """End the program with a sentence and an exit code where the block raises.

    2: this machine lacks something, or the command is wrong. 1: an engine failed.
    """
    from corpusmill.engines.cache import EngineError, EngineMissingError  # noqa: PLC0415  (Beam is slow to import)
    from corpusmill.engines.runners import OptionError  # noqa: PLC0415
    from corpusmill.inputs.patterns import InputError  # noqa: PLC0415
    from corpusmill.transforms.storage import FilesystemError  # noqa: PLC0415

    try:
        yield
    except (ConfigError, EngineMissingError, FilesystemError, InputError, OptionError) as error:
        _fail(str(error), _EXIT_USAGE)
    except EngineError as error:
        _fail(str(error), _EXIT_FAILED)


def _fail(message: str, code: int) -> NoReturn:
    console = Console(stderr=True)
    console.print("[bold red]error:[/] ", end="")
    console.print(message, soft_wrap=True, highlight=False, markup=False)
    raise typer.Exit(code)


@flink_app.command("start")
def flink_start(
    taskmanagers: Annotated[int, typer.Option(min=1, help="Number of TaskManagers, each a JVM of 1.7 GB at most.")] = 2,
    slots: Annotated[int, typer.Option(min=1, help="Task slots of each.")] = 4,
) -> None:
    """Start a Flink cluster on this machine: a JobManager and TaskManagers that start Python workers.

    It needs Linux, Java 11 or 17, and the first time Maven and some 300 MB of downloads. A cluster that runs stays as
    it is.

    Example: corpusmill engine flink start --taskmanagers 2
    """
    with _errors_for_people():
        from corpusmill.engines.flink.cluster import default_cluster  # noqa: PLC0415
        from corpusmill.engines.flink.parts import job_server_origin  # noqa: PLC0415

        cluster = default_cluster(taskmanagers, slots).start()
        typer.echo(
            f"Flink runs: http://localhost:{cluster.rest_port} ({cluster.registered_taskmanagers()} TaskManagers)"
        )
        typer.echo(f"Job server: {job_server_origin()}")
        typer.echo(f"Logs: {cluster.directory}")


@flink_app.command("stop")
def flink_stop() -> None:
    """Stop the Flink cluster that `corpusmill engine flink start` started.

    Example: corpusmill engine flink stop
    """
    with _errors_for_people():
        from corpusmill.engines.flink.cluster import default_cluster  # noqa: PLC0415

        cluster = default_cluster()
        running = cluster.processes.running()
        cluster.stop()
        typer.echo(f"Flink is stopped: {', '.join(running)}" if running else "Flink does not run.")


@flink_app.command("status")
def flink_status() -> None:
    """Show the processes of the Flink cluster, their logs and the address of its web interface.

    Example: corpusmill engine flink status
    """
    with _errors_for_people():
        from corpusmill.engines.flink.cluster import default_cluster  # noqa: PLC0415

        cluster = default_cluster()
        for name in cluster.processes.names():
            pid = cluster.processes.pid_of(name)
            typer.echo(f"{name}: {f'pid {pid}' if pid else 'not running'}  {cluster.log_of(name)}")
        if cluster.is_running():
            typer.echo(f"Web interface: http://localhost:{cluster.rest_port}")
        else:
            typer.echo("Flink does not run.")


@flink_app.command("options")
def flink_options(
    parallelism: Annotated[int, typer.Option(min=1, help="Parallel subtasks.")] = 1,
    local: Annotated[
        bool, typer.Option("--local", help="Options for Flink inside Beam's job server, which needs no cluster.")
    ] = False,
) -> None:
    """Print the options that send a run to the Flink cluster of this machine.

    Example: corpusmill run configs/default.yaml --input in --output out $(corpusmill engine flink options)
    """
    with _errors_for_people():
        from corpusmill.engines.cache import EngineMissingError  # noqa: PLC0415
        from corpusmill.engines.flink.cluster import default_cluster, local_options  # noqa: PLC0415

        if local:
            typer.echo(" ".join(local_options(parallelism=parallelism)))
            return
        cluster = default_cluster()
        if not cluster.is_running():
            raise EngineMissingError("Flink does not run; start it: corpusmill engine flink start")
        typer.echo(" ".join(cluster.beam_options(parallelism=parallelism)))


@prism_app.command("options")
def prism_options() -> None:
    """Print the options that send a run to Prism; build Prism the first time, which needs Go.

    Example: corpusmill run configs/default.yaml --input in --output out $(corpusmill engine prism options)
    """
    with _errors_for_people():
        from corpusmill.engines import prism  # noqa: PLC0415

        typer.echo(" ".join(prism.prism_options()))


@dataflow_app.command("check", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def dataflow_check(
    context: typer.Context,
    config: Annotated[str, typer.Argument(metavar="CONFIG.yaml", help="Configuration file; see configs/default.yaml.")],
    inputs: Annotated[
        list[str], typer.Option("--input", "-i", metavar="PATTERN", help="File, folder or pattern. Repeatable.")
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one key of the configuration.")
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="FILE", help="Write the translated pipeline here, as JSON.")
    ] = None,
) -> None:
    """Translate a run for Dataflow, check it and show what the job consists of. Nothing is sent.

    Needs corpusmill[gcp], but no account. All other options are Beam's own, e.g. --sdk_container_image=IMAGE.

    Example: corpusmill engine dataflow check configs/default.yaml --input configs/demo
    """
    with _errors_for_people():
        from corpusmill.engines.dataflow import JOB_BYTES, translate  # noqa: PLC0415

        job = translate(load_config(config, settings or ()), inputs, "gs://none/out", context.args)
        if graph:
            _write_text(graph, job.graph)
        typer.echo(f"Image: {job.image}\nJob: {job.job_bytes:,} bytes of {JOB_BYTES:,}\n{len(job.shuffles)} shuffles:")
        for name in job.shuffles:
            typer.echo(f"  {name}")


def _write_text(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        _fail(f"cannot write {path!r}: {error.strerror}", _EXIT_USAGE)
