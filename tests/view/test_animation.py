"""Films: which moments they show, what grows, and the files they become."""

import subprocess

import numpy as np
import pytest
from PIL import Image

import ravine as rv
from ravine.errors import ProblemError, StoreError
from ravine.problem import Problem
from ravine.view import films, reels
from ravine.view.animation import animate
from ravine.view.film import grown_line
from ravine.view.moments import moments_of
from ravine.view.scene import Dots, Line, Sheet

QUICK = {"seconds": 2.0, "fps": 5, "size": "small", "progress": False}
FRAMES = 5  # half a second is held at both ends, five pictures come in the second between


def durations(path):
    with Image.open(path) as film:
        times = []
        for frame in range(film.n_frames):
            film.seek(frame)
            times.append(film.info["duration"])
        return times


def last_picture(path):
    with Image.open(path) as film:
        film.seek(film.n_frames - 1)
        return np.asarray(film.convert("RGB"), float)


def tips_of(panel):
    """Return where the growing lines of a panel have come to, [line, 2]."""
    lines = [mark for mark in panel.marks if isinstance(mark, Line) and mark.width > 2 and np.isfinite(mark.x).any()]
    return np.array([[axis[np.isfinite(mark.x)][-1] for axis in (mark.x, mark.y)] for mark in lines])


def test_a_gif_has_the_frames_and_times_asked_for(one_start, tmp_path):
    path = animate(one_start, tmp_path / "run.gif", **QUICK)
    assert durations(path) == [500, 330, 340, 330, 500]
    assert last_picture(path).shape == (360, 640, 3)
    assert path.stat().st_size < reels.MOST_BYTES


def test_a_long_film_has_no_more_frames_than_it_may(one_start):
    assert len(films.descent(one_start, 150)) == 150


def test_the_last_frame_shows_the_end_of_the_path(one_start):
    film = films.descent(one_start, 20)
    last = film.at(-1)
    assert film.moments[-1] == 40
    assert tips_of(last.panels[0])[0] == pytest.approx(one_start.dataset["params"].values[0, -1], abs=1e-9)
    data = last.panels[1]
    assert data.title == "Data and fit"
    curve = data.marks[-1]
    end = one_start.params
    assert curve.y == pytest.approx(end["a"] * curve.x + end["b"])
    assert tips_of(last.panels[2])[0] == pytest.approx([40, one_start.loss])


def test_the_first_frame_stands_at_the_start(one_start):
    first = films.descent(one_start, 20).at(0)
    assert tips_of(first.panels[0]).tolist() == [[5, 4]]
    curve = first.panels[1].marks[-1]
    assert curve.y == pytest.approx(5 * curve.x + 4)
    assert not any(mark.shape == "diamond" and mark.x.size for mark in first.panels[0].marks if isinstance(mark, Dots))


def test_the_words_above_a_frame_are_its_numbers(one_start):
    film = films.descent(one_start, 20)
    rows = one_start.dataset["params"].values[0]
    assert film.told(3.0) == (
        "step 3",
        f"loss {one_start.dataset['loss'].values[0, 3]:.4g}",
        *(f"{name} = {value:.4g}" for name, value in zip("ab", rows[3], strict=True)),
    )


def test_what_stands_still_is_drawn_once(one_start):
    film = films.descent(one_start, 20)
    first, middle = film.at(0), film.at(10)
    sheets = [next(mark for mark in scene.panels[0].marks if isinstance(mark, Sheet)) for scene in (first, middle)]
    assert sheets[0] is sheets[1]


def test_a_line_grows_between_two_steps_and_breaks_where_it_is_broken():
    x = np.array([0.0, 1.0, np.nan, 10.0, 20.0])
    line, head = grown_line(Line(x, x), np.array([0.0, 1.0, np.nan, 0.0, 2.0]), 0.5)
    assert np.array_equal(line.x, [0, 0.5, np.nan, 10, 12.5], equal_nan=True)
    assert head.x.tolist() == [0.5, 12.5]


@pytest.mark.parametrize("steps", [1, 7, 400])
def test_moments_rise_from_the_start_to_the_last_step(descend, line, steps):
    run = descend(line, [(5, 4)], steps=steps)
    moments = moments_of((run,), 60)
    assert (moments[0], moments[-1]) == (0, steps)
    assert (np.diff(moments) > 0).all()
    assert len(moments) <= 60


def test_most_moments_are_where_most_happens(descend, line):
    moments = moments_of((descend(line, [(5, 4)], steps=400),), 100)
    assert np.sum(moments < 100) > 2 * np.sum(moments > 100)


def test_moments_that_pass_steps_show_recorded_ones(descend, line):
    moments = moments_of((descend(line, [(5, 4)], steps=400),), 40)
    hurried = moments[1:-1][np.minimum(np.diff(moments)[:-1], np.diff(moments)[1:]) > 1.5]
    assert hurried.size > 3
    assert np.array_equal(hurried, np.round(hurried))


def test_a_run_without_steps_is_one_picture(descend, line, tmp_path):
    path = animate(descend(line, [(5, 4)], steps=0), tmp_path / "still.gif", **QUICK)
    assert durations(path) in ([2000], [0]) or Image.open(path).n_frames == 1


@pytest.mark.parametrize("rate", [1.0, 3.0, 1e3])
def test_a_descent_that_runs_away_is_a_film_too(descend, line, tmp_path, rate):
    run = descend(line, [(5, 4)], rate=rate, steps=150)
    path = animate(run, tmp_path / "away.gif", **QUICK)
    assert len(durations(path)) == FRAMES
    assert np.ptp(last_picture(path)) > 200


def test_one_parameter_is_shown_on_its_curve(parabola):
    film = films.descent(parabola, 30)
    middle = film.at(12)
    visited = next(mark for mark in middle.panels[0].marks if getattr(mark, "label", "") == "visited x")
    assert visited.x.size == int(film.moments[12]) + 1
    head = middle.panels[0].marks[-1]
    before, after = parabola.dataset["params"].values[0, int(film.moments[12]) : int(film.moments[12]) + 2, 0]
    assert before <= head.x[0] <= after


def test_more_parameters_are_shown_by_curve_loss_and_parameters(descend):
    x = np.linspace(0, 2, 9)
    run = descend(Problem("y = a*x**2 + b*x + c", {"x": x, "y": 1 + x}), [(0, 0, 0)], rate=0.02)
    titles = [panel.title for panel in films.descent(run, 10).scene.panels]
    assert titles == ["Data and fit", "Loss over steps", "Parameters over steps"]


def test_of_many_starts_twelve_are_shown_the_best_among_them(descend, line):
    run = descend(line, np.random.default_rng(0).normal(size=(40, 2)))
    shown = films.descents.few_starts(run)
    assert shown.starts == 12
    assert shown.loss == run.loss


def test_a_fit_shows_its_search_and_then_its_answer(tmp_path):
    x = np.linspace(0, 4, 12)
    found = rv.fit("y = a*exp(-b*x)", {"x": x, "y": 3 * np.exp(-x) + 0.01 * np.cos(9 * x)})
    film = films.fit(found, 12)
    assert film.told(float(film.moments[0]))[0] == "search, step 0"
    assert film.told(float(film.moments[-1]))[0] == "answer"
    curve = film.at(-1).panels[1].marks[-1]
    assert curve.y == pytest.approx(found.params["a"].value * np.exp(-found.params["b"].value * curve.x))
    bottoms = [mark for mark in film.at(0).panels[0].marks if isinstance(mark, Dots) and mark.shape == "diamond"]
    assert bottoms and not any(mark.x.size for mark in bottoms)
    assert len(durations(animate(found, tmp_path / "fit.gif", **QUICK))) == FRAMES


def test_in_a_race_all_go_down_together(tmp_path):
    race = rv.race("(x - 1)**2 + 3*(y + 2)**2", {"x": 4, "y": 3}, ["sgd", "adam"], rates=[0.1], steps=30)
    film = films.race(race, 12)
    middle = film.at(6)
    heads = [mark for mark in middle.panels[0].marks[len(film.scene.panels[0].marks) :] if mark.x.size]
    assert len(heads) >= 2
    assert film.told(0.0)[1].startswith("sgd ")
    assert len(durations(animate(race, tmp_path / "race.gif", **QUICK))) == FRAMES


def test_gifs_of_the_same_run_are_the_same_bytes(parabola, tmp_path):
    one, other = (animate(parabola, tmp_path / name, **QUICK).read_bytes() for name in ("a.gif", "b.gif"))
    assert one == other


def test_white_stays_white(parabola, tmp_path):
    assert last_picture(animate(parabola, tmp_path / "a.gif", **QUICK))[-1, -1].tolist() == [255, 255, 255]


def test_a_gif_that_gets_too_large_loses_colors_and_frames_but_not_its_end(tmp_path):
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (40, 60, 3), dtype=np.uint8) for _ in range(9)]
    reels.write_gif(pictures, np.full(9, 0.1), tmp_path / "noise.gif", most=12_000)
    assert (tmp_path / "noise.gif").stat().st_size <= 12_000
    times = durations(tmp_path / "noise.gif")
    assert len(times) < 9
    assert sum(times) == 900
    assert np.abs(last_picture(tmp_path / "noise.gif") - pictures[-1]).mean() < 40


def test_an_mp4_can_be_read_back(parabola, tmp_path):
    import imageio_ffmpeg

    path = animate(parabola, tmp_path / "run.mp4", **QUICK)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    decoded = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    frames = np.frombuffer(decoded, np.uint8).reshape(-1, 360, 640, 3)
    assert len(frames) == 10  # two seconds of five pictures
    gif = last_picture(animate(parabola, tmp_path / "run.gif", **QUICK))
    assert np.abs(frames[-1] - gif).mean() < 4


@pytest.mark.parametrize(
    ("settings", "fragments"),
    [
        ({"seconds": 0}, ("seconds", "got 0")),
        ({"seconds": 1e9}, ("seconds", "120")),
        ({"seconds": "8"}, ("seconds", "'8'")),
        ({"fps": 0}, ("fps", "got 0")),
        ({"fps": 2.5}, ("fps", "2.5")),
        ({"size": "smal"}, ("size", "Did you mean 'small'?")),
    ],
)
def test_settings_out_of_range_are_refused(one_start, tmp_path, refuses, settings, fragments):
    with refuses(ProblemError, *fragments):
        animate(one_start, tmp_path / "run.gif", **settings)
    assert not list(tmp_path.iterdir())


def test_other_things_are_refused(tmp_path, refuses):
    with refuses(ProblemError, "animate", "str"):
        animate("run.nc", tmp_path / "run.gif")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "fragment"), [("run.avi", ".gif or .mp4"), ("nowhere/run.gif", "nowhere")])
def test_places_and_formats_that_are_none_are_refused(one_start, tmp_path, refuses, name, fragment):
    with refuses(StoreError, fragment):
        animate(one_start, tmp_path / name)


def test_a_folder_that_cannot_be_written_to_is_named_before_drawing(one_start, tmp_path, refuses, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.touch", forbidden)
    monkeypatch.setattr(films, "descent", lambda *_: pytest.fail("drawn"))
    with refuses(StoreError, "run.gif", "Permission denied"):
        animate(one_start, tmp_path / "run.gif")


@pytest.mark.parametrize("suffix", [".gif", ".mp4"])
def test_an_interrupt_leaves_no_half_film(one_start, tmp_path, monkeypatch, suffix):
    from ravine.view import animation

    def interrupted(film, size):
        pictures = moments_drawn(film, size)
        yield next(pictures)
        yield next(pictures)
        raise KeyboardInterrupt

    moments_drawn = animation.moments_drawn
    monkeypatch.setattr(animation, "moments_drawn", interrupted)
    (tmp_path / f"run{suffix}").write_text("the film before")
    with pytest.raises(KeyboardInterrupt):
        animate(one_start, tmp_path / f"run{suffix}", **QUICK)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [(f"run{suffix}", "the film before")]
