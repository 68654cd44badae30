"""What both sides agree on about where data come from: the names in the environment that say so.

The control side hands them to the process or pod that prepares a dataset, and to no other.
"""

import os
from collections.abc import Mapping
from pathlib import Path

DATA, CACHE, OFFLINE, ALLOW_UNVERIFIED = (
    "SEEDBED_DATA", "SEEDBED_CACHE", "SEEDBED_OFFLINE", "SEEDBED_ALLOW_UNVERIFIED",
)  # fmt: skip

# What the data folder is to people, where it stands for one in a store. Set by the step itself.
DATA_SHOWN = "SEEDBED_DATA_SHOWN"

# Mirrors by variable: the published addresses, without scheme, whose beginning each replaces.
MIRRORED: dict[str, tuple[str, ...]] = {
    "SEEDBED_OPENML_URL": ("www.openml.org", "openml.org", "api.openml.org"),
    "SEEDBED_CIFAR_URL": ("www.cs.toronto.edu/~kriz",),
    "SEEDBED_MNIST_URL": ("ossci-datasets.s3.amazonaws.com/mnist", "yann.lecun.com/exdb/mnist"),
    "SEEDBED_FASHION_MNIST_URL": ("fashion-mnist.s3-website.eu-central-1.amazonaws.com",),
    "SEEDBED_SVHN_URL": ("ufldl.stanford.edu/housenumbers",),
}

# What a process needs to reach a hub from behind a proxy or a certificate of a company's own.
NETWORK = (
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy",
    "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
)  # fmt: skip

# Hugging Face's own: where its cache and its hub are, and a token for what is not public.
HUGGING_FACE = (
    "HF_HOME", "HF_HUB_CACHE", "HF_DATASETS_CACHE", "HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH",
    "HF_HUB_OFFLINE",
)  # fmt: skip

# Everything that the step `prepare` inherits, besides what every process of the training side does.
FOR_PREPARE = (
    DATA, CACHE, OFFLINE, ALLOW_UNVERIFIED, "XDG_CACHE_HOME", "HOME", *MIRRORED, *NETWORK, *HUGGING_FACE,
)  # fmt: skip


def default_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """Where downloads are kept where nothing else is said."""
    home = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "seedbed" / "data"
