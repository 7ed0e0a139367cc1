"""Sentences: what findings and remarks say, in English and in Chinese."""

from __future__ import annotations

#: By code and kind: what happened and what to do, in English, then in Chinese. Names in braces are evidence.
SENTENCES: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("learning-rate-too-large", "linear"): (
        "Learning rate {learning_rate} is above the edge {edge_formula} = {edge}, where λ = {curvature} is the largest "
        "curvature: each step overshoots by more than the one before.",
        "Take learning rate {works}, half the edge.",
        "学习率 {learning_rate} 超过了界限 {edge_formula} = {edge}（最大曲率 λ = {curvature}）："
        "每一步都比上一步冲得更远。",
        "把学习率取为 {works}，即界限的一半。",
    ),
    ("learning-rate-too-large", "jumping"): (
        "At learning rate {learning_rate} the parameters jump to and fro across a minimum: the loss is {loss}, "
        "{floor} lies between the jumps.",
        "Take learning rate {works}, a tenth, or let it decay with a schedule.",
        "学习率 {learning_rate} 下，参数在极小点两侧来回跳：损失是 {loss}，而两次跳跃之间就有 {floor}。",
        "把学习率取为 {works}（十分之一），或者用逐步减小的学习率。",
    ),
    ("learning-rate-too-large", "growing"): (
        "At learning rate {learning_rate} the loss grew from {loss_start} to {loss_end}: the steps overshoot.",
        "Take learning rate {works}, a tenth.",
        "学习率 {learning_rate} 下，损失从 {loss_start} 涨到 {loss_end}：步子迈得太大。",
        "把学习率取为 {works}（十分之一）。",
    ),
    ("learning-rate-at-edge", "exact"): (
        "Learning rate {learning_rate} sits at the edge {edge_formula} = {edge}, where λ = {curvature} is the largest "
        "curvature: the parameters jump to and fro forever.",
        "Take learning rate {works}, half the edge.",
        "学习率 {learning_rate} 正好在界限 {edge_formula} = {edge} 上（最大曲率 λ = {curvature}）：参数永远来回跳。",
        "把学习率取为 {works}，即界限的一半。",
    ),
    ("learning-rate-at-edge", "near"): (
        "Learning rate {learning_rate} sits just below the edge {edge_formula} = {edge}, where λ = {curvature} is the "
        "largest curvature: the parameters jump to and fro and hardly calm down.",
        "Take learning rate {works}, half the edge.",
        "学习率 {learning_rate} 略低于界限 {edge_formula} = {edge}（最大曲率 λ = {curvature}）："
        "参数来回跳，很难平静下来。",
        "把学习率取为 {works}，即界限的一半。",
    ),
    ("learning-rate-too-small", "linear"): (
        "Learning rate {learning_rate} is small: along {slowest_direction} a step leaves {factor} of the distance, so "
        "that after {steps} steps about {more_steps} more are needed.",
        "Take learning rate {works}, half the edge {edge}: about {works_steps} steps.",
        "学习率 {learning_rate} 太小：沿 {slowest_direction} 方向每一步之后距离还剩 {factor} 倍，"
        "走了 {steps} 步之后大约还要 {more_steps} 步。",
        "把学习率取为 {works}（界限 {edge} 的一半）：大约 {works_steps} 步。",
    ),
    ("learning-rate-too-small", "pace"): (
        "Learning rate {learning_rate} is small: at the pace of its last steps, {speed} each, about {more_steps} more "
        "are needed after {steps}.",
        "Take learning rate {works}.",
        "学习率 {learning_rate} 太小：按最后几步的步速（每步 {speed}），走了 {steps} 步之后大约还要 {more_steps} 步。",
        "把学习率取为 {works}。",
    ),
    ("ill-conditioned", "turned"): (
        "The valley is narrow: its condition number is {condition} (curvature {curvature} across, {slowest_curvature} "
        "along {slowest_direction}), so that even the best rate of this method needs about {works_steps} more steps.",
        "Take Adam or a method that knows curvature, such as bfgs, or momentum.",
        "山谷太窄：条件数是 {condition}（横向曲率 {curvature}，沿 {slowest_direction} 方向只有 {slowest_curvature}），"
        "这种方法即使用最好的学习率也大约还要 {works_steps} 步。",
        "改用 Adam、会利用曲率的方法（例如 bfgs）或动量。",
    ),
    ("ill-conditioned", "scales"): (
        "The valley is narrow: its condition number is {condition} (curvature {curvature} across, {slowest_curvature} "
        "along {slowest_direction}), so that even the best rate of this method needs about {works_steps} more steps.",
        "Scale the columns or parameters so that the curvatures are alike (units {units}): the condition number falls "
        "to {scaled_condition}. Or take Adam, momentum or bfgs.",
        "山谷太窄：条件数是 {condition}（横向曲率 {curvature}，沿 {slowest_direction} 方向只有 {slowest_curvature}），"
        "这种方法即使用最好的学习率也大约还要 {works_steps} 步。",
        "缩放各列或各参数，使曲率相近（单位取 {units}）：条件数会降到 {scaled_condition}。或者改用 Adam、动量或 bfgs。",
    ),
    ("ill-conditioned", "offset"): (
        "The valley is narrow: its condition number is {condition} (curvature {curvature} across, {slowest_curvature} "
        "along {slowest_direction}), so that even the best rate of this method needs about {works_steps} more steps.",
        "Center the columns: subtract {offsets}. Or take a method that knows curvature, such as bfgs.",
        "山谷太窄：条件数是 {condition}（横向曲率 {curvature}，沿 {slowest_direction} 方向只有 {slowest_curvature}），"
        "这种方法即使用最好的学习率也大约还要 {works_steps} 步。",
        "把各列移到 0 附近：减去 {offsets}。或者改用会利用曲率的方法，例如 bfgs。",
    ),
    ("ill-conditioned", "adaptive"): (
        "The valley is narrow: its condition number is {condition} (curvature {curvature} across, {slowest_curvature} "
        "along {slowest_direction}); most of each step goes to and fro across it, and about {more_steps} more are "
        "needed.",
        "Take a method that knows curvature, such as bfgs, or change the parameters so that the valley is rounder.",
        "山谷太窄：条件数是 {condition}（横向曲率 {curvature}，沿 {slowest_direction} 方向只有 {slowest_curvature}）；"
        "每一步大多花在横向来回上，大约还要 {more_steps} 步。",
        "改用会利用曲率的方法（例如 bfgs），或者换一种参数写法，让山谷圆一些。",
    ),
    ("noise-floor", "batches"): (
        "The loss no longer falls: the noise of batches of {batch_size} keeps it at {level} on average, {excess} above "
        "the minimum {floor}; the gradient's noise is {gradient_noise}.",
        "Take learning rate {works} or batches of {works_batch}, or let the rate decay.",
        "损失不再下降：每批 {batch_size} 个点带来的噪声使它平均停在 {level}，比极小值 {floor} 高 {excess}；"
        "梯度的噪声是 {gradient_noise}。",
        "把学习率取为 {works}，或每批取 {works_batch} 个点，或者让学习率逐步减小。",
    ),
    ("flat", "flat"): (
        "There is no slope to follow at {place}: the gradient is {gradient}, yet it is no minimum, for the loss is "
        "{loss} here and {better} at {better_place}. Without effect here: {names}.",
        "Start elsewhere, such as at {better_place}.",
        "在 {place} 处没有坡度可循：梯度只有 {gradient}，但这里并不是极小点，损失是 {loss}，"
        "而在 {better_place} 处是 {better}。在这里不起作用的参数：{names}。",
        "换一个起点，例如 {better_place}。",
    ),
    ("saddle", "saddle"): (
        "It rests on a saddle at {place}: the gradient is {gradient}, but the curvature along {direction} is "
        "{negative_curvature}, below 0.",
        "Start a little aside, such as at {aside}: from there the loss falls from {loss} to {better}.",
        "它停在 {place} 的鞍点上：梯度只有 {gradient}，但沿 {direction} 方向的曲率是 {negative_curvature}，小于 0。",
        "从旁边一点出发，例如 {aside}：从那里损失会从 {loss} 降到 {better}。",
    ),
    ("local-minimum", "search"): (
        "It came to rest in a local minimum with loss {loss} at {place}; a search knows a better one, {better}.",
        "Start near {better_place}, or from many starts.",
        "它停在局部极小点 {place}，损失 {loss}；搜索找到了更好的，损失 {better}。",
        "从 {better_place} 附近出发，或者从许多起点出发。",
    ),
    ("local-minimum", "surface"): (
        "It came to rest in a local minimum with loss {loss} at {place}; the surface shows a better one, {better}.",
        "Start near {better_place}, or from many starts.",
        "它停在局部极小点 {place}，损失 {loss}；损失曲面上有更好的，损失 {better}。",
        "从 {better_place} 附近出发，或者从许多起点出发。",
    ),
    ("local-minimum", "start"): (
        "It came to rest in a local minimum with loss {loss} at {place}; start {better_start} leads to a better one, "
        "{better}.",
        "Keep start {better_start}, which leads to {better_place}.",
        "它停在局部极小点 {place}，损失 {loss}；起点 {better_start} 通向更好的，损失 {better}。",
        "用起点 {better_start}，它通向 {better_place}。",
    ),
    ("at-bound", "bound"): (
        "'{name}' stands at its bound {bound}, and the loss would fall on beyond it (slope {gradient}): to {better} at "
        "{name} = {beyond}.",
        "Widen the bound of '{name}' to hold {beyond}, unless it is meant.",
        "'{name}' 停在它的界限 {bound} 上，而越过界限损失还会下降（坡度 {gradient}）："
        "在 {name} = {beyond} 处降到 {better}。",
        "如果不是有意如此，就放宽 '{name}' 的界限，使它包含 {beyond}。",
    ),
    ("no-effect", "one"): (
        "'{names}' has no effect: at all {places} places that were looked at the loss has no slope along it.",
        "Leave '{names}' out, or fix it.",
        "'{names}' 不起作用：在查看过的 {places} 个地方，损失沿它都没有坡度。",
        "去掉 '{names}'，或者把它固定。",
    ),
    ("no-effect", "several"): (
        "{names} have no effect: at all {places} places that were looked at the loss has no slope along them.",
        "Leave {names} out, or fix them.",
        "{names} 都不起作用：在查看过的 {places} 个地方，损失沿它们都没有坡度。",
        "去掉 {names}，或者把它们固定。",
    ),
    ("indistinguishable", "tied"): (
        "Only a combination of {names} matters: the loss is {loss} at {place} and the same at {other_place}.",
        "Fix one of them, such as {fixed} = {value}.",
        "{names} 只有合起来才起作用：在 {place} 处损失是 {loss}，在 {other_place} 处也一样。",
        "固定其中一个，例如 {fixed} = {value}。",
    ),
    ("overflow", "operation"): (
        "At step {step} {operation} stopped being a finite number: {with_values} is {value} in {dtype}{in_row}.",
        "Begin or stay where it is finite: another start, bounds, or a smaller learning rate.",
        "第 {step} 步，{operation} 不再是有限的数：{with_values} 在 {dtype} 里是 {value}{in_row}。",
        "让它保持有限：换一个起点，加上界限，或者用更小的学习率。",
    ),
    ("overflow", "slope"): (
        "At step {step} the slope of {operation} stopped being finite: {with_values} has no finite derivative{in_row}.",
        "Keep away from there: another start, or bounds.",
        "第 {step} 步，{operation} 的坡度不再有限：{with_values} 处没有有限的导数{in_row}。",
        "避开那里：换一个起点，或者加上界限。",
    ),
    ("overflow", "loss"): (
        "At step {step} the loss {operation} overflowed: the predictions are finite, but too far off at {params}.",
        "Take another start, bounds, a smaller learning rate, or dtype float64.",
        "第 {step} 步，损失 {operation} 溢出：预测值有限，但在 {params} 处偏差太大。",
        "换一个起点，加上界限，用更小的学习率，或者用 float64。",
    ),
    ("overflow", "update"): (
        "At step {step} the update itself left the numbers: {names} became NaN or infinite.",
        "Take a smaller learning rate, or another start.",
        "第 {step} 步，更新本身超出了数的范围：{names} 变成了 NaN 或无穷大。",
        "用更小的学习率，或者换一个起点。",
    ),
    ("overflow", "opaque"): (
        "At step {step} the loss or its gradient stopped being finite at {params}; of a Python function nobody can say "
        "which operation it was.",
        "Begin or stay where it is finite: another start, bounds, or a smaller learning rate.",
        "第 {step} 步，损失或梯度在 {params} 处不再有限；对 Python 函数无法说出是哪个运算。",
        "让它保持有限：换一个起点，加上界限，或者用更小的学习率。",
    ),
    ("overflow", "unknown"): (
        "At step {step} the loss or its gradient stopped being finite at {params}: numbers were too large or too small "
        "together, none of the operations alone.",
        "Take dtype float64, another start, or bounds.",
        "第 {step} 步，损失或梯度在 {params} 处不再有限：不是某一个运算，而是数字合起来太大或太小。",
        "用 float64，换一个起点，或者加上界限。",
    ),
}

#: What is no fault, or could not be checked.
REMARKS: dict[str, tuple[str, str]] = {
    "no-callable": (
        "The model is a Python function, which a file can't hold: only the record was looked at, no curvature.",
        "模型是 Python 函数，文件里存不下：只查看了记录，没有计算曲率。",
    ),
    "too-wide": (
        "{params} parameters are too many for second derivatives: rates and places were not checked.",
        "{params} 个参数太多，没有计算二阶导数：没有检查学习率和停下的地方。",
    ),
    "opaque-overflow": (
        "The model is a Python function: its operations can't be looked into.",
        "模型是 Python 函数：无法查看其中的运算。",
    ),
    "own-steps": (
        "SciPy's {method} chooses its own steps: there is no learning rate to be checked.",
        "SciPy 的 {method} 自己选择步长：没有学习率可检查。",
    ),
    "still-falling": (
        "{which}still on the way down when the steps were used up: give more steps.",
        "{which}步数用完时还在下降：多给一些步数。",
    ),
    "no-floor": (
        "{which}the loss fell without end: there is no minimum that way. Give bounds.",
        "{which}损失一直下降，没有尽头：那个方向没有极小点。加上界限。",
    ),
    "stop-rule": (
        "{which}stopped at once, since no slope exceeds the stop rule, although there is a way to go: give a "
        "smaller one.",
        "{which}还没走就停了，因为所有坡度都小于停止规则：把它取小一些。",
    ),
    "represented": (
        "Of {starts} starts {looked_at} were looked at; they stand for the {alike} that ended like them.",
        "{starts} 个起点中查看了 {looked_at} 个；它们代表结局相同的 {alike} 个。",
    ),
}
