"""Commands about engines: try a run on Flink or Prism, check it for Dataflow."""

from __future__ import annotations

from typing import Annotated

import typer

from corpusmill.commands.command_line import CommandLine, arguments_of
from corpusmill.commands.options import ALL_ELSE_TO_BEAM, ArgumentsOfRun, InputOption, PresetOption, SetOption

app = typer.Typer(no_args_is_help=True, help="Try a run on Flink or Prism, or check it for Dataflow.")
flink_app = typer.Typer(no_args_is_help=True, help="Run a Flink cluster on this machine, without containers.")
prism_app = typer.Typer(no_args_is_help=True, help="Use Prism, Beam's own local runner.")
dataflow_app = typer.Typer(no_args_is_help=True, help="Check a run for Dataflow.")
app.add_typer(flink_app, name="flink")
app.add_typer(prism_app, name="prism")
app.add_typer(dataflow_app, name="dataflow")


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
    from corpusmill.engines.flink.cluster import default_cluster  # noqa: PLC0415  (imports Beam)
    from corpusmill.engines.flink.downloads import job_server_origin  # noqa: PLC0415

    cluster = default_cluster(taskmanagers, slots).start()
    typer.echo(f"Flink runs: http://localhost:{cluster.rest_port} ({cluster.registered_taskmanagers()} TaskManagers)")
    typer.echo(f"Job server: {job_server_origin()}")
    typer.echo(f"Logs: {cluster.directory}")


@flink_app.command("stop")
def flink_stop() -> None:
    """Stop the Flink cluster that corpusmill engine flink start has started.

    Example: corpusmill engine flink stop
    """
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
    from corpusmill.engines.flink.cluster import default_cluster  # noqa: PLC0415

    cluster = default_cluster()
    for name in cluster.processes.names():
        pid = cluster.processes.pid_of(name)
        typer.echo(f"{name}: {f'pid {pid}' if pid else 'not running'}  {cluster.log_of(name)}")
    running = cluster.is_running()
    typer.echo(f"Web interface: http://localhost:{cluster.rest_port}" if running else "Flink does not run.")


@flink_app.command("options")
def flink_options(
    parallelism: Annotated[int, typer.Option(min=1, help="Parallel subtasks.")] = 1,
    local: Annotated[
        bool, typer.Option("--local", help="Options for Flink inside Beam's job server, which needs no cluster.")
    ] = False,
) -> None:
    """Print the options that send a run to the Flink cluster of this machine.

    Example: corpusmill run in/ --output out $(corpusmill engine flink options --parallelism 4)
    """
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

    Example: corpusmill run in/ --output out $(corpusmill engine prism options)
    """
    from corpusmill.engines import prism  # noqa: PLC0415

    typer.echo(" ".join(prism.prism_options()))


@dataflow_app.command("check", context_settings=ALL_ELSE_TO_BEAM)
def dataflow_check(  # noqa: PLR0913, PLR0917  (options of a command are its interface)
    context: typer.Context,
    arguments: ArgumentsOfRun = None,
    inputs: InputOption = None,
    preset: PresetOption = None,
    settings: SetOption = None,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="FILE", help="Write the translated pipeline here, as JSON.")
    ] = None,
) -> None:
    """Translate a run for Dataflow, check it and show what the job consists of. Nothing is sent.

    Needs corpusmill[gcp], but no account. All other options are Beam's own, e.g. --sdk_container_image=IMAGE.

    Example: corpusmill engine dataflow check crawl/ --sdk_container_image=IMAGE
    """
    from corpusmill.engines.dataflow import JOB_BYTES, translate  # noqa: PLC0415

    given = arguments_of(context, arguments)
    line = CommandLine("engine dataflow check", given, inputs, "gs://none/out", settings or (), preset)
    request = line.request()
    job = translate(request.config, request.inputs, request.output, request.beam_options)
    if graph:
        with open(graph, "w", encoding="utf-8") as stream:
            stream.write(job.graph)
    typer.echo(f"Image: {job.image}\nJob: {job.job_bytes:,} bytes of {JOB_BYTES:,}\n{len(job.shuffles)} shuffles:")
    for name in job.shuffles:
        typer.echo(f"  {name}")
