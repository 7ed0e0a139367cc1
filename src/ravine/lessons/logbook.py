"""Logbook: the part of the lesson `tensorboard` about what ravine logs by itself, and the server that shows it."""

from __future__ import annotations

from collections.abc import Iterator

from ravine.lessons import handwriting as hand
from ravine.lessons.lesson import Block, Code, Data, Heading, Paragraph, Table, Teller
from ravine.lessons.wording import literal, number, percent
from ravine.view import plots

CSV = "tensorboard/zero-or-one.csv"
LOGS = "tensorboard/logs"


def blocks(t: Teller) -> Iterator[Block]:
    """Yield ravine's own log, then host and port."""
    yield from _ravine(t)
    yield from _server(t)


def _ravine(t: Teller) -> Iterator[Block]:
    run = hand.told_apart()
    first, last = run.dataset["loss"].values[0, [0, -1]]
    yield Heading(t.say("What ravine logs by itself", "ravine 自己会记什么"))
    yield Paragraph(
        t.say(
            "With a formula it needs no callback class. A classifier of two parameters only tells 0 from 1 by x, "
            "how dark the middle of the image is: y = sigmoid(a*x + b) is the probability of a 1. The log is the "
            "callback, and writes loss and parameters while the descent goes on. Afterwards to_tensorboard adds "
            "gradients, pictures, a film, the report, the explanation of the first update, and the loss surface with "
            "the path on it as a mesh that you can turn; of a sweep or a race also the hyperparameters, side by side.",
            "用公式就不必自己写回调类。下面这个分类器只有两个参数，凭图像中间有多黑（x）来分辨 0 和 1："
            "y = sigmoid(a*x + b) 是“这是 1”的概率。日志本身就是回调，下降的同时写下损失和参数。结束后，"
            "to_tensorboard 再补上梯度、图、影片、报告、第一次更新的解释，以及带路径的损失曲面，可以转着看；"
            "如果是扫描或比赛，还有并排比较的超参数。",
        )
    )
    yield Data("zero-or-one", hand.middle())
    yield Code(
        "problem = rv.Problem(\n"
        f'    "{hand.TELLING}", "{CSV}",\n'
        f'    loss="{hand.LOSS}",\n'
        ")\n"
        'with rv.TensorBoardLog(folder / "live") as live:\n'
        "    run = rv.descend(\n"
        f"        problem, {literal(hand.START)}, learning_rate={hand.TELLING_RATE:g},\n"
        f"        steps={hand.TELLING_STEPS}, callback=live,\n"
        "    )\n"
        'rv.to_tensorboard(run, folder / "zero-or-one")'
    )
    yield Paragraph(
        t.say(
            f"In {hand.TELLING_STEPS} steps with learning rate {number(hand.TELLING_RATE)} the loss falls from "
            f"{number(first)} to {number(last)}, and {percent(hand.told_rightly(run))} of the "
            f"{len(hand.middle()['x'])} zeros and ones are told rightly, by a single number of each.",
            f"学习率 {number(hand.TELLING_RATE)}，走 {hand.TELLING_STEPS} 步，损失从 {number(first)} 降到 "
            f"{number(last)}；{len(hand.middle()['x'])} 个 0 和 1 里认对了 {percent(hand.told_rightly(run))}，"
            "每张图只看了一个数。",
        )
    )
    yield t.picture(
        "surface",
        plots.descent(run),
        t.label("0 or 1? The way down in two parameters", "是 0 还是 1？两个参数的下降之路"),
        t.say("The surface that the tab Mesh shows.", "TensorBoard 的网格页上就是这个曲面。"),
    )


def _server(t: Teller) -> Iterator[Block]:
    yield Heading(t.say("The server: host and port", "服务器：主机和端口"))
    yield Paragraph(
        t.say(
            "Now start TensorBoard over the folder with all trainings, and open the address that it says. The "
            "round arrow at its top reads the files again, so leave it open while you train.",
            "现在让 TensorBoard 打开放着所有训练的文件夹，再到浏览器里打开它给出的地址。"
            "点右上角的圆箭头会重新读取文件，训练时就让它开着。",
        )
    )
    yield Code(f"ravine tensorboard --logdir {LOGS}", "shell")
    rows = (
        ("--host 127.0.0.1", t.say("this machine only (the default)", "只有本机能看（默认）")),
        ("--host 0.0.0.0", t.say("all of your network; there is no password", "同一网络里人人能看，而且没有密码")),
        ("--port 6007", t.say("another port, for a second server beside the first", "换一个端口，可以同时开第二个")),
        ("--port 0", t.say("any free port; the address says which", "任选空闲端口，地址里会写明")),
    )  # fmt: skip
    yield Table((t.say("option", "选项"), t.say("what it does", "作用")), rows)
    yield Paragraph(
        t.say(
            "Host is the address that the server listens on, port the number of the door. If the port is taken, "
            "ravine says so and names the next free one. On a machine far away keep the default host and let ssh "
            "bring the port to you: ssh -L 6006:127.0.0.1:6006 and the machine's name.",
            "主机是服务器监听的地址，端口好比门牌号。端口被占用时，ravine 会说明，并告诉你下一个空闲的。"
            "如果在远处的机器上训练，主机保持默认，用 ssh 把端口接过来：ssh -L 6006:127.0.0.1:6006 再加上机器名。",
        )
    )
