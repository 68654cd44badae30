import pytest
import torch

import seedbed_runner.contract.augmentations as contract
from seedbed_runner.augmentations import AUGMENTATIONS, crop, cutout, flip, in_turn, jitter, named
from seedbed_runner.errors import ModelFailure


def images(rows: int = 64) -> torch.Tensor:
    return torch.arange(rows * 3 * 8 * 8, dtype=torch.float32).reshape(rows, 3, 8, 8) + 1


def test_every_name_of_the_contract_has_its_function() -> None:
    assert tuple(AUGMENTATIONS) == contract.AUGMENTATIONS


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def test_a_flip_mirrors_about_half_of_the_images_and_leaves_the_others() -> None:
    batch = images()
    made = flip(batch)
    turned = [bool((one == other.flip(2)).all()) for one, other in zip(made, batch, strict=True)]
    same = [bool((one == other).all()) for one, other in zip(made, batch, strict=True)]
    assert all(a != b for a, b in zip(turned, same, strict=True)) and 16 < sum(turned) < 48


def test_a_crop_is_a_window_of_the_padded_image() -> None:
    batch = images()
    made = crop(batch)
    padded = torch.nn.functional.pad(batch, (1, 1, 1, 1))
    windows = [padded[:, :, y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
    places = [
        [place for place, window in enumerate(windows) if (window[row] == made[row]).all()]
        for row in range(64)
    ]
    assert all(len(found) == 1 for found in places) and len({found[0] for found in places}) == 9


def test_a_cutout_is_a_square_of_zeros_in_all_channels() -> None:
    holes = cutout(images()) == 0
    assert (holes[:, :1] == holes).all()
    sizes = holes[:, 0].sum(dim=(1, 2))
    assert sizes.max() == 16 and sizes.min() >= 4  # 4 × 4, cut off at an edge


def test_jitter_changes_an_image_as_a_whole() -> None:
    batch = images(4)
    made = jitter(batch)
    scale = (made[:, 0, 0, 1] - made[:, 0, 0, 0])[:, None, None, None]
    assert torch.allclose(made - made[:, :1, :1, :1], scale * (batch - batch[:, :1, :1, :1]), rtol=1e-3)
    assert ((scale - 1).abs() <= 0.2).all()


def test_names_are_done_in_turn_and_are_for_images_only() -> None:
    steps = in_turn([lambda batch: batch + 1, None, lambda batch: batch * 2])
    assert steps is not None and steps(torch.zeros(1)).item() == 2
    assert named([], [3]) is None
    assert all(named([name], [3, 8, 8]) is not None for name in AUGMENTATIONS)
    with pytest.raises(ModelFailure, match="`augment` is for images: Flip can't be done to others"):
        named(["Flip"], [4])
