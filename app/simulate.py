"""`python -m app.simulate`, which is `sidan simulate`: the policy lab on the command line.

It is a process of its own, because planning brings the solver along, which the service shall not carry.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.console import done, err, fit_settings, out, refuse
from app.db import Database, create_engine
from app.domain.matching.score import Weights
from app.errors import AppError, Unavailable
from app.lab import board, calibration, chart, county, sensitivity
from app.lab.almanac import YEAR_DAYS
from app.lab.comparison import Run, Trial, written
from app.lab.habits import Habits
from app.lab.history import Past, past
from app.lab.lineup import POLICIES, POLICY_ZH, USUAL, chosen
from app.lab.office import FirstCome, WellInformed
from app.upkeep import require_migrated

QUICK: Final = {"teams": 400, "days": 30}
"""Ten townships for a month: all six policies in seconds."""

LINE: Final = ",".join(USUAL)


def simulate(
    orders: Annotated[int | None, typer.Option(help="订单数，默认按队伍数和天数推算 · orders placed")] = None,
    teams: Annotated[int | None, typer.Option(help="队伍数，默认1000 · teams")] = None,
    days: Annotated[int | None, typer.Option(help="天数，默认365 · days")] = None,
    seed: Annotated[int, typer.Option(min=0, help="种子，相同则结果相同 · seed")] = 1,
    policies: Annotated[str, typer.Option(help="政策，用逗号分隔 · policies")] = LINE,
    weights: Annotated[
        list[str] | None,
        typer.Option(help="试用的权重，如 distance=0.3，可多次 · weights to be tried, key=value"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="小县，几秒完成 · a small county")] = False,
    sensitive: Annotated[
        bool,
        typer.Option("--sensitivity", help="每个假设减半和加倍各跑一次 · each assumption halved and doubled"),
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="重新校准意愿参数 · find the willingness anew")
    ] = False,
    history: Annotated[
        str | None,
        typer.Option(help="用该中心自己的历史订单，填中心代码 · a center's own history, by its code"),
    ] = None,
    chart_file: Annotated[
        Path | None, typer.Option("--chart", help="写出图表（SVG） · write a chart")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="写出全部数字 · write all figures")] = None,
) -> None:
    """政策试验 · Replay a county-year, or a center's own past, under six ways of dispatching."""
    named = _named(policies)
    tried = _weights(weights or [])
    for file in (chart_file, json_file):
        if file is not None and not file.parent.is_dir():
            refuse(f"目录不存在：{file.parent}", "the folder does not exist")
    if history is not None:
        if orders is not None or teams is not None or quick or sensitive or calibrate:
            refuse(
                "--history 只能与 --days、--seed、--policies、--weights 和输出选项同用",
                "it brings its own county",
            )
        trial = _of_the_past(_read(history, days or YEAR_DAYS), seed, named, tried)
    else:
        trial = _of_the_seeds(orders, teams, days, seed, quick, named, tried)
    if calibrate:
        trial = _calibrated(trial)
    if sensitive:
        _sensitivity(trial)
        return
    runs = _run(trial)
    out.print(board.results(trial, runs))
    if chart_file is not None:
        chart_file.write_text(chart.drawn(trial, runs), encoding="utf-8")
        done(f"图表已写入 {chart_file}", "the chart is written")
    if json_file is not None:
        json_file.write_text(json.dumps(written(trial, runs), ensure_ascii=False, indent=2), encoding="utf-8")
        done(f"数字已写入 {json_file}", "the figures are written")


def _named(policies: str) -> tuple[str, ...]:
    try:
        named = chosen(policies)
    except ValueError as error:
        refuse(f"没有这种政策：{error}。可选：{','.join(POLICIES)}", "no such policy")
    return named or refuse(f"请至少选一种政策：{LINE}", "name at least one policy")


def _weights(given: Sequence[str]) -> Weights | None:
    """The weights in force by default, with those given laid over."""
    known = {one.name for one in fields(Weights)}
    changed: dict[str, float] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or name not in known:
            refuse(f"权重应写作 名称=数值，名称为 {'、'.join(sorted(known))}", f"not a weight: {one}")
        try:
            changed[name] = float(value)
        except ValueError:
            refuse(f"权重 {name} 的值不是数字：{value}", "the value of a weight is a number")
    try:
        return replace(Weights(), **changed) if changed else None
    except ValueError as error:
        refuse("权重须在0到1000之间，且不能全为零", str(error))


def _of_the_seeds(
    orders: int | None,
    teams: int | None,
    days: int | None,
    seed: int,
    quick: bool,
    named: tuple[str, ...],
    tried: Weights | None,
) -> Trial:
    """The county of the seeds, or as much of it as was asked for: 17.2 orders a team and year."""
    teams = teams if teams is not None else QUICK["teams"] if quick else county.TEAMS
    days = days if days is not None else QUICK["days"] if quick else YEAR_DAYS
    asked = orders if orders is not None else round(county.ORDERS * teams / county.TEAMS * days / YEAR_DAYS)
    try:
        land = county.generate(seed, asked, teams, days)
    except ValueError as error:
        refuse(
            f"订单数须为1至{county.MOST['orders']}，队伍数10至{county.MOST['teams']}，天数7至{YEAR_DAYS}",
            str(error),
        )
    return Trial(land, Habits(), seed, named, Weights(), tried)


def _of_the_past(found: Past, seed: int, named: tuple[str, ...], tried: Weights | None) -> Trial:
    return Trial(found.county, found.habits, seed, named, found.weights, tried, found.eager)


def _read(code: str, days: int) -> Past:
    settings = fit_settings()
    require_migrated(settings)

    async def read() -> Past:
        database = Database(create_engine(settings.database_url, keyring=settings.keyring))
        try:
            async with database.reading() as session:
                return await past(session, code, days)
        finally:
            await database.dispose()

    try:
        return asyncio.run(read())
    except Unavailable:
        refuse("数据库没有应答，请稍后再试", "the database does not answer, try again later")
    except AppError as error:
        refuse(error.detail or error.title, error.title_en)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=err
    )


def _run(trial: Trial) -> list[Run]:
    with _progress() as progress:
        tasks = {
            (policy, new): progress.add_task(
                start=False,
                description=POLICY_ZH[policy] + ("（新权重）" if new else ""),
                total=trial.county.demand.size,
            )
            for policy, new in trial.plays
        }

        def tell(policy: str, new: bool, orders: int) -> None:
            progress.start_task(tasks[policy, new])
            progress.advance(tasks[policy, new], orders)

        return list(trial.runs(tell))


def _sensitivity(trial: Trial) -> None:
    with _progress() as progress:
        task = progress.add_task("敏感性", total=len(sensitivity.changes()))

        def tell(name: str, factor: float) -> None:
            shown = (sensitivity.HABIT_ZH | sensitivity.COUNTY_ZH).get(name, "基准")
            progress.update(task, description=f"{shown} ×{factor:g}")

        found = []
        for row in sensitivity.rows(trial, tell):
            found.append(row)
            progress.advance(task)
    out.print(board.sensitivities(found))


def _calibrated(trial: Trial) -> Trial:
    """The same trial with people as willing as this very county needs to serve what 慈利 served.

    By the well informed office when that is compared and the other is not.
    """
    office = (
        WellInformed
        if {"first_come", "well_informed"} & set(trial.policies) == {"well_informed"}
        else FirstCome
    )
    try:
        with err.status("校准意愿参数 · calibrating"):
            willing, served = calibration.calibrated(trial.county, trial.habits, trial.seed, office=office)
    except ValueError as error:
        refuse("没有合适的意愿参数能得到目标服务率", str(error))
    done(f"意愿参数 {willing:.2f}，人工派单服务率 {served:.1%}", "calibrated")
    return replace(trial, habits=replace(trial.habits, willing=willing))


lab = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
lab.command()(simulate)


def main() -> None:
    lab(prog_name="sidan simulate")


if __name__ == "__main__":
    main()
