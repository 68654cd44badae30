"""Data of one's own: tables and folders of images."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from seedbed_runner.data import Source, load
from seedbed_runner.data.table import Table
from seedbed_runner.errors import BadInput


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEEDBED_DATA", str(tmp_path))
    return tmp_path


def frame(rows: int = 12) -> Any:
    at = np.arange(rows)
    return pd.DataFrame({
        "height": np.where(at % 4 == 3, np.nan, 1.5 + at),
        "colour": [("red", None, "blue")[k % 3] for k in at], "member": at % 2 == 0,
        "price": at * 1.25, "target": [("no", "yes")[k % 2] for k in at],
    })  # fmt: skip


def table_of(source: Source) -> Table:
    assert isinstance(source.inputs, Table)
    return source.inputs


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".tsv", ".parquet"])
def test_a_table_of_each_format(suffix: str, data: Path) -> None:
    path = data / f"shop{suffix}"
    if suffix == ".parquet":
        frame().to_parquet(path)
    else:
        frame().to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    source = load({"name": "table:shop"})
    table = table_of(source)
    assert table.number_names == ("height", "member", "price") and table.category_names == ("colour",)
    assert table.numbers[:3].tolist() == [[1.5, 1, 0], [2.5, 0, 1.25], [3.5, 1, 2.5]]
    assert np.isnan(table.numbers[3, 0]) and table.categories[:3, 0].tolist() == ["red", None, "blue"]
    assert source.labels.tolist() == [0, 1] * 6 and source.class_names == ("no", "yes")
    assert source.provenance is not None and list(source.provenance.checksums) == [path.name]


def test_a_target_of_numbers_is_a_regression_unless_told_otherwise(data: Path) -> None:
    frame(30).to_csv(data / "shop.csv", index=False)
    source = load({"name": "table:shop", "target": "price"})
    assert source.task == "regression" and source.classes == 1 and source.labels.dtype == np.float32
    assert "taken for a regression's, by its values" in source.notes[0]
    whole = pd.DataFrame({"x": range(12), "y": [10, 2, 2] * 4})
    whole.to_csv(data / "whole.csv", index=False)
    assert load({"name": "table:whole"}).class_names == ("2", "10")  # in the order of the numbers
    assert load({"name": "table:whole", "task": "regression"}).labels.tolist() == [10, 2, 2] * 4


def test_a_test_file_is_the_sealed_split(data: Path) -> None:
    (data / "shop").mkdir()
    frame().to_csv(data / "shop" / "train.csv", index=False)
    frame(4)[["target", "price", "colour", "height", "member"]].to_parquet(data / "shop" / "test.parquet")
    source = load({"name": "table:shop"})
    assert source.parts is not None and source.parts["test"].tolist() == [12, 13, 14, 15]
    assert table_of(source).numbers[12].tolist() == [1.5, 1, 0]


@pytest.mark.parametrize("empty", [True, False])
def test_a_test_file_without_labels_scores_nothing_and_that_is_said(empty: bool, data: Path) -> None:
    (data / "shop").mkdir()
    frame().to_csv(data / "shop" / "train.csv", index=False)
    unlabelled = frame(4).assign(target=None) if empty else frame(4).drop(columns="target")
    unlabelled.to_csv(data / "shop" / "test.csv", index=False)
    source = load({"name": "table:shop"})
    assert source.parts is None and len(source.labels) == 12
    assert source.notes[0] == "test.csv has no values of target: the test split is cut from train"


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ("a,b\n1,2\n", {}, "which column is predicted\\? none is named target or label or class or y"),
        ("label,y\n1,2\n", {}, "label and y could both be"),
        ("a,target\n1,2\n", {"target": "targets"}, "no column 'targets'; did you mean target\\?"),
        ("a,target\n1,2\n", {"features": ["b"]}, "no column 'b'; there are: a"),
        ("target\n1\n2\n", {}, "no column but the target"),
        ("a,target\n1,\n2,x\n", {}, "1 of 2 rows have no value in the target 'target'"),
        ("a,target\n1,x\n2,y\n", {"task": "regression"}, "holds words: a regression needs numbers"),
        ("a,target\n1,x\n2,x\n3,x\n4,x\n", {}, "has 1 different values in 4 rows, which are no classes"),
        ("a,target\n1,x\n2,y\n3,z\n", {}, "has 3 different values in 3 rows"),
        ("a,target\ninf,x\n1,x\n2,y\n3,y\n", {}, "'a' holds an infinite number"),
        ("a,target\n", {}, "has no rows"),
        ("", {}, "can't be read as CSV: No columns to parse"),
        ('a,target\n"1,2\n', {}, "can't be read as CSV"),
        (b"a,target\n\xff\xfe,1\n", {}, "can't be read as CSV: 'utf-8' codec"),
        ("a,target\n1,2\n", {"tokens": {}}, "table:shop takes no `tokens`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table(text: str | bytes, asked: dict[str, Any], said: str, data: Path) -> None:
    write(data / "shop.csv", text)
    with pytest.raises(BadInput, match=said):
        load({"name": "table:shop", **asked})


def test_a_truncated_parquet_file(data: Path) -> None:
    frame().to_parquet(data / "shop.parquet")
    write(data / "shop.parquet", (data / "shop.parquet").read_bytes()[:-20])
    with pytest.raises(BadInput, match="shop.parquet can't be read as Parquet"):
        load({"name": "table:shop"})


def test_columns_of_dates_must_be_left_out(data: Path) -> None:
    dated = frame().assign(day=pd.date_range("2024-01-01", periods=12))
    dated.to_parquet(data / "shop.parquet")
    with pytest.raises(BadInput, match="'day' holds datetime64 values, neither numbers nor words"):
        load({"name": "table:shop"})
    assert load({"name": "table:shop", "features": ["price"]}).classes == 2


def test_a_test_file_that_lacks_a_column(data: Path) -> None:
    (data / "shop").mkdir()
    frame().to_csv(data / "shop" / "train.csv", index=False)
    frame(4).drop(columns="price").to_csv(data / "shop" / "test.csv", index=False)
    with pytest.raises(BadInput, match="test.csv has no column 'price', which train.csv has"):
        load({"name": "table:shop"})


def test_a_table_that_is_not_there(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(data / "other.csv", "a\n1\n")
    with pytest.raises(
        BadInput, match=r"table:shop is not in the data folder .*put shop.csv.*\(it holds other.csv\)"
    ):
        load({"name": "table:shop"})
    write(data / "other.parquet", "")
    with pytest.raises(BadInput, match="other.csv and other.parquet are both there"):
        load({"name": "table:other"})
    monkeypatch.delenv("SEEDBED_DATA")
    with pytest.raises(BadInput, match="table:shop is looked for in the data folder: name one"):
        load({"name": "table:shop"})


def test_a_file_of_ones_own_does_not_stand_in_for_a_published_table(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame().rename(columns={"target": "survived"}).to_csv(data / "titanic.csv", index=False)
    with pytest.raises(
        BadInput, match="titanic.csv has no checksum.*name it as table:titanic, or allow them"
    ):
        load({"name": "titanic"})
    monkeypatch.setenv("SEEDBED_ALLOW_UNVERIFIED", "1")
    assert load({"name": "titanic"}).title == "Titanic passengers (a file of one's own)"


def picture(path: Path, size: tuple[int, int], mode: str = "RGB", value: int = 200) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    colour: Any = value if mode == "L" else (value, 0, 0)
    Image.new(mode, size, colour).save(path)


def test_a_folder_of_images_a_sub_folder_a_class(data: Path) -> None:
    for name, count in (("cat", 3), ("dog", 2)):
        for k in range(count):
            picture(data / "pets" / name / f"{k}.png", (20, 20), value=100 + k)
    source = load({"name": "images:pets"})
    assert isinstance(source.inputs, np.ndarray) and source.inputs.dtype == np.uint8
    assert source.inputs.shape == (5, 3, 20, 20) and source.labels.tolist() == [0, 0, 0, 1, 1]
    assert source.inputs[1, :, 0, 0].tolist() == [101, 0, 0]
    assert source.class_names == ("cat", "dog") and source.parts is None
    assert source.notes == ("each image is its largest centred square, scaled to 20 × 20",)


def test_images_of_several_sizes_become_squares(data: Path) -> None:
    picture(data / "pets" / "cat" / "0.png", (300, 100), "L")
    picture(data / "pets" / "dog" / "0.jpg", (40, 90), "L")
    assert np.shape(load({"name": "images:pets"}).inputs) == (2, 1, 64, 64)
    assert np.shape(load({"name": "images:pets", "size": 16}).inputs) == (2, 1, 16, 16)


def test_a_square_is_cut_from_the_middle(data: Path) -> None:
    wide = np.zeros((10, 30), np.uint8)
    wide[:, 10:20] = 250
    for name in ("cat", "dog"):
        (data / "pets" / name).mkdir(parents=True)
        Image.fromarray(wide).save(data / "pets" / name / "0.png")
    inputs = load({"name": "images:pets", "size": 10}).inputs
    assert isinstance(inputs, np.ndarray) and (inputs == 250).all()


def test_a_test_sub_folder_is_sealed(data: Path) -> None:
    for part, count in (("train", 2), ("test", 1)):
        for name in ("cat", "dog"):
            for k in range(count):
                picture(data / "pets" / part / name / f"{k}.png", (8, 8))
    source = load({"name": "images:pets"})
    assert source.parts is not None and source.parts["test"].tolist() == [4, 5]
    picture(data / "pets" / "test" / "bird" / "0.png", (8, 8))
    with pytest.raises(BadInput, match="the class 'bird' is in one of train and test only"):
        load({"name": "images:pets"})


def test_what_is_wrong_with_a_folder_of_images(data: Path) -> None:
    with pytest.raises(BadInput, match="images:pets is not in the data folder .*a sub-folder a class"):
        load({"name": "images:pets"})
    picture(data / "pets" / "cat" / "0.png", (8, 8))
    with pytest.raises(BadInput, match="has the class 'cat' only"):
        load({"name": "images:pets"})
    (data / "pets" / "dog").mkdir()
    with pytest.raises(BadInput, match="Found no valid file for the classes dog"):
        load({"name": "images:pets"})
    write(data / "pets" / "dog" / "0.png", "no image")
    with pytest.raises(BadInput, match="dog/0.png is not an image that Pillow can read"):
        load({"name": "images:pets"})
    picture(data / "pets" / "dog" / "0.png", (80, 80))
    write(data / "pets" / "dog" / "0.png", (data / "pets" / "dog" / "0.png").read_bytes()[:60])
    with pytest.raises(BadInput, match="dog/0.png is damaged"):
        load({"name": "images:pets"})
