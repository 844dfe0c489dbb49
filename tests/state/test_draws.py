"""Keyed draws in NumPy: published and frozen answers, no dependence on how a range is cut, the right distributions."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy import stats

from engram.state import draws, rejection, words
from engram.state.kinds import Kind
from engram.state.streams import Stream, object_uid, stream_key
from tests.cases import each

ONES = 0xFFFFFFFF
PUBLISHED = [  # Salmon et al. 2011, Random123: counter, key, answer
    ((0, 0, 0, 0), (0, 0, 0, 0), (0x9C6CA96A, 0xE17EAE66, 0xFC10ECD4, 0x5256A7D8)),
    ((ONES,) * 4, (ONES,) * 4, (0x2A881696, 0x57012287, 0xF6C7446E, 0xA16A6732)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89),
        (0x59CD1DBB, 0xB8879579, 0x86B5D00C, 0xAC8B6D84),
    ),
]
KEY = 0xADACDE3A6C04A5E7
ELEMENTS = [0, 1, 16, 33, 63, 64, 1000]
NEURON = {  # step 7, draw 3
    "uniform": "1.ddf2e86dp-1 1.0ab6f99fp-1 1.87f1aa23p-1 1.dfc5be9bp-1 1.58bc6c91p-1 1.2bad18c5p-1 1.5020eea7p-1",
    "normal": "1.27d1b0deea232p-5 -1.1a21d595db65ap+0 -1.7a19e9c6952c7p-2 -1.26d6ac0be7599p-3 -1.31a2809dcf8a8p+0 "
    "1.3392ca088d517p-3 1.23e9c7580e783p-2",
    "exponential": "1.19e3ee61bf715p-4 1.4de5efcf47329p-1 1.119e5b66b2b90p-2 1.0a4ac67e58076p-4 1.9509e9aac8c70p-2 "
    "1.123d12c7ac0e2p-1 1.aeee3ca4b39fbp-2",
}
SYNAPSE = {  # (5, 7) and (6, 8), step 9, draw 3, third of a multapse
    "uniform": "1.8c4881adp-1 1.c5c57c8cp-3",
    "normal": "-1.0788c018a019fp-1 -1.bb583b871135ep+0",
    "exponential": "1.0658194e7f468p-2 1.81cc6a23874e9p+0",
}
SAMPLES = [  # a = 0, 1, 2, b = 1, step 0, draw 2
    (Kind.UNIFORM, -1.0, 3.0, "1.18bd89bde8a0ep+0 1.af895bb878816p+0 1.f5e07d056659ep+0"),
    (Kind.DISCRETE_UNIFORM, 1.0, 6.0, "1p+2 1.4p+2 1.4p+2"),
    (Kind.NORMAL, 1.0, 2.0, "-1.3ffa48e60863ap+0 1.28d5109a9e358p+1 1.69d83debe76b8p-4"),
    (Kind.LOG_NORMAL, 0.0, 0.5, "1.23bc33e074a0dp-1 1.63ffc04b97ffep+0 1.97a67eb22111fp-1"),
    (Kind.EXPONENTIAL, 4.0, 0.0, "1.4abae9d450be2p-3 1.97ead8ab2a54bp-4 1.342c73ebb3198p-4"),
    (Kind.GAMMA, 0.5, 2.0, "1.297ce0960f265p-1 1.418c173f44a9fp-2 1.f6689d1f69f99p-4"),
    (Kind.GAMMA, 3.0, 1.0, "1.381bc1cf15b90p+0 1.f29316e00c631p+1 1.fd4a1f2ac5e9dp+0"),
    (Kind.BINOMIAL, 20.0, 0.3, "1.8p+2 1.cp+2 1.cp+2"),
    (Kind.BINOMIAL, 1000.0, 0.7, "1.5d8p+9 1.5a8p+9 1.588p+9"),
    (Kind.POISSON, 2.5, 0.0, "1p+1 1.8p+1 1.8p+1"),
    (Kind.POISSON, 40.0, 0.0, "1.4p+5 1.58p+5 1.68p+5"),
]
# Elements of key 1, step 0, draw 0 whose word is below 4096: (element, word)
SMALL = [(8041608, 3792), (6465552, 3351), (1182445, 2950), (3104501, 853)]


def numbers(text):
    return [
        float.fromhex(word.replace("-", "-0x", 1) if word.startswith("-") else "0x" + word) for word in text.split()
    ]


# ---------------------------------------------------------------- known answers


@each(("counter", "key", "answer"), PUBLISHED)
def test_threefry_gives_the_published_answers(counter, key, answer):
    found = words.threefry_words(key, tuple(np.array([word], np.uint32) for word in counter))

    assert [int(word[0]) for word in found] == list(answer)


def test_threefry_takes_the_key_as_two_low_words():
    found = words.threefry(0xFEDCBA9876543210, 1, 2, 2**32 + 3, 4)
    expected = words.threefry_words(
        (0x76543210, 0xFEDCBA98, 0, 0), tuple(np.array([word], np.uint32) for word in (1, 2, 3, 4))
    )

    assert [word.tolist() for word in found] == [word.tolist() for word in expected]


def test_key_of_a_stream_is_frozen_and_changes_with_the_upper_half_of_the_step():
    uid = object_uid("populations/exc")

    assert uid == 0x4EA46645
    assert stream_key(42, uid, Stream.EQUATION, 7) == KEY
    assert stream_key(42, uid, Stream.EQUATION, 2**32 - 1) == KEY
    assert stream_key(42, uid, Stream.EQUATION, 2**32) == 0xFDEE286C54CA2E85
    assert len({stream_key(42, uid, stream) for stream in Stream}) == len(Stream)


def test_numbers_of_streams_never_change():
    assert {stream.name: int(stream) for stream in Stream} == {
        "EQUATION": 1,
        "SYNAPSE": 2,
        "CONNECTOR": 3,
        "WEIGHTS": 4,
        "DELAYS": 5,
        "ATTRIBUTE": 6,
        "INITIAL": 7,
        "REFRACTORY": 8,
        "STRUCTURE": 9,
    }


@each("name", NEURON)
def test_neuron_draws_are_frozen(name):
    values = getattr(draws, f"neuron_{name}")(KEY, 7, 3, 0, 1001)[ELEMENTS]

    assert values.tolist() == numbers(NEURON[name])


@each("name", SYNAPSE)
def test_synapse_draws_are_frozen(name):
    values = getattr(draws, f"synapse_{name}")(KEY, np.array([5, 6]), np.array([7, 8]), 9, 3 + (2 << 16))

    assert values.tolist() == numbers(SYNAPSE[name])


@each(("kind", "a", "b", "answer"), SAMPLES)
def test_samples_are_frozen(kind, a, b, answer):
    values = draws.sample((kind, a, b, -math.inf, math.inf, False), KEY, np.arange(3), 1, 0, 2)

    assert values.tolist() == numbers(answer)


def test_values_drawn_again_are_frozen():
    """The known answers of docs/decisions/0009-streams.md."""
    values = draws.sample((Kind.NORMAL, 0.0, 1.0, 1.0, 2.0, True), 0x0123456789ABCDEF, np.arange(4), 1, 0, 0)

    assert [value.hex() for value in values.tolist()] == [
        "0x1.2c64e33f8b4d4p+0",
        "0x1.b6efb26a92c5fp+0",
        "0x1.40ddc3506b63ep+0",
        "0x1.20a1dca4b47e7p+0",
    ]


# ---------------------------------------------------------------- words and units


def test_element_is_a_word_of_its_counter():
    """Element e is word (e >> 4) & 3 of counter 16 (e >> 6) + (e & 15)."""
    values = draws.neuron_uniform(KEY, 5, 1, 0, 200)
    for e in (0, 15, 16, 47, 63, 64, 100, 199):
        word = words.threefry(KEY, 16 * (e >> 6) + (e & 15), 0, 5, 1)[(e >> 4) & 3]
        assert values[e] == words.unit32(word)[0]


def test_units_lie_strictly_inside_and_are_symmetric():
    low, high = np.array([0], np.uint32), np.array([ONES], np.uint32)

    assert words.unit32(low)[0] == 2.0**-33
    assert words.unit32(high)[0] == 1 - 2.0**-33
    assert words.unit53(low, low)[0] == 2.0**-53
    assert words.unit53(high, high)[0] == 1 - 2.0**-53
    assert words.unit_tail(low, low)[0] == 2.0**-65
    assert words.unit_tail(np.array([4095], np.uint32), high)[0] == 4096 * 2.0**-32 - 2.0**-65
    assert words.unit_tail(np.array([4096], np.uint32), high)[0] == 4096.5 * 2.0**-32


@each(("element", "word"), SMALL)
def test_small_word_of_a_neuron_takes_a_second_word(element, word):
    counter, number = 16 * (element >> 6) + (element & 15), (element >> 4) & 3
    assert words.threefry(1, counter, 0, 0, 0)[number][0] == word
    second = words.threefry(1, counter, 0, 0, 0x8000)[number][0]
    u = (float(word * 2**32 + int(second)) + 0.5) * 2.0**-64

    value = draws.neuron_exponential(1, 0, 0, element, 1)[0]
    assert value == pytest.approx(-math.log(u), rel=1e-15)


def test_small_radius_of_a_pair_gives_the_exact_tail():
    element = 1182445  # word 2 of its counter; its partner 16 further takes the sine
    cosine, sine = (draws.neuron_normal(1, 0, 0, e, 1)[0] for e in (element, element + 16))
    u = math.exp(-0.5 * math.hypot(cosine, sine) ** 2)
    first = 2950

    assert first * 2.0**-32 < u < (first + 1) * 2.0**-32
    assert u != pytest.approx((first + 0.5) * 2.0**-32, rel=1e-9)


# ---------------------------------------------------------------- a draw depends on its element alone


@each("name", NEURON)
def test_result_does_not_depend_on_how_a_range_is_cut(name):
    draw = getattr(draws, f"neuron_{name}")
    whole = draw(KEY, 3, 0, 0, 300)
    cuts = [0, 64, 65, 128, 200, 300]
    pieces = [draw(KEY, 3, 0, first, last - first) for first, last in pairwise(cuts)]

    assert np.concatenate(pieces).tobytes() == whole.tobytes()


@each("name", NEURON)
def test_no_elements_give_no_values(name):
    assert getattr(draws, f"neuron_{name}")(KEY, 3, 0, 64, 0).shape == (0,)


def test_every_word_of_the_counter_matters():
    base = draws.synapse_uniform(KEY, 1, 2, 3, 4)[0]
    others = [
        draws.synapse_uniform(*arguments)[0]
        for arguments in (
            (KEY + 1, 1, 2, 3, 4),
            (KEY, 0, 2, 3, 4),
            (KEY, 1, 0, 3, 4),
            (KEY, 1, 2, 0, 4),
            (KEY, 1, 2, 3, 0),
        )
    ]

    assert len({base, *others}) == 6


def test_rejection_does_not_depend_on_the_neighbours():
    """The elements that need another attempt are drawn again by themselves."""
    element = np.arange(500)
    together = rejection.gamma(0.7, KEY, element, 0, 0, 0)
    alone = [rejection.gamma(0.7, KEY, int(e), 0, 0, 0)[0] for e in element]

    assert together.tolist() == alone


def test_parameters_may_differ_between_elements():
    element = np.arange(40)
    rates = np.linspace(0.0, 30.0, 40)
    together = rejection.poisson(rates, KEY, element, 0, 0, 0)
    trials = rejection.binomial(np.arange(40.0), rates / 30.0, KEY, element, 0, 0, 0)

    assert together.tolist() == [rejection.poisson(float(r), KEY, int(e), 0, 0, 0)[0] for e, r in enumerate(rates)]
    assert trials.tolist() == [
        rejection.binomial(float(e), r / 30.0, KEY, int(e), 0, 0, 0)[0] for e, r in enumerate(rates)
    ]
    assert (trials <= element).all()


# ---------------------------------------------------------------- distributions

N = 200_000
CONTINUOUS = [
    (Kind.UNIFORM, -1.0, 3.0, stats.uniform(-1.0, 4.0)),
    (Kind.NORMAL, 1.0, 2.0, stats.norm(1.0, 2.0)),
    (Kind.LOG_NORMAL, 0.2, 0.5, stats.lognorm(0.5, scale=math.exp(0.2))),
    (Kind.EXPONENTIAL, 4.0, 0.0, stats.expon(scale=0.25)),
    (Kind.GAMMA, 0.3, 2.0, stats.gamma(0.3, scale=2.0)),
    (Kind.GAMMA, 1.0, 2.0, stats.gamma(1.0, scale=2.0)),
    (Kind.GAMMA, 7.5, 0.1, stats.gamma(7.5, scale=0.1)),
]
DISCRETE = [
    (Kind.DISCRETE_UNIFORM, -3.0, 5.0, stats.randint(-3, 6)),
    (Kind.BINOMIAL, 10.0, 0.3, stats.binom(10, 0.3)),
    (Kind.BINOMIAL, 30.0, 0.9, stats.binom(30, 0.9)),
    (Kind.BINOMIAL, 25.0, 0.4, stats.binom(25, 0.4)),
    (Kind.BINOMIAL, 1000.0, 0.3, stats.binom(1000, 0.3)),
    (Kind.BINOMIAL, 100_000.0, 0.02, stats.binom(100_000, 0.02)),
    (Kind.POISSON, 0.4, 0.0, stats.poisson(0.4)),
    (Kind.POISSON, 9.9, 0.0, stats.poisson(9.9)),
    (Kind.POISSON, 10.0, 0.0, stats.poisson(10.0)),
    (Kind.POISSON, 800.0, 0.0, stats.poisson(800.0)),
]


def check_continuous(values, law):
    assert stats.kstest(values, law.cdf).pvalue > 1e-3
    assert abs(values.mean() - law.mean()) < 4 * law.std() / math.sqrt(values.size)


def check_discrete(values, law):
    """Chi-square over the values that are expected at least 20 times; the rest are the two end classes."""
    k = np.arange(law.ppf(1e-9), law.ppf(1 - 1e-9) + 1)
    k = k[law.pmf(k) * values.size >= 20]
    edges = np.concatenate([[-np.inf], k[:-1] + 0.5, [np.inf]])
    expected = np.diff(law.cdf(edges)) * values.size
    counts = np.histogram(values, edges)[0]
    assert stats.chisquare(counts, expected, sum_check=False).pvalue > 1e-3
    assert (values == np.floor(values)).all()


@each(("kind", "a", "b", "law"), CONTINUOUS)
def test_continuous_samples_pass_a_ks_test(kind, a, b, law):
    check_continuous(draws.sample((kind, a, b, -math.inf, math.inf, False), 12345, np.arange(N), 0, 0, 0), law)


@each(("kind", "a", "b", "law"), DISCRETE)
def test_discrete_samples_pass_a_chi_square_test(kind, a, b, law):
    check_discrete(draws.sample((kind, a, b, -math.inf, math.inf, False), 54321, np.arange(N), 0, 0, 0), law)


@each(("name", "law"), [("uniform", stats.uniform()), ("normal", stats.norm()), ("exponential", stats.expon())])
def test_neuron_and_synapse_draws_pass_a_ks_test(name, law):
    check_continuous(getattr(draws, f"neuron_{name}")(99, 1, 0, 0, N), law)
    check_continuous(getattr(draws, f"synapse_{name}")(99, np.arange(N) // 500, np.arange(N) % 500, 1, 0), law)


def test_partners_of_box_muller_are_independent():
    values = draws.neuron_normal(4, 0, 0, 0, 64 * 4000).reshape(-1, 4, 16)
    n = values[:, 0].size
    pairs = [(0, 1), (2, 3), (0, 2)]
    squares = [np.corrcoef(values[:, i].ravel() ** 2, values[:, j].ravel() ** 2)[0, 1] for i, j in pairs]
    plain = [np.corrcoef(values[:, i].ravel(), values[:, j].ravel())[0, 1] for i, j in pairs]

    assert np.abs(plain + squares).max() < 4 / math.sqrt(n)


@each(
    ("law", "value"),
    [
        ((Kind.CONSTANT, 2.5, 0.0, -math.inf, math.inf, False), 2.5),
        ((Kind.BINOMIAL, 7.0, 0.0, -math.inf, math.inf, False), 0.0),
        ((Kind.BINOMIAL, 7.0, 1.0, -math.inf, math.inf, False), 7.0),
        ((Kind.BINOMIAL, 0.0, 0.5, -math.inf, math.inf, False), 0.0),
        ((Kind.POISSON, 0.0, 0.0, -math.inf, math.inf, False), 0.0),
        ((Kind.NORMAL, 3.0, 0.0, -math.inf, math.inf, False), 3.0),
    ],
)
def test_degenerate_distributions_give_one_value(law, value):
    assert set(draws.sample(law, KEY, np.arange(50), 0, 0, 0).tolist()) == {value}


def test_rare_successes_in_many_trials_keep_their_mean():
    """log(1 - p) must not lose the digits of a tiny p."""
    values = rejection.binomial(1e12, 3e-12, KEY, np.arange(N), 0, 0, 0)

    assert abs(values.mean() - 3.0) < 4 * math.sqrt(3.0 / N)


@each("trials", [1e3, 1e6, 1e9, 1e12])
def test_probabilities_of_binomial_draws_keep_their_digits_however_many_trials(trials):
    """They are compared through deviances; from logarithms of large numbers, 1e9 trials leave an error of 1e-7."""
    expected = 0.3 * trials
    x = np.rint(expected + math.sqrt(0.7 * expected) * np.linspace(-5.0, 5.0, 41))

    with mpmath.workdps(50):
        exact = [float(value * mpmath.log(value / expected) + expected - value) for value in map(mpmath.mpf, x)]
    assert rejection._deviance(x, np.full(41, expected)) == pytest.approx(exact, rel=1e-13, abs=1e-16)


@each(("trials", "p"), [(1e9, 0.5), (1e9, 0.3), (3e8, 1e-4), (1e9, 0.999)])
def test_binomial_draws_of_very_many_trials_follow_their_law(trials, p):
    values = rejection.binomial(trials, p, KEY, np.arange(N // 10), 0, 0, 0)

    law = stats.binom(trials, p)
    assert stats.kstest(values, law.cdf).pvalue > 1e-4


def test_bounds_clip():
    values = draws.sample((Kind.NORMAL, 0.0, 1.0, -0.5, 1.0, False), KEY, np.arange(1000), 0, 0, 0)

    assert values.min() == -0.5
    assert values.max() == 1.0
    assert (values == -0.5).mean() == pytest.approx(stats.norm.cdf(-0.5), abs=0.05)
