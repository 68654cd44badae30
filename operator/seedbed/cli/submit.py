"""`research-agent submit`: manifests to a cluster, where the operator takes over."""

import click

from seedbed.cli.options import example, namespace_option
from seedbed.errors import InvalidInput


@click.command("submit", epilog=example("research-agent submit examples/digits.yaml --namespace research"))
@click.argument("manifests", nargs=-1, required=True, metavar="MANIFEST...")
@click.option("--name", help="Another name than the manifest's (one resource only).")
@namespace_option
def command(manifests: tuple[str, ...], name: str | None, namespace: str | None) -> None:
    """Create what manifests ask for in a namespace of a cluster; `-` reads one from standard input.

    Without --namespace it goes to the namespace that the manifest names, or else the kubeconfig's.
    """
    from seedbed.cli.manifests import read, renamed
    from seedbed.cli.namespaces import NamespaceDocuments, default_namespace
    from seedbed.cli.take_over import check_stands_alone

    resources = [each for manifest in manifests for each in read(manifest)]
    if name is not None:
        resources = [renamed(resources, name)]
    for resource in resources:
        check_stands_alone(resource)
        named = resource.metadata.namespace if "namespace" in resource.metadata.model_fields_set else None
        if namespace and named and named != namespace:
            raise InvalidInput(
                f"{resource.metadata.name}: the manifest says namespace {named}, and `--namespace` says "
                f"{namespace}: leave one of them out"
            )
        documents = NamespaceDocuments(namespace or named or default_namespace())
        documents.create(resource)
        made, follow = resource.metadata.name, documents.line("status", resource.metadata.name)
        click.echo(f"{made}: new {resource.kind} in {documents.place}; follow it with `{follow}`")
