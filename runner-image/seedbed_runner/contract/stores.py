"""What both sides agree on about an S3 store: keys, how a client behaves, what a trouble means.

Each side has a small class of its own over boto3 (`seedbed.cluster.artifacts`, `seedbed_runner.objects`).
"""

from typing import Any

# For botocore.config.Config. Checksums only where S3 demands them: many compatible stores know no others.
CLIENT: dict[str, Any] = {
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
    "retries": {"mode": "standard", "total_max_attempts": 4},
    "connect_timeout": 5,
    "read_timeout": 60,
}

_MISSING = ("BucketMissing", "there is no bucket {bucket!r} at {endpoint}: create it, or name another one")
_DENIED = (
    "AccessDenied",
    "{endpoint} refuses these credentials for bucket {bucket!r}: they must allow to get, put and list",
)
_EXPIRED = ("WrongKey", "the credentials for {endpoint} have expired or are not valid: renew them")
_NONE = (
    "NoCredentials",
    "there are no credentials for {endpoint}: give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or a workload identity",
)
_AWAY = ("StoreUnreachable", "{endpoint} can't be reached: {said}")
_BROKEN = ("StoreUnreachable", "{endpoint} broke off in the middle of an answer")
_REGION = ("BadStore", "bucket {bucket!r} is in another region of {endpoint}: correct the store's region")
_UNUSABLE = ("BadStore", "the store's settings are not usable: {said}")
_IGNORES = (
    "NoConditionalWrites",
    "{endpoint} does not know conditional writes (If-None-Match), which records need: use another store",
)

# By the store's error code, or by the name of botocore's exception.
_TROUBLES = {
    "NoSuchBucket": _MISSING,
    "404": _MISSING,
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "403": _DENIED,
    "InvalidAccessKeyId": (
        "WrongKey", "{endpoint} does not know the access key that it was given: check AWS_ACCESS_KEY_ID",
    ),
    "SignatureDoesNotMatch": (
        "WrongKey", "the secret key does not fit the access key for {endpoint}: check AWS_SECRET_ACCESS_KEY",
    ),
    "ExpiredToken": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "NoCredentialsError": _NONE,
    "PartialCredentialsError": _NONE,
    "CredentialRetrievalError": _NONE,
    "RequestTimeTooSkewed": ("StoreFailed", "the clocks here and at {endpoint} differ too much: set them"),
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "NotImplemented": _IGNORES,
    "EndpointConnectionError": ("StoreUnreachable", "{endpoint} can't be reached: nothing answers there"),
    "ConnectTimeoutError": ("StoreUnreachable", "{endpoint} can't be reached: no answer in time"),
    "ReadTimeoutError": ("StoreUnreachable", "{endpoint} does not answer in time"),
    "ConnectionClosedError": ("StoreUnreachable", "{endpoint} closed the connection"),
    "ResponseStreamingError": _BROKEN,
    "IncompleteReadError": _BROKEN,
    "RetriesExceededError": _BROKEN,
    "ProxyConnectionError": _AWAY,
    "HTTPClientError": _AWAY,
    "SSLError": ("StoreUnreachable", "{endpoint} can't be reached by TLS: {said}"),
    "ParamValidationError": _UNUSABLE,
    "InvalidRegionError": _UNUSABLE,
    "ValueError": _UNUSABLE,
}  # fmt: skip


def dataset_prefix(namespace: str, key: str) -> str:
    """Where a prepared dataset is kept: `public/*` and `sealed/*`; `public/card.json` is written last."""
    return f"{namespace}/datasets/{key}"


def full_key(prefix: str, key: str) -> str:
    """The key in the bucket of what is `key` in a store that has a prefix of its own."""
    return f"{prefix}/{key}" if prefix else key


def explain(error: Exception, bucket: str, endpoint: str | None) -> tuple[str, str]:
    """Reason and sentence of an exception that boto3 raised."""
    answer = (getattr(error, "response", None) or {}).get("Error", {})
    code = str(answer.get("Code") or type(error).__name__)
    said = " ".join(str(answer.get("Message") or error).split())
    reason, sentence = _TROUBLES.get(code, ("StoreFailed", "{endpoint} failed: {code} ({said})"))
    where = endpoint or "Amazon S3"
    return reason, sentence.format(bucket=bucket, endpoint=where, said=said, code=code)
