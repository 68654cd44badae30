import itertools

import optuna

from seedbed.planning.dimensions import Choice, Real, Whole
from seedbed.planning.tpe import suggestions

SPACE = {
    "kind": Choice(("a", "b")),
    "flag": Choice((True, False)),
    "size": Whole(0, 9),
    "lr": Real(0.001, 1.0),
}


def outcomes():
    """A grid on which only `size` matters, the larger the better."""
    return [
        ({"kind": kind, "flag": flag, "size": size, "lr": lr}, size / 10)
        for kind, flag, size, lr in itertools.product("ab", (True, False), range(0, 10, 3), (0.01, 0.1))
    ]


def take(count, seed=1, known=()):
    return list(itertools.islice(suggestions(SPACE, known, seed), count))


def test_suggestions_lie_in_the_space_with_two_digits():
    for settings in take(20):
        assert {name: dimension.read(settings[name]) for name, dimension in SPACE.items()} == settings
        assert settings["lr"] == float(f"{settings['lr']:.1e}")


def test_good_outcomes_attract():
    sizes = [settings["size"] for settings in take(20, known=outcomes())]
    assert sum(sizes) / 20 > 6.5


def test_the_seed_decides():
    assert take(3, seed=1, known=outcomes()) == take(3, seed=1, known=outcomes())
    assert take(3, seed=1, known=outcomes()) != take(3, seed=2, known=outcomes())


def test_optuna_says_nothing(capfd):
    take(2, known=outcomes())
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.ERROR
