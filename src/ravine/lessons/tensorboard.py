"""The lesson `tensorboard`: what happens while a classifier learns, written into a folder and shown in a browser."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ravine.lessons import contact_sheets, logbook
from ravine.lessons import handwriting as hand
from ravine.lessons.course import exercises
from ravine.lessons.lesson import Block, Code, Exercise, Heading, Lesson, Paragraph, Table, Teller, Text
from ravine.lessons.wording import number, option, percent
from ravine.view.palette import SERIES
from ravine.view.scene import Axis, Line, Panel, Scene

SHOWN = (0, 1, 10, 50, 100, 199)
LARGER = 28


def _blocks(t: Teller) -> Iterator[Block]:
    yield from _folder(t)
    yield from _images(t)
    yield from _training(t)
    yield from _figures(t)
    yield from logbook.blocks(t)
    yield from _exercises(t)
    yield from _going_on(t)


def _folder(t: Teller) -> Iterator[Block]:
    yield Heading(t.say("A folder for each training", "每次训练一个文件夹"))
    yield Paragraph(
        t.say(
            "A training that takes long should be watched while it runs. The usual way: the program writes what "
            "happens into files, event files, and TensorBoard, a program of TensorFlow's, reads them and shows them in "
            "the browser. Give each training a folder of its own, named by date and time. Two trainings in one folder "
            "would draw one tangled curve; in two folders they are two curves side by side, and the names sort by "
            "themselves, because year, month and day come first.",
            "训练时间一长，就该边跑边看。通常的做法是：程序把发生的事写进事件文件，TensorFlow 自带的 TensorBoard "
            "读取这些文件，在浏览器里画出来。每次训练放进自己的文件夹，用日期和时间命名。"
            "两次训练写进同一个文件夹，曲线就缠在一起；分开放，就是两条可以对比的曲线。"
            "名字里年、月、日在前，排序也自动对了。",
        )
    )
    yield Code(
        "from datetime import datetime\n"
        "from pathlib import Path\n\n"
        "import ravine as rv\n\n"
        f'now = datetime.now().strftime("{hand.DATED}")\n'
        f'folder = Path("{logbook.LOGS}") / now\n'
        "log = rv.TensorBoardLog(folder)   # makes the folder"
    )


def _images(t: Teller) -> Iterator[Block]:
    images, labels = hand.digits()
    yield Heading(t.say("Look at the data first", "先看数据"))
    yield Paragraph(
        t.say(
            f"The data are real: {len(images)} handwritten digits that come with scikit-learn, {hand.SIDE} × "
            f"{hand.SIDE} pixels each, from 0 (paper) to 1 (ink). Whatever you train on, look at it first: one sample "
            "shows whether the pixels are in the right order and which side is up; a grid of 25 shows how different "
            "they are and whether the labels above them are right.",
            f"数据是真实的：scikit-learn 自带的 {len(images)} 个手写数字，每个 {hand.SIDE} × {hand.SIDE} 像素，"
            "从 0（纸）到 1（墨）。不管拿什么来训练，都先看一眼：看一张，就知道像素的顺序和上下方向对不对；"
            "看 25 张排成的方阵，就知道它们差别有多大、上面的标签对不对。",
        )
    )
    axes = (t.label("column", "列"), t.label("row", "行"))
    yield t.picture(
        "sample",
        Scene("", (contact_sheets.single(images[0], axes),)),
        t.label(f"The first image: a {labels[0]}", f"第一张图：数字 {labels[0]}"),
        t.say("One sample image, pixel by pixel.", "一张样本图，一个像素一个像素地看。"),
    )
    count = hand.GRID**2
    yield t.picture(
        "grid",
        Scene("", (contact_sheets.inked(images[:count], [str(label) for label in labels[:count]]),)),
        t.label(f"The first {count} images with their labels", f"前 {count} 张图和它们的标签"),
        t.say(
            f"A grid of {hand.GRID} × {hand.GRID} images as one figure.", f"{hand.GRID} × {hand.GRID} 张图排成一幅。"
        ),
    )
    yield Code(
        "from sklearn.datasets import load_digits\n\n"
        "digits = load_digits()\n"
        "images, labels = digits.images / 16, digits.target\n"
        'log.picture("sample", images[0])\n'
        f'log.grid("grid", images[:{count}], columns={hand.GRID})'
    )


def _training(t: Teller) -> Iterator[Block]:
    found = hand.trained()
    rises = int((np.diff(found.loss) > 0).sum())
    yield Heading(t.say("The loss at every step", "每一步的损失"))
    yield Paragraph(
        t.say(
            f"The classifier is a single layer: {hand.SIDE**2} pixels in, {hand.CLASSES} scores out, softmax over "
            "them, cross-entropy as the loss; all as in the lesson losses. It learns from the first "
            f"{hand.SEEN} images. Each step sees {hand.BATCH} of them, a mini-batch; {hand.SEEN // hand.BATCH} steps "
            f"have seen all, an epoch; {hand.EPOCHS} epochs are {len(found.loss)} steps. All weights begin at 0, and "
            f"the learning rate is {number(hand.RATE)}. Keras calls us after each step, and we write the loss:",
            f"分类器只有一层：输入 {hand.SIDE**2} 个像素，输出 {hand.CLASSES} 个得分，经过 softmax，损失用交叉熵，"
            f"都和 losses 那一课一样。它从前 {hand.SEEN} 张图学习。每一步只看其中 {hand.BATCH} 张，叫小批量；"
            f"{hand.SEEN // hand.BATCH} 步看完一遍，叫一轮；{hand.EPOCHS} 轮就是 {len(found.loss)} 步。"
            f"所有权重从 0 开始，学习率是 {number(hand.RATE)}。Keras 每走一步就通知我们，我们把损失写下来：",
        )
    )
    yield _fitting()
    rows = tuple((str(step), number(found.loss[step])) for step in SHOWN)
    yield Table((t.say("step", "步数"), t.say("loss", "损失")), rows)
    yield Paragraph(
        t.say(
            f"At the end the classifier names {percent(found.seen)} of the images rightly that it has seen, and "
            f"{percent(found.unseen)} of the {len(hand.digits()[0]) - hand.SEEN} others. The curve falls, but it "
            f"trembles: at {rises} of {len(found.loss) - 1} steps the loss went up, because each step looks at other "
            "images. Without the line reset_metrics Keras would hand us the mean since the epoch began, a smooth "
            "curve that jumps at each new epoch, and no step's own loss.",
            f"训练结束时，看过的图它认对了 {percent(found.seen)}，"
            f"没看过的 {len(hand.digits()[0]) - hand.SEEN} 张认对了 {percent(found.unseen)}。曲线总体下降，但在抖动："
            f"{len(found.loss) - 1} 步里有 {rises} 步损失反而上升，因为每一步看的是不同的图。"
            "如果不写 reset_metrics 那一行，Keras 给的是这一轮到目前为止的平均：曲线很平滑，到新的一轮就跳一下，"
            "却不是任何一步自己的损失。",
        )
    )
    axes = (Axis(t.label("step", "步数"), whole=True), Axis(t.label("loss", "损失"), limits=(0.0, 2.5)))
    curve = Line(np.arange(len(found.loss)), found.loss, color=SERIES[0], width=1.8)
    yield t.picture(
        "loss",
        Scene("", (Panel(*axes, (curve,)),)),
        t.label("The training loss of every step", "每一步的训练损失"),
        t.say("What the tab Scalars shows of it.", "TensorBoard 的标量页上就是这条曲线。"),
    )


def _fitting() -> Code:
    return Code(
        "import keras\n\n"
        "class Steps(keras.callbacks.Callback):\n"
        "    step = 0\n\n"
        "    def on_train_batch_begin(self, batch, logs=None):\n"
        "        self.model.reset_metrics()\n\n"
        "    def on_train_batch_end(self, batch, logs=None):\n"
        '        log.scalars({"loss": logs["loss"]}, self.step)\n'
        "        self.step += 1\n\n"
        f'layer = keras.layers.Dense({hand.CLASSES}, "softmax", kernel_initializer="zeros")\n'
        f"model = keras.Sequential([keras.Input(({hand.SIDE**2},)), layer])\n"
        "model.compile(\n"
        f'    keras.optimizers.SGD({hand.RATE:g}), "sparse_categorical_crossentropy",\n'
        "    jit_compile=False,   # so small a model is not worth compiling\n"
        ")\n"
        "model.fit(\n"
        f"    images[:{hand.SEEN}].reshape(-1, {hand.SIDE**2}), labels[:{hand.SEEN}],\n"
        f"    batch_size={hand.BATCH}, epochs={hand.EPOCHS}, verbose=0, callbacks=[Steps()],\n"
        "    shuffle=False,       # so that you get the numbers of this lesson\n"
        ")"
    )


def _figures(t: Teller) -> Iterator[Block]:
    found = hand.trained()
    yield Heading(t.say("Any figure is an image", "任何图都可以放进去"))
    yield Paragraph(
        t.say(
            "What has it learned? Each class has a weight for each pixel, so the weights of a class are an image too: "
            "ink on blue pixels speaks for the class, ink on orange ones against it. The 0 does not want ink in its "
            "middle. Any Matplotlib figure becomes an image in the log:",
            "它学到了什么？每一类对每个像素都有一个权重，所以一类的权重也是一张图：墨落在蓝色像素上，就支持这一类；"
            "落在橙色像素上，就反对。数字 0 的中间不该有墨。任何 Matplotlib 图都可以作为图像写进日志：",
        )
    )
    names = [str(label) for label in range(hand.CLASSES)]
    yield t.picture(
        "weights",
        Scene("", (contact_sheets.signed(found.weights, names),)),
        t.label("The weights of the ten classes", "十个类别的权重"),
        t.say("Blue: weights above 0; orange: below.", "蓝色：大于 0 的权重；橙色：小于 0。"),
    )
    yield Code(
        "from matplotlib.figure import Figure\n\n"
        "figure = Figure(figsize=(8, 4))\n"
        "places = figure.subplots(2, 5).flat\n"
        "for place, weights in zip(places, model.get_weights()[0].T):\n"
        f'    place.imshow(weights.reshape({hand.SIDE}, {hand.SIDE}), cmap="RdBu")\n'
        '    place.axis("off")\n'
        'log.picture("weights", figure)\n'
        "log.close()"
    )
    kinds = {"scalar": t.say("scalar", "标量"), "image": t.say("image", "图像")}
    rows = tuple((tag, kinds[kind], str(count)) for (kind, tag), count in found.rows.items())
    yield Paragraph(t.say("We read the files back. This is in the folder now:", "把文件读回来，文件夹里现在有："))
    yield Table((t.say("tag", "标签名"), t.say("kind", "种类"), t.say("how many", "个数")), rows)


def _exercises(t: Teller) -> Iterator[Block]:
    found, run = hand.trained(), hand.told_apart()
    pixels, larger = hand.SIDE**2, LARGER**2
    edge = -run.params["b"] / run.params["a"]
    first = float(run.dataset["loss"].values[0, 0])
    yield from exercises(
        t,
        Exercise(
            t.say(
                f"All weights begin at 0. Why is the first loss {number(found.loss[0])}? And with two classes?",
                f"所有权重从 0 开始。为什么最初的损失是 {number(found.loss[0])}？如果只有两类呢？",
            ),
            t.say(
                f"All scores are 0, so each of the {hand.CLASSES} probabilities is 1/{hand.CLASSES}, and −ln "
                f"(1/{hand.CLASSES}) = ln {hand.CLASSES} = {number(np.log(hand.CLASSES))}. With two classes it is "
                f"ln 2 = {number(np.log(2))}; the descent that tells 0 from 1 begins at {number(first)}. A first "
                "loss far from that points at a mistake.",
                f"得分全是 0，所以 {hand.CLASSES} 个概率都是 1/{hand.CLASSES}，"
                f"−ln (1/{hand.CLASSES}) = ln {hand.CLASSES} = {number(np.log(hand.CLASSES))}。两类时是 "
                f"ln 2 = {number(np.log(2))}；分辨 0 和 1 的那次下降正是从 {number(first)} 开始的。"
                "最初的损失如果差得远，多半是哪里写错了。",
            ),
        ),
        Exercise(
            t.say(
                f"How many numbers does the classifier learn? How many with images of {LARGER} × {LARGER} pixels?",
                f"这个分类器要学多少个数？如果图像是 {LARGER} × {LARGER} 像素呢？",
            ),
            t.say(
                f"{pixels}·{hand.CLASSES} weights and {hand.CLASSES} biases: "
                f"{found.weights.size + hand.CLASSES}. With {larger} pixels it is "
                f"{larger * hand.CLASSES + hand.CLASSES}.",
                f"{pixels}·{hand.CLASSES} 个权重加 {hand.CLASSES} 个偏置：{found.weights.size + hand.CLASSES}。"
                f"有 {larger} 个像素时是 {larger * hand.CLASSES + hand.CLASSES}。",
            ),
        ),
        Exercise(
            t.say(
                "From which darkness of the middle on does the classifier of two parameters say 1?",
                "中间有多黑，那个两个参数的分类器就说是 1？",
            ),
            t.say(
                f"Where the probability passes one half: a*x + b = 0, so x = −b/a = {number(edge)}.",
                f"概率越过一半的地方：a*x + b = 0，所以 x = −b/a = {number(edge)}。",
            ),
        ),
    )


def _going_on(t: Teller) -> Iterator[Block]:
    yield Heading(t.say("Try next", "接下来试试"))
    yield Paragraph(
        t.say(
            "Bring a run of your own into the same folder, and compare:",
            "把你自己的一次下降也放进同一个文件夹，比较一下：",
        )
    )
    yield t.command("tensorboard", " --out tensorboard")
    yield Code(
        f'ravine descend "{hand.TELLING}" {logbook.CSV} \\\n'
        f"    --start {option(hand.START)} --loss {hand.LOSS} \\\n"
        f"    --learning-rate {10 * hand.TELLING_RATE:g} --steps {hand.TELLING_STEPS} --out tensorboard/mine\n"
        f"ravine tensorboard tensorboard/mine/run.nc \\\n    --logdir {logbook.LOGS} --port 6007",
        "shell",
    )
    yield Paragraph(
        t.say(
            "You have reached the end of this course: from the slope of one number to a classifier that you watch "
            "while it learns. Take any lesson's formula, change it, and watch what happens.",
            "这门课到这里结束：从一个数的导数，一直到一个边学边看的分类器。随便挑一课，把公式改一改，看看会发生什么。",
        )
    )


LESSON = Lesson("tensorboard", Text("TensorBoard: watch while it learns", "TensorBoard：边学边看"), _blocks)
