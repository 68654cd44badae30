"""`research-agent export`: the runs of a goal or an Experiment in the files of other trackers."""

from pathlib import Path

import click

from seedbed.cli.options import example, name_argument, place_options


@click.command("export", epilog=example("research-agent export digits --to mlflow --out digits-mlflow"))
@name_argument
@click.option("--to", "tracker", type=click.Choice(["tensorboard", "wandb", "mlflow"]), required=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Where to write.  [default: ./NAME-TRACKER]",
)  # fmt: skip
@place_options
def command(
    name: str | None, tracker: str, out: Path | None, folder: str | None, namespace: str | None
) -> None:
    """Write metrics, settings and learning curves for TensorBoard, Weights & Biases or MLflow, offline.

    Nothing is sent anywhere. What trainers said of themselves is below self_reported/. Weights & Biases and
    MLflow need their packages: pip install 'seedbed[wandb]', 'seedbed[mlflow]'.

    In a cluster the runs are in the store: name it by SEEDBED_S3_BUCKET (and SEEDBED_S3_ENDPOINT,
    SEEDBED_S3_PREFIX, SEEDBED_S3_REGION), with credentials of your own where AWS clients look for them.
    """
    from seedbed.cli.documents import open_documents
    from seedbed.cli.find import find
    from seedbed.cli.write_export import HINTS, write_export

    documents = open_documents(folder, namespace)
    found = find(documents, name)
    into = out or Path(f"{found.metadata.name}-{tracker}")
    count = write_export(documents, found, tracker, into)
    click.echo(f"{count} run{'' if count == 1 else 's'} of {found.metadata.name} in {into}: {HINTS[tracker]}"
               .format(into=into))  # fmt: skip
    if limits := documents.limits():
        click.echo(limits)
