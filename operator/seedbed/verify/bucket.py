"""Records in an S3 bucket, with the user's own credentials from where AWS clients look for them."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from seedbed.cluster.artifacts import S3Artifacts
from seedbed.cluster.profiles import StoreSettings
from seedbed.errors import InvalidInput
from seedbed.verify.records import RESULT


class BucketRecords:
    """`Records` of one bucket."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = S3Artifacts(settings.model_copy(update={"prefix": ""}))

    @classmethod
    def named(cls, bucket: str, environment: Mapping[str, str]) -> "BucketRecords":
        """A bucket by its name; the environment names endpoint and region, as for `report`.

        Raises:
            InvalidInput: no bucket can have that name.
        """
        try:
            settings = StoreSettings(
                bucket=bucket,
                endpoint=environment.get("SEEDBED_S3_ENDPOINT") or None,
                region=environment.get("SEEDBED_S3_REGION") or "us-east-1",
            )
        except ValidationError as error:
            what = error.errors()[0]
            raise InvalidInput(
                f"s3://{bucket}: {what['loc'][0]}: {what['msg']}: give s3://bucket/prefix"
            ) from error
        return cls(settings)

    def results(self, place: str) -> list[str]:
        """By their name."""
        return [key for key in self._bucket.keys(place) if key.endswith(f"/{RESULT}")]

    def read(self, key: str) -> bytes | None:
        """The object's bytes, or None."""
        return self._bucket.read(key)

    def bring(self, key: str, path: Path) -> bool:
        """Download an object."""
        return self._bucket.download(key, path)

    def prepared(self, place: str, into: Path) -> Path | None:
        """Download all of it."""
        keys = self._bucket.keys(place)
        if f"{place}/public/manifest.json" not in keys:
            return None
        for key in keys:
            path = into / key.removeprefix(f"{place}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bucket.download(key, path)
        return into

    def where(self, key: str) -> str:
        """As an address."""
        return f"s3://{self._bucket.settings.bucket}/{key}"
