"""End Beam's job server with the run that started it.

For Flink and Spark, Beam starts a job server, a JVM, as a child of the run, and stops it when the run ends by itself. A
run that is killed cannot do that: the JVM would go on for as long as the machine does.
"""

from __future__ import annotations

import os

from apache_beam.options.pipeline_options import JobServerOptions, PipelineOptions

_GRACE_S = 10
"""Seconds from SIGTERM to SIGKILL."""

# Called with the run's pid and the job server's command. The watcher is a child; the shell itself becomes the job
# server, so that Beam's signals reach it. A killed run for which nobody has waited yet keeps its pid (a zombie), but
# its children have another parent: where there is /proc, the parent is compared.
_WATCHED = f"""
run=$1
shift
child_of_run() {{
  kill -0 "$run" || return 1
  [ ! -e /proc/self/status ] || grep -q "^PPid:[[:space:]]*$run\\$" /proc/$$/status
}}
(
  while child_of_run; do sleep 1; done
  kill $$ && sleep {_GRACE_S} && kill -9 $$
) </dev/null >/dev/null 2>&1 &
exec "$@"
"""


def end_with_run(command: list[str], run_pid: int) -> list[str]:
    """Return a command that runs `command` in the same process and ends it when the process `run_pid` has ended.

    Args:
        command: A program and its arguments.
        run_pid: Pid of the process that will start it.
    """
    return ["sh", "-c", _WATCHED, "job-server", str(run_pid), *command]


def leash_job_server(options: PipelineOptions) -> None:
    """Change the options of a run so that its job server, if Beam starts one, ends with this process."""
    if os.name != "posix":
        return
    server = options.view_as(JobServerOptions)
    # Beam starts [launcher, *jvm_properties, "-jar", ...].
    command = [server.job_server_java_launcher, *server.job_server_jvm_properties]
    server.job_server_java_launcher, *server.job_server_jvm_properties = end_with_run(command, os.getpid())
