"""`research-agent doctor`: what this machine can seal, train on and reach, and how to get what is missing."""

import json
from dataclasses import asdict

import click

from seedbed.cli.exits import ENVIRONMENT
from seedbed.cli.options import example, folder_option, json_option

EXAMPLES = example("research-agent doctor", "research-agent doctor --json")
EXIT_CODES = """\b
Exit codes:
  0  goals can be decided here; what is only marked as missing limits what they may ask for
  1  something is wrong: nothing can be trained, or a setting, a folder or a store is not usable"""
MARKS = {"good": ("✓", "green"), "missing": ("–", "yellow"), "wrong": ("✗", "red")}


@click.command("doctor", epilog=f"{EXAMPLES}\n\n{EXIT_CODES}")
@json_option
@folder_option
def command(as_json: bool, folder: str | None) -> None:
    """Say what this machine can seal, train on and reach, and how to get what is missing.

    Looked at: the seal for models that are code (Landlock, seccomp), torch, the device, the settings and
    model servers, the folder of the goals, and the bucket that SEEDBED_S3_BUCKET names, if it does. Nothing
    is changed, and no model server is called.
    """
    from seedbed.cli.examining import examine

    findings = examine(folder)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in findings], indent=1))
    else:
        for each in findings:
            mark, colour = MARKS[each.state]
            click.echo(f"{click.style(mark, fg=colour)} {each.what}: {each.said}")
            if each.remedy:
                click.echo(f"    {each.remedy}")
    if any(each.state == "wrong" for each in findings):
        raise click.exceptions.Exit(ENVIRONMENT)
