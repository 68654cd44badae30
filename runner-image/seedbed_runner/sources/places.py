"""Where a dataset is looked for, and the sentences that say so when it was not found."""

from pathlib import Path

from seedbed_runner.sources.settings import SourceSettings


def folder_name(name: str) -> str:
    """The name of a dataset's own folder or file below the data root: what follows the last colon."""
    return name.rpartition(":")[2]


def places(name: str, data: Path | None) -> list[Path]:
    """The user's folders that may hold a dataset's files: one of its own, or the root itself."""
    if data is None:
        return []
    own = data / folder_name(name)
    return [own, data] if own.is_dir() else [data]


def looked_in(settings: SourceSettings) -> str:
    """Where was looked, in words."""
    if settings.store:
        return f"looked in {settings.store}"
    data = f"the data folder {settings.data}" if settings.data else "no data folder (--data names one)"
    return f"looked in {data} and in the cache {settings.cache}"


def missing(name: str, settings: SourceSettings, hint: str) -> str:
    """The sentence for a dataset that is not here and may not be downloaded; `hint`: what to bring."""
    where = looked_in(settings)
    here = f"{name} is not {_here(settings)}"
    return f"{here}, and offline nothing is downloaded: {where}; {advice(name, settings, hint)}"


def said_by(error: Exception) -> str:
    """What an error of a download says, in one line."""
    reason = getattr(error, "reason", None)  # urllib wraps what the socket said
    return " ".join(str(reason if isinstance(reason, Exception) else error).split()) or type(error).__name__


def unreachable(name: str, address: str, said: str, settings: SourceSettings, hint: str) -> str:
    """The sentence for a dataset that is not here, and whose download failed with what was `said`."""
    return (
        f"{name} is not {_here(settings)}, and its download from {address} failed ({said[:200]}): "
        f"{looked_in(settings)}; {advice(name, settings, hint)}"
    )


def _here(settings: SourceSettings) -> str:
    return "in the store" if settings.store else "on this machine"


def advice(name: str, settings: SourceSettings, hint: str) -> str:
    """What to do about it; `hint`: what to bring, as the order to bring it into `one`, a folder."""
    fetch = f"run `research-agent datasets fetch {name}` where there is a network"
    if settings.store:
        return f"{fetch}, and copy the dataset's folder from that machine's cache to {settings.store}"
    return f"{fetch}, or {hint} and name the folder with --data"


def allowed_by(settings: SourceSettings) -> str:
    """What allows files that differ from the published ones."""
    if settings.store:
        return "have the cluster's admin allow them (sources.allowUnverified in the chart's values)"
    return "allow them with --allow-unverified (SEEDBED_ALLOW_UNVERIFIED=true)"


def not_found(name: str, wanted: str, settings: SourceSettings) -> str:
    """The sentence for data of one's own that are not where they belong."""
    if settings.data is None:
        return f"{name} is looked for in the data folder: name one that holds {wanted} with --data"
    if settings.store:
        return f"{name} is not in {settings.store}: put {wanted} there"
    there = sorted(path.name for path in settings.data.iterdir() if not path.name.startswith("."))
    seen = f"it holds {', '.join(there[:12])}{', …' if len(there) > 12 else ''}" if there else "it is empty"
    return f"{name} is not in the data folder {settings.data}: put {wanted} there ({seen})"
